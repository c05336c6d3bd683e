package dev.orrery.vision.vit;

import dev.orrery.nn.Attention;
import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A vision transformer in timm's layout, as the Prismatic models mount two: DINOv2 with registers
/// and SigLIP.
///
/// Names: `cls_token`, `reg_token`, `patch_embed.proj`, `pos_embed` (patches only),
/// `blocks.{i}.{norm1,attn.{qkv,proj},ls1,norm2,mlp.{fc1,fc2},ls2}`, `norm`, `attn_pool`.
public final class TimmVit extends Module {

    private final Config config;
    private final Tensor positions;
    private final Optional<Tensor> classToken, registers;
    private final Patches patches;
    private final List<Block> blocks = new ArrayList<>();
    private final LayerNorm last;
    private final Optional<Pool> pool;

    /// @param layers the transformer
    /// @param image pixels of a picture's side
    /// @param patch pixels of a patch's side
    /// @param registers register tokens behind the class token; -1 for no class token either, and
    ///   SigLIP's pooling instead
    /// @param scale the name of a layer scale, `gamma` in timm and `scale_factor` in OpenVLA; empty
    ///   for none
    public record Config(VitConfig layers, int image, int patch, int registers, String scale) {

        /// DINOv2 with registers.
        public static Config dino(
                VitConfig layers, int image, int patch, int registers, String scale) {
            return new Config(layers, image, patch, registers, scale);
        }

        /// SigLIP.
        public static Config siglip(VitConfig layers, int image, int patch) {
            return new Config(layers, image, patch, -1, "");
        }

        boolean classified() {
            return registers >= 0;
        }

        /// Tokens of a picture.
        public int tokens() {
            return (image / patch) * (image / patch);
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
        positions = parameter("pos_embed", Init.normal(0.02), seed, 1, config.tokens(), width);
        patches =
                child(
                        "patch_embed.proj",
                        new Patches(3, width, config.patch(), true, seed.split("patches")));
        for (int i = 0; i < config.layers().depth(); i++) {
            blocks.add(child("blocks." + i, new Block(config, seed.split(i))));
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

    /// @param images `(B, 3, side, side)`
    public Seen forward(Tensor images) {
        var x = embed(images);
        for (var block : blocks.subList(0, blocks.size() - 1)) x = block.forward(x);
        var penultimate = patchesOf(x);
        return new Seen(penultimate, last.forward(blocks.getLast().forward(x)));
    }

    /// Only what Prismatic models read: the last block is not run.
    public Tensor penultimate(Tensor images) {
        var x = embed(images);
        for (var block : blocks.subList(0, blocks.size() - 1)) x = block.forward(x);
        return patchesOf(x);
    }

    /// One vector a picture: the class token, or SigLIP's pooling.
    public Tensor pooled(Seen seen) {
        return pool.map(p -> p.forward(seen.tokens())).orElseGet(() -> seen.tokens().select(1, 0));
    }

    private Tensor embed(Tensor images) {
        var x = patches.forward(images);
        if (x.size(1) != config.tokens()) {
            throw new IllegalArgumentException(
                    "pictures of %d x %d pixels give %d patches, the position table has %d; resize them to %d"
                            .formatted(
                                    images.size(2),
                                    images.size(3),
                                    x.size(1),
                                    config.tokens(),
                                    config.image()));
        }
        long batch = x.size(0), width = x.size(2);
        var all = new ArrayList<Tensor>();
        classToken.ifPresent(t -> all.add(t.expand(batch, 1, width)));
        registers.ifPresent(t -> all.add(t.expand(batch, t.size(1), width)));
        all.add(x.add(positions));
        return all.size() == 1 ? all.getFirst() : Tensor.cat(all, 1);
    }

    private Tensor patchesOf(Tensor x) {
        long before = config.classified() ? 1 + config.registers() : 0;
        return x.narrow(1, before, x.size(1) - before);
    }

    private static final class Block extends Module {
        private final VitConfig sizes;
        private final LayerNorm before, middle;
        private final Linear qkv, proj, fc1, fc2;
        private final Optional<Tensor> firstScale, secondScale;

        Block(Config config, Seed seed) {
            sizes = config.layers();
            int width = sizes.width();
            before = child("norm1", new LayerNorm(width, sizes.epsilon()));
            qkv = child("attn.qkv", new Linear(width, 3L * width, seed.split("qkv")));
            proj = child("attn.proj", new Linear(width, width, seed.split("proj")));
            middle = child("norm2", new LayerNorm(width, sizes.epsilon()));
            fc1 = child("mlp.fc1", new Linear(width, sizes.mlp(), seed.split("fc1")));
            fc2 = child("mlp.fc2", new Linear(sizes.mlp(), width, seed.split("fc2")));
            firstScale = scale("ls1.", config, seed);
            secondScale = scale("ls2.", config, seed);
        }

        private Optional<Tensor> scale(String name, Config config, Seed seed) {
            return config.scale().isEmpty()
                    ? Optional.empty()
                    : Optional.of(parameter(name + config.scale(), Init.ONES, seed, sizes.width()));
        }

        Tensor forward(Tensor x) {
            var parts = qkv.forward(before.forward(x)).chunk(3, -1);
            var heads = parts.stream().map(p -> Attention.splitHeads(p, sizes.heads())).toList();
            var mixed =
                    Attention.attend(heads.get(0), heads.get(1), heads.get(2), Visibility.full());
            var attended = proj.forward(Attention.joinHeads(mixed));
            var sum = x.add(firstScale.map(attended::mul).orElse(attended));
            var hidden = fc2.forward(sizes.activation().forward(fc1.forward(middle.forward(sum))));
            return sum.add(secondScale.map(hidden::mul).orElse(hidden));
        }
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
