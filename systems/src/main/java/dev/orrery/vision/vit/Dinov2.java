package dev.orrery.vision.vit;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.lm.Trace;
import dev.orrery.nn.Attention;
import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// DINOv2, with registers or without: `(B, 3, H, W)` to `(B, 1 + R + S, D)`, the class token first,
/// then registers, then patches.
///
/// Pictures may be of any whole number of patches: the table of positions is resized bicubically,
/// with antialiasing where there are registers, as the published models were. Names are those of
/// the public Hugging Face checkpoints. Source: arXiv:2304.07193, 2309.16588.
public final class Dinov2 extends Module {

    private static final String MASK = "embeddings.mask_token";
    private static final List<String> ROOTS = List.of("dinov2.", "dinov2_with_registers.");

    private final Config config;
    private final Tensor classToken, positions, registers;
    private final Patches patches;
    private final List<Block> layers = new ArrayList<>();
    private final LayerNorm last;

    /// @param layers the transformer; its `mlp` is not read where `gated`
    /// @param image pixels of the trained picture's side
    /// @param patch pixels of a patch's side
    /// @param registers register tokens R
    /// @param masked whether the file holds a mask token, which only training uses
    /// @param gated SwiGLU feed-forward layers (giant)
    /// @param biased whether queries, keys and values have biases
    public record Config(
            VitConfig layers,
            int image,
            int patch,
            int registers,
            boolean masked,
            boolean gated,
            boolean biased) {

        /// Reads a public `config.json`.
        public static Config read(PublicConfig c) {
            return new Config(
                    VitConfig.readByRatio(c),
                    c.integer("image_size"),
                    c.integer("patch_size"),
                    c.text("model_type", "").equals("dinov2_with_registers")
                            ? c.integer("num_register_tokens", 4)
                            : 0,
                    c.flag("use_mask_token", true),
                    c.flag("use_swiglu_ffn", false),
                    c.flag("qkv_bias", true));
        }

        int side() {
            return image / patch;
        }

        /// Hidden channels of a SwiGLU layer: two thirds, rounded up to eights.
        int gatedHidden() {
            return (layers.mlp() * 2 / 3 + 7) / 8 * 8;
        }
    }

    public Dinov2(Config config, Seed seed) {
        this.config = config;
        int width = config.layers().width();
        long tokens = 1 + (long) config.side() * config.side();
        classToken = parameter("embeddings.cls_token", Init.normal(0.02), seed, 1, 1, width);
        if (config.masked()) parameter(MASK, Init.ZEROS, seed, 1, width);
        positions =
                parameter(
                        "embeddings.position_embeddings",
                        Init.normal(0.02),
                        seed,
                        1,
                        tokens,
                        width);
        registers =
                config.registers() > 0
                        ? parameter(
                                "embeddings.register_tokens",
                                Init.normal(0.02),
                                seed,
                                1,
                                config.registers(),
                                width)
                        : classToken;
        patches =
                child(
                        "embeddings.patch_embeddings.projection",
                        new Patches(3, width, config.patch(), true, seed.split("patches")));
        for (int i = 0; i < config.layers().depth(); i++) {
            layers.add(child("encoder.layer." + i, new Block(config, seed.split(i))));
        }
        last = child("layernorm", new LayerNorm(width, config.layers().epsilon()));
    }

    /// Opens published weights, a file or a folder.
    public static Dinov2 open(PublicConfig config, Path weights) {
        return weights(config).open(weights);
    }

    /// How published weights of a configuration are read and written.
    public static PublicWeights<Dinov2> weights(PublicConfig config) {
        var sizes = Config.read(config);
        return new PublicWeights<>(
                config, () -> new Dinov2(sizes, Seed.of(0)), state -> ownNames(state, sizes));
    }

    /// Of a file with a classifier the encoder alone; a mask token that is left out, as only
    /// training uses it, is none.
    private static Map<String, Tensor> ownNames(Map<String, Tensor> state, Config sizes) {
        var own = new LinkedHashMap<String, Tensor>();
        var root =
                ROOTS.stream()
                        .filter(r -> state.keySet().stream().anyMatch(name -> name.startsWith(r)))
                        .findFirst()
                        .orElse("");
        state.forEach((name, tensor) -> {
            if (name.startsWith(root)) own.put(firstName(name.substring(root.length())), tensor);
        });
        if (sizes.masked() && own.size() > 1) {
            own.putIfAbsent(MASK, Tensor.zeros(1, sizes.layers().width()));
        }
        return own;
    }

