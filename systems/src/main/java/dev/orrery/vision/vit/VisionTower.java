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
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Optional;

/// The picture half of CLIP or SigLIP: `(B, 3, H, W)` to tokens `(B, L, D)` and, where there is a
/// head, one vector a picture.
///
/// CLIP puts a class token first and a norm before the layers; SigLIP has neither, a bias in its
/// patches, and pools by attention from a learned probe. Names are those of the public checkpoints
/// below `vision_model`.
public final class VisionTower extends Module {

    private final Size size;
    private final Patches patches;
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
    public record Size(VitConfig layers, int image, int patch, Kind kind, boolean pooled) {

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
        patches =
                child(
                        "embeddings.patch_embedding",
                        new Patches(3, width, size.patch(), !clip, seed.split("patches")));
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

    /// @param images `(B, 3, side, side)`
    public Seen forward(Tensor images, Trace trace) {
        var x = patches.forward(images);
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
            x = Tensor.cat(java.util.List.of(first, x), 1);
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
            long batch = tokens.size(0), width = config.width();
            var query = probe.expand(batch, 1, width);
            var pooled = attention.forward(query, tokens, Visibility.full());
            var hidden = config.activation().forward(fc1.forward(norm.forward(pooled)));
            return pooled.add(fc2.forward(hidden)).select(1, 0);
        }
    }
}
