package dev.orrery.vision.vit;

import dev.orrery.nn.Attention;
import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.GridPositions;
import dev.orrery.vision.StemLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A vision transformer in timm's layout, as the Prismatic models mount two: DINOv2 with registers
/// and SigLIP.
///
/// Names: `cls_token`, `reg_token`, `patch_embed.proj`, `pos_embed` (patches only),
/// `blocks.{i}.{norm1,attn.{qkv,proj},ls1,norm2,mlp.{fc1,fc2},ls2}`, `norm`, `attn_pool`.
public final class TimmVit extends Module {

    private final Config config;
    private final Tensor positions;
    private final Optional<Tensor> classToken, registers;
    private final List<StemLayer> stem;
    private final Patches patches;
    private final List<TimmBlock> blocks = new ArrayList<>();
    private final LayerNorm last;
    private final Optional<Pool> pool;

    /// @param layers the transformer
    /// @param input the pictures
    /// @param registers register tokens behind the class token; -1 for no class token either, and
    ///   SigLIP's pooling instead
    /// @param scale the name of a layer scale, `gamma` in timm and `scale_factor` in OpenVLA; empty
    ///   for none
    /// @param form what else differs
    public record Config(VitConfig layers, Input input, int registers, String scale, Form form) {

        /// As the Prismatic models mount them.
        public Config(VitConfig layers, Input input, int registers, String scale) {
            this(layers, input, registers, scale, Form.USUAL);
        }

        /// DINOv2 with registers.
        public static Config dino(
                VitConfig layers, int image, int patch, int registers, String scale) {
            return new Config(layers, Input.of(image, patch), registers, scale);
        }

        /// SigLIP.
        public static Config siglip(VitConfig layers, int image, int patch) {
            return new Config(layers, Input.of(image, patch), -1, "");
        }

        boolean classified() {
            return registers >= 0;
        }
    }

    /// What differs between towers of one layout.
    ///
    /// @param biased whether queries, keys and values have biases
    /// @param gated feed-forward layers with a gate (giant, with SiLU); the hidden channels are
    ///   those behind it
    /// @param placed how many tokens before the patches have a row in the table of positions: none,
    ///   or the class token where there are no registers
    public record Form(boolean biased, boolean gated, int placed) {

        /// Biases, no gate, patches placed only.
        public static final Form USUAL = new Form(true, false, 0);
    }

    /// What a tower looks at.
    ///
    /// @param images pixels of a picture's side, camera by camera
    /// @param patch pixels of a patch's side
    /// @param stem channels of [StemLayer]s before the patches; empty in the published towers. With
    ///   a stem, positions start as sines and cosines of row and column
    public record Input(List<Integer> images, int patch, List<Integer> stem) {

        public Input {
            images = List.copyOf(images);
            stem = List.copyOf(stem);
            if (images.isEmpty() || images.stream().anyMatch(side -> side < patch)) {
                throw new IllegalArgumentException(
                        "vision: pictures of %s pixels in patches of %d; name sizes of at least one patch"
                                .formatted(images, patch));
            }
            if (patch < 1 || patch % (1 << stem.size()) != 0) {
                throw new IllegalArgumentException(
                        "vision: a stem of %d layers needs a patch that is a multiple of %d, got %d"
                                .formatted(stem.size(), 1 << stem.size(), patch));
            }
            for (int channels : stem) StemLayer.requireGroups(channels);
        }

        /// One camera, no stem.
        public static Input of(int image, int patch) {
            return new Input(List.of(image), patch, List.of());
        }

        private List<Integer> sides() {
            return images.stream().map(side -> side / patch).toList();
        }

        /// Tokens of one camera's picture.
        public int tokens(int camera) {
            return sides().get(camera) * sides().get(camera);
        }

        /// Tokens of one picture of every camera.
        public int tokens() {
            return first(images.size());
        }

        /// The first row of a camera in the table of positions.
        int first(int camera) {
            return sides().subList(0, camera).stream().mapToInt(side -> side * side).sum();
        }
    }

    /// What is done to the hidden states `(B, L, D)` of block `i` between its attention and its
    /// feed-forward layer, as where words modulate what is seen.
    @FunctionalInterface
    public interface Film {
        Tensor apply(int i, Tensor hidden);

        /// Nothing.
        static Film none() {
            return (_, hidden) -> hidden;
        }
    }

    public TimmVit(Config config, Seed seed) {
        this.config = config;
        int width = config.layers().width();
        classToken =
                config.classified()
                        ? Optional.of(parameter("cls_token", Init.normal(0.02), seed, 1, 1, width))
                        : Optional.empty();
        registers =
                config.registers() > 0
                        ? Optional.of(
                                parameter(
                                        "reg_token",
                                        Init.normal(0.02),
                                        seed,
                                        1,
                                        config.registers(),
                                        width))
                        : Optional.empty();
        var input = config.input();
        Init start =
                input.stem().isEmpty()
                        ? Init.normal(0.02)
                        : (_, _) -> GridPositions.of(width, input.sides()).unsqueeze(0);
        int placed = config.form().placed();
        positions = parameter("pos_embed", start, seed, 1, placed + input.tokens(), width);
        stem =
                StemLayer.of(
                        "patch_embed.stem.",
                        input.stem(),
                        (name, first, shape) -> parameter(name, first, seed, shape));
        int channels = input.stem().isEmpty() ? 3 : input.stem().getLast();
        int kernel = input.patch() >> stem.size();
        patches =
                child(
                        "patch_embed.proj",
                        new Patches(channels, width, kernel, true, seed.split("patches")));
        for (int i = 0; i < config.layers().depth(); i++) {
            blocks.add(
                    child(
                            "blocks." + i,
                            new TimmBlock(
                                    config.layers(),
                                    config.scale(),
                                    new TimmBlock.Form(
                                            config.form().biased(), config.form().gated()),
                                    seed.split(i))));
        }
        last = child("norm", new LayerNorm(width, config.layers().epsilon()));
        pool =
                config.classified()
                        ? Optional.empty()
                        : Optional.of(
                                child("attn_pool", new Pool(config.layers(), seed.split("pool"))));
    }

