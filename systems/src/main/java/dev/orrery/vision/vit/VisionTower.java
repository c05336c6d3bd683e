package dev.orrery.vision.vit;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Trace;
import dev.orrery.nn.Activation;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.PackedAttention;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The picture half of CLIP or SigLIP: `(B, 3, H, W)` to tokens `(B, L, D)` and, where there is a
/// head, one vector a picture.
///
/// CLIP puts a class token first and a norm before the layers; SigLIP has neither, a bias in its
/// patches, and pools by attention from a learned probe. SigLIP 2 has a form that takes pictures of
/// any aspect, already cut into patches ([Cut]). Names are those of the public checkpoints below
/// `vision_model`.
public final class VisionTower extends Module {

    private final Size size;
    private final Optional<Patches> patches;
    private final Optional<Linear> pieces;
    private final Embedding positions;
    private final Optional<Tensor> classToken;
    private final Optional<LayerNorm> before;
    private final VitEncoder encoder;
    private final LayerNorm last;
    private final Optional<Probe> head;

    /// @param layers the transformer
    /// @param image pixels of a picture's side
    /// @param patch pixels of a patch's side
    /// @param kind whose
    /// @param pooled whether SigLIP's head is there (PaliGemma's tower has none)
    /// @param cut whether pictures come cut into patches; `image` is then the side of the picture
    ///   that the table of positions is of
    public record Size(
            VitConfig layers, int image, int patch, Kind kind, boolean pooled, boolean cut) {

        /// Of whole pictures.
        public Size(VitConfig layers, int image, int patch, Kind kind, boolean pooled) {
            this(layers, image, patch, kind, pooled, false);
        }

        /// Tokens of a picture, the class token left out.
        public int tokens() {
            return (image / patch) * (image / patch);
        }

        /// Reads a `vision_config`.
        public static Size read(PublicConfig c, Kind kind) {
            boolean clip = kind == Kind.CLIP;
            return new Size(
                    VitConfig.read(c, kind.usual(768, 12, 3072)),
                    c.integer("image_size", 224),
                    c.integer("patch_size", clip ? 32 : 16),
                    kind,
                    !clip && c.flag("vision_use_head", true));
        }

        /// Reads a `vision_config` of the form of SigLIP 2 that takes pictures of any aspect.
        static Size readCut(PublicConfig c) {
            int patch = c.integer("patch_size", 16), patches = c.integer("num_patches", 256);
            int side = (int) Math.round(Math.sqrt(patches));
            if (side * side != patches) {
                throw c.wrong("num_patches", "is %d; positions are a square".formatted(patches));
            }
            return new Size(
                    VitConfig.read(c, Kind.SIGLIP.usual(768, 12, 3072)),
                    side * patch,
                    patch,
                    Kind.SIGLIP,
                    c.flag("vision_use_head", true),
                    true);
        }

        int side() {
            return image / patch;
        }
    }

    /// Which family.
    public enum Kind {
        CLIP,
        SIGLIP;

        /// What a tower of the family is where its configuration says nothing.
        VitConfig usual(int width, int heads, int mlp) {
            return this == CLIP
                    ? new VitConfig(width, 12, heads, mlp, Activation.QUICK_GELU, 1e-5)
                    : new VitConfig(width, 12, heads, mlp, Activation.GELU_TANH, 1e-6);
        }
    }

    public VisionTower(Size size, Seed seed) {
        this.size = size;
        var config = size.layers();
        int width = config.width();
        boolean clip = size.kind() == Kind.CLIP;
        classToken =
                clip
                        ? Optional.of(
                                parameter(
                                        "embeddings.class_embedding",
                                        Init.normal(0.02),
                                        seed,
                                        width))
                        : Optional.empty();
        var name = "embeddings.patch_embedding";
        var own = seed.split("patches");
        long values = 3L * size.patch() * size.patch();
        patches =
                size.cut()
                        ? Optional.empty()
                        : Optional.of(child(name, new Patches(3, width, size.patch(), !clip, own)));
        pieces =
                size.cut()
                        ? Optional.of(child(name, new Linear(values, width, own)))
                        : Optional.empty();
        positions =
                child(
                        "embeddings.position_embedding",
                        new Embedding(
                                size.tokens() + (clip ? 1 : 0),
                                width,
                                0.02,
                                seed.split("positions")));
        before =
                clip
                        ? Optional.of(child("pre_layrnorm", new LayerNorm(width, config.epsilon())))
                        : Optional.empty();
        encoder = child("encoder", new VitEncoder(config, seed.split("encoder")));
        last = child("post_layernorm", new LayerNorm(width, config.epsilon()));
        head =
                size.pooled()
                        ? Optional.of(child("head", new Probe(config, seed.split("head"))))
                        : Optional.empty();
    }

    /// What it is made of.
    public Size size() {
        return size;
    }

