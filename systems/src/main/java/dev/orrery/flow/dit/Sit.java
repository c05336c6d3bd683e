package dev.orrery.flow.dit;

import static dev.orrery.tensor.Axis.axis;

import dev.orrery.flow.Guidance;
import dev.orrery.nn.DitTimestep;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Modulation;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// SiT: a scalable interpolant transformer, a velocity model of square images (or latents) given a
/// class.
///
/// `x (B, C, H, W)`, times `(B)` in house time, classes `(B)` I64 → velocities `(B, C, H, W)`. The
/// class id equal to `classes` is the learned null. Weights carry the official names. Source:
/// arXiv:2401.08740; the official code. Deviation: classes are not dropped here, see
/// [dev.orrery.flow.ConditionDropout].
public final class Sit extends Module {

    static final int FREQUENCIES = 256;

    /// Sizes; the names of the public JSON files in brackets.
    ///
    /// @param size image side in pixels [`input_size`]
    /// @param patch patch side [`patch_size`]
    /// @param channels image channels [`in_channels`]
    /// @param width token channels D [`hidden_size`]
    /// @param depth blocks
    /// @param heads attention heads [`num_heads`]
    /// @param classes labels, the null apart [`num_classes`]
    /// @param options rarely changed things
    public record Config(
            int size,
            int patch,
            int channels,
            int width,
            int depth,
            int heads,
            int classes,
            Options options) {

        public Config {
            if (patch < 1 || size % patch != 0) {
                throw new IllegalArgumentException(
                        "SiT: image side %d is not a multiple of patch %d; crop it to %d"
                                .formatted(
                                        size,
                                        patch,
                                        size / Math.max(1, patch) * Math.max(1, patch)));
            }
            if (width % 4 != 0) {
                throw new IllegalArgumentException(
                        "SiT: width %d is not a multiple of 4, which its position table needs"
                                .formatted(width));
            }
        }

        /// Reads `config.json` with the public names; `mlp_ratio` is 4 and `learn_sigma` true where
        /// they are missing.
        ///
        /// @throws IllegalArgumentException naming a key that is missing or no number
        public static Config parse(String json) {
            var tree = JsonMapper.builder().build().readTree(json);
            return new Config(
                    whole(tree, "input_size"),
                    whole(tree, "patch_size"),
                    whole(tree, "in_channels"),
                    whole(tree, "hidden_size"),
                    whole(tree, "depth"),
                    whole(tree, "num_heads"),
                    whole(tree, "num_classes"),
                    new Options(
                            tree.path("mlp_ratio").asDouble(4),
                            tree.path("learn_sigma").asBoolean(true),
                            tree.path("class_dropout_prob").asDouble(0.1) > 0));
        }

        /// These sizes with an embedding of so many labels, the null among them if it is one more
        /// than there are classes.
        Config withLabels(long embedded) {
            var o = new Options(options.expand(), options.learnSigma(), embedded > classes);
            return new Config(size, patch, channels, width, depth, heads, classes, o);
        }

        int labels() {
            return classes + (options.nullClass() ? 1 : 0);
        }

        private static int whole(JsonNode tree, String key) {
            if (!tree.path(key).canConvertToInt() || tree.get(key).intValue() < 1) {
                throw new IllegalArgumentException(
                        "SiT: config.json needs a whole number from 1 up under '%s', got %s"
                                .formatted(key, tree.path(key)));
            }
            return tree.get(key).intValue();
        }

        int tokens() {
            return (size / patch) * (size / patch);
        }
    }

    /// @param expand feed-forward channels as a multiple of D [`mlp_ratio`]
    /// @param learnSigma whether twice the channels are put out and the second half ignored
    ///   [`learn_sigma`]
    /// @param nullClass whether there is a learned null beside the classes, without which nothing
    ///   is guided [a `class_dropout_prob` above 0]
    public record Options(double expand, boolean learnSigma, boolean nullClass) {
        public static final Options USUAL = new Options(4, true, true);
    }

    private final Config config;
    private final PatchEmbedding patches;
    private final Tensor positions;
    private final TimestepEmbedder times;
    private final Embedding classes;
    private final List<DitBlock> blocks;
    private final LayerNorm lastNorm;
    private final Linear lastModulation, lastLinear;

    public Sit(Config config, Seed seed) {
        this.config = config;
        int width = config.width(), patch = config.patch();
        int outputs = patch * patch * config.channels() * (config.options().learnSigma() ? 2 : 1);
        patches =
                child(
                        "x_embedder.proj",
                        new PatchEmbedding(
                                config.channels(), patch, width, seed.split("x_embedder")));
        positions = buffer("pos_embed", positionTable(config));
        times =
                child(
                        "t_embedder",
                        new TimestepEmbedder(
                                DitTimestep.sit(FREQUENCIES),
                                width,
                                Init.fanIn(),
                                seed.split("time")));
        classes =
                child(
                        "y_embedder.embedding_table",
                        new Embedding(config.labels(), width, 0.02, seed.split("classes")));
        int hidden = (int) (width * config.options().expand());
        blocks =
                children(
                        "blocks",
                        IntStream.range(0, config.depth())
                                .mapToObj(i ->
                                        new DitBlock(
                                                width,
                                                config.heads(),
                                                hidden,
                                                seed.split("blocks").split(i)))
                                .toList());
        lastNorm = LayerNorm.plain(width, 1e-6);
        lastModulation = child("final_layer.adaLN_modulation.1", Linear.zero(width, 2L * width));
        lastLinear = child("final_layer.linear", Linear.zero(width, outputs));
    }

