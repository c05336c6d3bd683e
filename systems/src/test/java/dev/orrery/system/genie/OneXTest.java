package dev.orrery.system.genie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.system.genie.GenieConfig.Order;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OneXTest {

    private static final int T = 3, S = 4, D = 8, HEADS = 2, FACTOR = 5, MLP = 16;

    @TempDir Path folder;
    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /// What a published file of these sizes holds, by name.
    private static Map<String, long[]> layout(boolean queryKeyNorm) {
        var out = new LinkedHashMap<String, long[]>();
        out.put("pos_embed_TSC", new long[] {1, T, S, D});
        out.put("token_embed.mask_token_embed", new long[] {1, D});
        for (int i = 0; i < 2; i++) {
            out.put("token_embed.factored_embeds." + i + ".weight", new long[] {FACTOR, D});
            var layer = "decoder.layers." + i + ".";
            for (var attention : List.of("spatial_attn.", "temporal_attn.")) {
                out.put(layer + attention + "qkv.weight", new long[] {3 * D, D});
                out.put(layer + attention + "proj.weight", new long[] {D, D});
                out.put(layer + attention + "proj.bias", new long[] {D});
                if (queryKeyNorm) {
                    out.put(layer + attention + "norm.weight", new long[] {D / HEADS});
                    out.put(layer + attention + "norm.bias", new long[] {D / HEADS});
                }
            }
            if (!queryKeyNorm) {
                for (var norm : List.of("norm1.", "norm2.")) {
                    out.put(layer + norm + "weight", new long[] {D});
                    out.put(layer + norm + "bias", new long[] {D});
                }
            }
            out.put(layer + "mlp.fc1.weight", new long[] {MLP, D});
            out.put(layer + "mlp.fc1.bias", new long[] {MLP});
            out.put(layer + "mlp.fc2.weight", new long[] {D, MLP});
            out.put(layer + "mlp.fc2.bias", new long[] {D});
        }
        out.put("out_x_proj.weight", new long[] {2 * FACTOR, D});
        out.put("out_x_proj.bias", new long[] {2 * FACTOR});
        return out;
    }

    private Map<String, Tensor> write(boolean queryKeyNorm, boolean muP) throws Exception {
        var tensors = new LinkedHashMap<String, Tensor>();
        layout(queryKeyNorm)
                .forEach((name, shape) ->
                        tensors.put(name, Seed.of(11).split(name).normal(shape).mul(0.5)));
        Safetensors.write(folder.resolve("model.safetensors"), tensors);
        Files.writeString(
                folder.resolve("config.json"),
                """
                {"num_layers": 2, "num_heads": 2, "d_model": 8, "T": 3, "S": 4, "image_vocab_size": 25,
                 "num_factored_vocabs": 2, "factored_vocab_size": 5, "mlp_ratio": 2.0, "qk_norm": %s,
                 "use_mup": %s, "max_corrupt_rate": 0.2, "num_prompt_frames": 8}
                """
                        .formatted(queryKeyNorm, muP));
        return tensors;
    }

    private static Tensor ids() {
        return Tensor.of(new long[] {0, 7, 24, 13, 5, 25, 19, 25, 25, 3, 25, 11}, 1, T, S);
    }

    @Test
    void publishedWeightsGiveWhatAnIndependentComputationGives() throws Exception {
        for (boolean queryKeyNorm : new boolean[] {true, false}) {
            for (boolean muP : new boolean[] {true, false}) {
                var weights = write(queryKeyNorm, muP);
                var model = OneXWeights.load(folder);
                var got = model.logits(ids());
                assertThat(got.shape()).containsExactly(1, T, S, 2, FACTOR);
                var wanted = new Reference(weights, queryKeyNorm, muP).logits(ids().toLongs());
                var numbers = got.toFloats();
                double most = java.util.Arrays.stream(wanted).map(Math::abs).max().orElseThrow();
                double tolerance = 2e-5 * (1 + most);
                for (int i = 0; i < wanted.length; i++) {
                    assertThat((double) numbers[i])
                            .as("qk norm %s, muP %s, number %d", queryKeyNorm, muP, i)
                            .isCloseTo(wanted[i], within(tolerance));
                }
                model.close();
            }
        }
    }

    @Test
    void noFrameSeesTheFuture() throws Exception {
        write(true, false);
        var model = OneXWeights.load(folder);
        var other = ids().copy();
        other.select(1, 2).fill_(8);
        var change = model.logits(ids()).sub(model.logits(other)).abs();
        assertThat(change.narrow(1, 0, 2).max().item()).isZero();
        assertThat(change.narrow(1, 2, 1).max().item()).isGreaterThan(0.01);
    }

    @Test
    void whatIsMissingUnexpectedOrMisshapenIsListed() throws Exception {
        var tensors = new LinkedHashMap<>(write(true, false));
        tensors.remove("decoder.layers.1.mlp.fc1.bias");
        tensors.put("decoder.layers.1.mlp.fc3.bias", Tensor.zeros(4));
        tensors.put("pos_embed_TSC", Tensor.zeros(1, T, S, D + 1));
        Safetensors.write(folder.resolve("model.safetensors"), tensors);
        assertThatThrownBy(() -> OneXWeights.load(folder))
                .hasMessageContaining("missing 1 [decoder.layers.1.mlp.fc1.bias")
                .hasMessageContaining("unexpected 1 [decoder.layers.1.mlp.fc3.bias")
                .hasMessageContaining("pos_embed_TSC needs [1, 3, 4, 8], got [1, 3, 4, 9]");
    }

    @Test
    void configurationsThatSayMoreOrLessAreRefused() throws Exception {
        write(true, false);
        var config = folder.resolve("config.json");
        var text = Files.readString(config);
        Files.writeString(config, text.replace("num_heads", "n_heads"));
        assertThatThrownBy(() -> OneXWeights.load(folder)).hasMessageContaining("'n_heads'");
        Files.writeString(config, text.replace("\"num_heads\": 2,", ""));
        assertThatThrownBy(() -> OneXWeights.load(folder)).hasMessageContaining("needs num_heads");
        Files.delete(config);
        assertThatThrownBy(() -> OneXWeights.load(folder)).hasMessageContaining("config.json");
    }

    @Test
    void thePublishedVocabularyIsTwoDigitsOf512() {
        assertThat(OneXConfig.Vocabulary.of(262_144, 2).factor()).isEqualTo(512);
        assertThatThrownBy(() -> OneXConfig.Vocabulary.of(1000, 2)).hasMessageContaining("1000");
    }

    @Test
    void aFrameIsFilledInWholeAndTheFramesBeforeCount() throws Exception {
        write(true, false);
        var model = OneXWeights.load(folder);
        for (var order : Order.values()) {
            var frame = model.predict(ids(), 2, 3, 1, order, Seed.of(5));
            assertThat(frame.shape()).containsExactly(1, S);
            assertThat(frame.max().toLongs()[0]).isLessThan(25);
            assertThat(model.predict(ids(), 2, 3, 1, order, Seed.of(5)).toLongs())
                    .isEqualTo(frame.toLongs());
        }
    }

    @Test
    void inOneStepWithoutTemperatureTheLikeliestDigitsAreTaken() throws Exception {
        write(true, false);
        var model = OneXWeights.load(folder);
        var masked = ids().copy();
        masked.narrow(1, 1, 2).fill_(25);
        var logits = model.logits(masked).select(1, 1).argmax(-1, false).toLongs();
        var frame = model.predict(ids(), 1, 1, 0, Order.RANDOM, Seed.of(1)).toLongs();
        for (int s = 0; s < S; s++)
            assertThat(frame[s]).isEqualTo(logits[2 * s] + FACTOR * logits[2 * s + 1]);
    }

    @Test
    void idsThatAreTooLargeAreNamed() throws Exception {
        write(true, false);
        var model = OneXWeights.load(folder);
        var ids = ids().copy();
        ids.select(1, 0).fill_(26);
        assertThatThrownBy(() -> model.logits(ids)).hasMessageContaining("id 26");
        assertThatThrownBy(() -> model.logits(ids().narrow(1, 0, 2)))
                .hasMessageContaining("(B, 3, 4)");
    }

    /// The same model in loops over doubles, without any of the engine.
    private static final class Reference {
        private final Map<String, double[]> weights = new LinkedHashMap<>();
        private final boolean queryKeyNorm, muP;

        Reference(Map<String, Tensor> tensors, boolean queryKeyNorm, boolean muP) {
            tensors.forEach((name, tensor) -> {
                var floats = tensor.toFloats();
                var doubles = new double[floats.length];
                for (int i = 0; i < floats.length; i++) doubles[i] = floats[i];
                weights.put(name, doubles);
            });
            this.queryKeyNorm = queryKeyNorm;
            this.muP = muP;
        }

        private double[] linear(double[] x, String name) {
            var w = weights.get(name + ".weight");
            var b = weights.get(name + ".bias");
            var out = new double[w.length / x.length];
            for (int o = 0; o < out.length; o++) {
                if (b != null) out[o] = b[o];
                for (int i = 0; i < x.length; i++) out[o] += w[o * x.length + i] * x[i];
            }
            return out;
        }

        private double[] norm(double[] x, int from, int count, String name) {
            double mean = 0, variance = 0;
            for (int i = 0; i < count; i++) mean += x[from + i] / count;
            for (int i = 0; i < count; i++)
                variance += (x[from + i] - mean) * (x[from + i] - mean) / count;
            var out = new double[count];
            for (int i = 0; i < count; i++)
                out[i] =
                        (x[from + i] - mean)
                                        / Math.sqrt(variance + 1e-5)
                                        * weights.get(name + ".weight")[i]
                                + weights.get(name + ".bias")[i];
            return out;
        }

        /// Attention of sequence `x` to itself.
        private double[][] attend(double[][] x, String name, boolean causal) {
            int n = x.length, d = D / HEADS;
            double scale = muP ? 8.0 / d : 1 / Math.sqrt(d);
            var qkv = new double[n][];
            for (int i = 0; i < n; i++) qkv[i] = linear(x[i], name + ".qkv");
            var out = new double[n][D];
            for (int h = 0; h < HEADS; h++) {
                for (int i = 0; i < n; i++) {
                    var scores = new double[n];
                    double sum = 0;
                    for (int j = 0; j < (causal ? i + 1 : n); j++) {
                        var q = head(qkv[i], h * d, d, name);
                        var k = head(qkv[j], D + h * d, d, name);
                        double dot = 0;
                        for (int c = 0; c < d; c++) dot += q[c] * k[c];
                        sum += scores[j] = Math.exp(dot * scale);
                    }
                    for (int j = 0; j < n; j++)
                        for (int c = 0; c < d; c++)
                            out[i][h * d + c] += scores[j] / sum * qkv[j][2 * D + h * d + c];
                }
            }
            for (int i = 0; i < n; i++) out[i] = linear(out[i], name + ".proj");
            return out;
        }

        private double[] head(double[] qkv, int from, int d, String name) {
            if (queryKeyNorm) return norm(qkv, from, d, name + ".norm");
            return java.util.Arrays.copyOfRange(qkv, from, from + d);
        }

        double[] logits(long[] ids) {
            var x = new double[T][S][D];
            for (int t = 0; t < T; t++)
                for (int s = 0; s < S; s++)
                    for (int c = 0; c < D; c++) {
                        long id = ids[t * S + s];
                        x[t][s][c] = weights.get("pos_embed_TSC")[(t * S + s) * D + c];
                        x[t][s][c] +=
                                id == 25
                                        ? weights.get("token_embed.mask_token_embed")[c]
                                        : digit(0, id % 5, c) + digit(1, id / 5, c);
                    }
            for (int l = 0; l < 2; l++) block(x, "decoder.layers." + l);
            var out = new double[T * S * 2 * FACTOR];
            for (int t = 0; t < T; t++)
                for (int s = 0; s < S; s++) {
                    if (muP) for (int c = 0; c < D; c++) x[t][s][c] /= D / 256.0;
                    System.arraycopy(linear(x[t][s], "out_x_proj"), 0, out, (t * S + s) * 10, 10);
                }
            return out;
        }

        private double digit(int which, long value, int channel) {
            return weights.get("token_embed.factored_embeds." + which + ".weight")[
                    (int) value * D + channel];
        }

        private void block(double[][][] x, String name) {
            for (int t = 0; t < T; t++) {
                var input = new double[S][];
                for (int s = 0; s < S; s++)
                    input[s] =
                            queryKeyNorm ? x[t][s].clone() : norm(x[t][s], 0, D, name + ".norm1");
                var seen = attend(input, name + ".spatial_attn", false);
                for (int s = 0; s < S; s++) add(x[t][s], seen[s]);
            }
            for (int s = 0; s < S; s++) {
                var input = new double[T][];
                for (int t = 0; t < T; t++) input[t] = x[t][s].clone();
                var known = attend(input, name + ".temporal_attn", true);
                for (int t = 0; t < T; t++) add(x[t][s], known[t]);
            }
            for (int t = 0; t < T; t++)
                for (int s = 0; s < S; s++) {
                    var input = queryKeyNorm ? x[t][s] : norm(x[t][s], 0, D, name + ".norm2");
                    var hidden = linear(input, name + ".mlp.fc1");
                    for (int i = 0; i < MLP; i++)
                        hidden[i] *= 0.5 * (1 + erf(hidden[i] / Math.sqrt(2)));
                    add(x[t][s], linear(hidden, name + ".mlp.fc2"));
                }
        }

        private static void add(double[] to, double[] what) {
            for (int i = 0; i < to.length; i++) to[i] += what[i];
        }

        /// The error function by its series.
        private static double erf(double x) {
            if (Math.abs(x) > 5) return Math.signum(x);
            double sum = x, term = x;
            for (int n = 1; n < 200; n++) {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            return 2 / Math.sqrt(Math.PI) * sum;
        }
    }
}