    /// What a tower makes of pictures.
    ///
    /// @param tokens `(B, L, D)`; SigLIP's are normalised, CLIP's are not
    /// @param pooled `(B, D)`: CLIP's class token normalised, SigLIP's head; of a SigLIP tower
    ///   without a head the first token
    public record Seen(Tensor tokens, Tensor pooled) {}

    /// Pictures of any aspect, cut into patches.
    ///
    /// @param patches `(B, S, values of a patch)`, channels last, padded at the end
    /// @param there `(B, S)`, zero at padding
    /// @param shapes rows and columns of each picture, I64 `(B, 2)`
    public record Cut(Tensor patches, Tensor there, Tensor shapes) {}

    /// What a tower of SigLIP 2 makes of pictures of any aspect.
    ///
    /// @throws IllegalStateException if the tower takes whole pictures
    public Seen forward(Cut cut, Trace trace) {
        var first =
                pieces.orElseThrow(() ->
                        new IllegalStateException(
                                "vision: this tower takes whole pictures, not patches"));
        var x = first.forward(cut.patches()).add(places(cut));
        var seen = Visibility.unpadded(cut.there());
        var normal = last.forward(encoder.forward(x, seen, trace));
        return new Seen(
                normal,
                head.map(h -> h.forward(normal, seen)).orElseGet(() -> normal.select(1, 0)));
    }

    /// The table resized to each picture; padding stands where the first patch does.
    private Tensor places(Cut cut) {
        long side = size.side(), width = size.layers().width(), most = cut.patches().size(1);
        var grid = positions.weight().view(1, side, side, width).permute(0, 3, 1, 2);
        long[] shapes = cut.shapes().toLongs();
        var rows = new ArrayList<Tensor>();
        for (int i = 0; i < shapes.length; i += 2) {
            long high = shapes[i], wide = shapes[i + 1], rest = most - high * wide;
            if (high < 1 || wide < 1 || rest < 0) {
                throw new IllegalArgumentException(
                        "vision: a picture of %d x %d patches among rows of %d; give as many as the largest has"
                                .formatted(high, wide, most));
            }
            var own =
                    Functional.interpolateBilinearSmooth(grid, high, wide)
                            .flatten(2, 3)
                            .transpose(1, 2);
            var padding = own.narrow(1, 0, 1).expand(1, rest, width);
            rows.add(rest > 0 ? Tensor.cat(List.of(own, padding), 1) : own);
        }
        return Tensor.cat(rows, 0);
    }

    /// @param images `(B, 3, side, side)`
    public Seen forward(Tensor images, Trace trace) {
        var x =
                patches.orElseThrow(() ->
                                new IllegalStateException(
                                        "vision: this tower takes patches, not whole pictures"))
                        .forward(images);
        if (x.size(1) != size.tokens()) {
            throw new IllegalArgumentException(
                    "pictures of %d x %d pixels give %d patches, the position table has %d; resize them to %d"
                            .formatted(
                                    images.size(2),
                                    images.size(3),
                                    x.size(1),
                                    size.tokens(),
                                    size.image()));
        }
        long batch = x.size(0), width = x.size(2);
        if (classToken.isPresent()) {
            var first = classToken.get().view(1, 1, width).expand(batch, 1, width);
            x = Tensor.cat(List.of(first, x), 1);
        }
        x = x.add(positions.weight());
        if (before.isPresent()) x = before.get().forward(x);
        var hidden = encoder.forward(x, Visibility.full(), trace);
        if (size.kind() == Kind.CLIP) {
            return new Seen(hidden, last.forward(hidden.select(1, 0)));
        }
        var normal = last.forward(hidden);
        return new Seen(
                normal, head.map(h -> h.forward(normal)).orElseGet(() -> normal.select(1, 0)));
    }

    /// SigLIP's head: a learned query attends to all tokens, then a feed-forward layer.
    private static final class Probe extends Module {
        private final VitConfig config;
        private final Tensor probe;
        private final PackedAttention attention;
        private final Linear fc1, fc2;
        private final LayerNorm norm;

        Probe(VitConfig config, Seed seed) {
            this.config = config;
            int width = config.width();
            probe = parameter("probe", Init.normal(0.02), seed, 1, 1, width);
            attention =
                    child(
                            "attention",
                            new PackedAttention(
                                    width, config.heads(), Init.fanIn(), seed.split("attention")));
            norm = child("layernorm", new LayerNorm(width, config.epsilon()));
            fc1 = child("mlp.fc1", new Linear(width, config.mlp(), seed.split("fc1")));
            fc2 = child("mlp.fc2", new Linear(config.mlp(), width, seed.split("fc2")));
        }

        Tensor forward(Tensor tokens) {
            return forward(tokens, Visibility.full());
        }

        Tensor forward(Tensor tokens, Visibility seen) {
            long batch = tokens.size(0), width = config.width();
            var query = probe.expand(batch, 1, width);
            var pooled = attention.forward(query, tokens, seen);
            var hidden = config.activation().forward(fc1.forward(norm.forward(pooled)));
            return pooled.add(fc2.forward(hidden)).select(1, 0);
        }
    }
}