    /// Velocities `(B, C, H, W)`.
    public Tensor forward(Tensor x, Tensor time, Tensor labels) {
        var condition = condition(time, labels);
        return unpatch(last(blockOutputs(x, condition).getLast(), condition));
    }

    /// Time and class together, `(B, D)`: what every block is told.
    public Tensor condition(Tensor time, Tensor labels) {
        return embedTime(time).add(embedLabels(labels));
    }

    /// Tokens `(B, L, D)` after each block.
    ///
    /// @param condition `(B, D)`, as [#condition] gives
    public List<Tensor> blockOutputs(Tensor x, Tensor condition) {
        checkInput(x);
        var outputs = new ArrayList<Tensor>();
        var tokens = embedPatches(x);
        for (var block : blocks) {
            tokens = block.forward(tokens, condition);
            outputs.add(tokens);
        }
        return outputs;
    }

    /// Class embedding `(B, D)`.
    public Tensor embedLabels(Tensor labels) {
        return classes.forward(labels);
    }

    /// Tokens `(B, L, D)` of an image, positions added after.
    public Tensor embedPatches(Tensor x) {
        return patches.forward(x).add(positions);
    }

    /// Time embedding `(B, D)`.
    public Tensor embedTime(Tensor time) {
        return times.forward(time);
    }

    /// The model bound to labels, to be sampled with guidance.
    ///
    /// @param labels `(B)` I64
    /// @param guided channels that guidance acts on, the first ones; the official sampler takes 3
    public Guidance.Conditioned with(Tensor labels, int guided) {
        var none = Tensor.full(config.classes(), labels.dtype(), labels.size(0));
        return new Guidance.Conditioned() {
            @Override
            public Tensor at(Tensor x, double time) {
                return forward(x, times(time, x), labels);
            }

            @Override
            public Tensor both(Tensor doubled, double time) {
                var velocity =
                        forward(
                                doubled,
                                times(time, doubled),
                                Tensor.cat(List.of(labels, none), 0));
                if (guided >= config.channels()) return velocity;
                // Channels that are not guided follow the condition in both halves.
                var halves = velocity.chunk(2, 0);
                var rest = halves.get(0).narrow(1, guided, config.channels() - guided);
                return Tensor.cat(
                        List.of(
                                halves.get(0),
                                Tensor.cat(List.of(halves.get(1).narrow(1, 0, guided), rest), 1)),
                        0);
            }

            @Override
            public boolean hasNull() {
                return config.options().nullClass();
            }
        };
    }

    private static Tensor times(double time, Tensor x) {
        return Tensor.full(time, DType.F64, x.size(0));
    }

    private Tensor last(Tensor tokens, Tensor condition) {
        var parts = lastModulation.forward(Functional.silu(condition)).chunk(2, -1);
        var modulation = new Modulation(parts.get(0), parts.get(1), parts.get(1));
        return lastLinear.forward(modulation.apply(lastNorm.forward(tokens)));
    }

    private Tensor unpatch(Tensor tokens) {
        int side = config.size() / config.patch();
        var image =
                tokens.rearrange(
                        "b (h w) (p q c) -> b c (h p) (w q)",
                        axis("h", side),
                        axis("p", config.patch()),
                        axis("q", config.patch()));
        return config.options().learnSigma() ? image.narrow(1, 0, config.channels()) : image;
    }

    private void checkInput(Tensor x) {
        if (x.rank() != 4
                || x.size(1) != config.channels()
                || x.size(2) != config.size()
                || x.size(3) != config.size()) {
            throw new IllegalArgumentException(
                    "SiT: images are %s; this model takes (B, %d, %d, %d)"
                            .formatted(x, config.channels(), config.size(), config.size()));
        }
    }

    /// Sines and cosines of column, then row: `(1, L, D)`.
    private static Tensor positionTable(Config config) {
        int side = config.size() / config.patch(), width = config.width(), quarter = width / 4;
        var table = new float[config.tokens() * width];
        for (int token = 0; token < config.tokens(); token++) {
            int row = token / side, column = token % side;
            for (int i = 0; i < quarter; i++) {
                double rate = Math.pow(1e4, -i / (double) quarter);
                int at = token * width + i;
                table[at] = (float) Math.sin(column * rate);
                table[at + quarter] = (float) Math.cos(column * rate);
                table[at + 2 * quarter] = (float) Math.sin(row * rate);
                table[at + 3 * quarter] = (float) Math.cos(row * rate);
            }
        }
        return Tensor.of(table, 1, config.tokens(), width);
    }
}