    /// The name of the published files for one of later versions of the library.
    private static String firstName(String name) {
        return name.replaceFirst("\\.attention\\.q_proj\\.", ".attention.attention.query.")
                .replaceFirst("\\.attention\\.k_proj\\.", ".attention.attention.key.")
                .replaceFirst("\\.attention\\.v_proj\\.", ".attention.attention.value.")
                .replaceFirst("\\.attention\\.o_proj\\.", ".attention.output.dense.");
    }

    /// What goes into the first layer.
    ///
    /// @param images `(B, 3, H, W)`
    public Tensor embed(Tensor images) {
        var x = patches.forward(images);
        long batch = x.size(0), width = x.size(2);
        long rows = images.size(2) / config.patch(), columns = images.size(3) / config.patch();
        var first = classToken.expand(batch, 1, width).add(positions.narrow(1, 0, 1));
        var placed = x.add(places(rows, columns));
        return config.registers() > 0
                ? Tensor.cat(
                        List.of(first, registers.expand(batch, config.registers(), width), placed),
                        1)
                : Tensor.cat(List.of(first, placed), 1);
    }

    private Tensor places(long rows, long columns) {
        int side = config.side();
        var table = positions.narrow(1, 1, (long) side * side);
        if (rows == side && columns == side) return table;
        var grid = table.view(1, side, side, table.size(2)).permute(0, 3, 1, 2);
        return Functional.interpolateBicubic(grid, rows, columns, config.registers() > 0)
                .flatten(2, 3)
                .transpose(1, 2);
    }

    /// The last hidden states, normalised; the class token is the first.
    public Tensor forward(Tensor images, Trace trace) {
        return encode(embed(images), trace);
    }

    /// As [#forward], from embeddings.
    public Tensor encode(Tensor embedded, Trace trace) {
        var x = embedded;
        for (int i = 0; i < layers.size(); i++) {
            trace.hidden(i, x);
            x = layers.get(i).forward(x, trace, i);
        }
        trace.hidden(layers.size(), x);
        return last.forward(x);
    }

    private static final class Block extends Module {
        private final Config config;
        private final LayerNorm before, middle;
        private final Linear query, key, value, out, up, down;
        private final Tensor firstScale, secondScale;

        Block(Config config, Seed seed) {
            this.config = config;
            var sizes = config.layers();
            int width = sizes.width();
            before = child("norm1", new LayerNorm(width, sizes.epsilon()));
            query = attention("query", seed);
            key = attention("key", seed);
            value = attention("value", seed);
            out = linear("attention.output.dense", width, width, seed);
            firstScale = parameter("layer_scale1.lambda1", Init.ONES, seed, width);
            middle = child("norm2", new LayerNorm(width, sizes.epsilon()));
            if (config.gated()) {
                up = linear("mlp.weights_in", width, 2L * config.gatedHidden(), seed);
                down = linear("mlp.weights_out", config.gatedHidden(), width, seed);
            } else {
                up = linear("mlp.fc1", width, sizes.mlp(), seed);
                down = linear("mlp.fc2", sizes.mlp(), width, seed);
            }
            secondScale = parameter("layer_scale2.lambda1", Init.ONES, seed, width);
        }

        private Linear linear(String name, long from, long to, Seed seed) {
            return child(name, new Linear(from, to, seed.split(name)));
        }

        private Linear attention(String name, Seed seed) {
            var whole = "attention.attention." + name;
            int width = config.layers().width();
            return child(whole, Linear.of(width, width, config.biased(), seed.split(whole)));
        }

        Tensor forward(Tensor x, Trace trace, int layer) {
            var n = before.forward(x);
            int heads = config.layers().heads();
            var q = Attention.splitHeads(query.forward(n), heads);
            var k = Attention.splitHeads(key.forward(n), heads);
            var v = Attention.splitHeads(value.forward(n), heads);
            if (trace.records()) {
                double scale = 1 / Math.sqrt(q.size(3));
                trace.attention(
                        layer, Functional.softmax(q.matmul(k.transpose(-2, -1)).mul(scale), -1));
            }
            var mixed = Attention.joinHeads(Attention.attend(q, k, v, Visibility.full()));
            var sum = x.add(out.forward(mixed).mul(firstScale));
            return sum.add(down.forward(hidden(middle.forward(sum))).mul(secondScale));
        }

        private Tensor hidden(Tensor x) {
            if (!config.gated()) return config.layers().activation().forward(up.forward(x));
            var halves = up.forward(x).chunk(2, -1);
            return Functional.silu(halves.getFirst()).mul(halves.getLast());
        }
    }
}