    /// What it is made of.
    public Config config() {
        return config;
    }

    /// What a picture gives.
    ///
    /// @param penultimate patch tokens of the last block but one, not normalised: `(B, S, D)`
    /// @param tokens all tokens of the last block, normalised
    public record Seen(Tensor penultimate, Tensor tokens) {}

    /// @param images `(B, 3, side, side)` of the first camera
    public Seen forward(Tensor images) {
        return forward(images, 0);
    }

    /// @param images `(B, 3, side, side)`
    /// @param camera which camera's, for its positions
    public Seen forward(Tensor images, int camera) {
        var x = allButLast(images, camera, Film.none());
        return new Seen(
                patchesOf(x), last.forward(blocks.getLast().forward(x, UnaryOperator.identity())));
    }

    /// Only what Prismatic models read: the last block is not run.
    public Tensor penultimate(Tensor images) {
        return penultimate(images, 0, Film.none());
    }

    /// As above, for one of several cameras.
    ///
    /// @param film what is done between the halves of each block
    public Tensor penultimate(Tensor images, int camera, Film film) {
        return patchesOf(allButLast(images, camera, film));
    }

    private Tensor allButLast(Tensor images, int camera, Film film) {
        var x = embed(images, camera);
        for (int i = 0; i + 1 < blocks.size(); i++) {
            int block = i;
            x = blocks.get(i).forward(x, hidden -> film.apply(block, hidden));
        }
        return x;
    }

    /// One vector a picture: the class token, or SigLIP's pooling.
    public Tensor pooled(Seen seen) {
        return pool.map(p -> p.forward(seen.tokens())).orElseGet(() -> seen.tokens().select(1, 0));
    }

    private Tensor embed(Tensor images, int camera) {
        var input = config.input();
        var shown = images;
        for (var layer : stem) shown = layer.forward(shown);
        var x = patches.forward(shown);
        if (x.size(1) != input.tokens(camera)) {
            throw new IllegalArgumentException(
                    "pictures of %d x %d pixels give %d patches, the position table has %d; resize them to %d"
                            .formatted(
                                    images.size(2),
                                    images.size(3),
                                    x.size(1),
                                    input.tokens(camera),
                                    input.images().get(camera)));
        }
        long batch = x.size(0), width = x.size(2);
        var all = new ArrayList<Tensor>();
        classToken.ifPresent(t -> all.add(t.expand(batch, 1, width)));
        registers.ifPresent(t -> all.add(t.expand(batch, t.size(1), width)));
        int placed = config.form().placed();
        all.add(x.add(positions.narrow(1, placed + input.first(camera), input.tokens(camera))));
        if (all.size() == 1) return all.getFirst();
        var tokens = Tensor.cat(all, 1);
        if (placed == 0) return tokens;
        var rest = tokens.narrow(1, placed, tokens.size(1) - placed);
        var first = tokens.narrow(1, 0, placed).add(positions.narrow(1, 0, placed));
        return Tensor.cat(List.of(first, rest), 1);
    }

    private Tensor patchesOf(Tensor x) {
        long before = config.classified() ? 1 + config.registers() : 0;
        return x.narrow(1, before, x.size(1) - before);
    }

    /// A learned query attends to all tokens, then a feed-forward layer.
    private static final class Pool extends Module {
        private final VitConfig sizes;
        private final Tensor latent;
        private final Linear query, keyValue, proj, fc1, fc2;
        private final LayerNorm norm;

        Pool(VitConfig sizes, Seed seed) {
            this.sizes = sizes;
            int width = sizes.width();
            latent = parameter("latent", Init.normal(0.02), seed, 1, 1, width);
            query = child("q", new Linear(width, width, seed.split("q")));
            keyValue = child("kv", new Linear(width, 2L * width, seed.split("kv")));
            proj = child("proj", new Linear(width, width, seed.split("proj")));
            norm = child("norm", new LayerNorm(width, sizes.epsilon()));
            fc1 = child("mlp.fc1", new Linear(width, sizes.mlp(), seed.split("fc1")));
            fc2 = child("mlp.fc2", new Linear(sizes.mlp(), width, seed.split("fc2")));
        }

        Tensor forward(Tensor tokens) {
            int heads = sizes.heads();
            var q = query.forward(latent.expand(tokens.size(0), 1, sizes.width()));
            var both = keyValue.forward(tokens).chunk(2, -1);
            var mixed =
                    Attention.attend(
                            Attention.splitHeads(q, heads),
                            Attention.splitHeads(both.getFirst(), heads),
                            Attention.splitHeads(both.getLast(), heads),
                            Visibility.full());
            var pooled = proj.forward(Attention.joinHeads(mixed));
            var hidden = sizes.activation().forward(fc1.forward(norm.forward(pooled)));
            return pooled.add(fc2.forward(hidden)).select(1, 0);
        }
    }
}
