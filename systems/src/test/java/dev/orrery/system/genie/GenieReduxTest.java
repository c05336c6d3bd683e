package dev.orrery.system.genie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenieReduxTest {

    private static final int T = 3, H = 2, W = 3, P = 2, D = 6, HEADS = 3, HEAD = 4, HIDDEN = 5;
    private static final int K = 7, CODE = 3, BLOCKS = 2, PIXELS = 3 * P * P;

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

    private static void stack(Map<String, long[]> out, String prefix, int width) {
        for (int i = 0; i < BLOCKS; i++) {
            for (var where : List.of("spatial", "temporal")) {
                var name = prefix + "layers." + i + ".0." + where;
                out.put(name + "_peg.dsconv.weight", new long[] {width, 1, 3, 3, 3});
                out.put(name + "_peg.dsconv.bias", new long[] {width});
                for (var norm : List.of("norm", "context_norm")) {
                    out.put(name + "_attention." + norm + ".gamma", new long[] {width});
                    out.put(name + "_attention." + norm + ".beta", new long[] {width});
                }
                out.put(name + "_attention.to_q.weight", new long[] {HEADS * HEAD, width});
                out.put(name + "_attention.to_kv.weight", new long[] {2 * HEADS * HEAD, width});
                out.put(name + "_attention.q_scale", new long[] {HEAD});
                out.put(name + "_attention.k_scale", new long[] {HEAD});
                out.put(name + "_attention.to_out.weight", new long[] {width, HEADS * HEAD});
                out.put(name + "_ff.0.weight", new long[] {width});
                out.put(name + "_ff.0.bias", new long[] {width});
                out.put(name + "_ff.1.weight", new long[] {2 * HIDDEN, width});
                out.put(name + "_ff.4.weight", new long[] {width, HIDDEN});
            }
        }
        out.put(prefix + "norm_out.gamma", new long[] {width});
        out.put(prefix + "norm_out.beta", new long[] {width});
    }

    private static void linear(Map<String, long[]> out, String name, int outputs, int inputs) {
        out.put(name + ".weight", new long[] {outputs, inputs});
        out.put(name + ".bias", new long[] {outputs});
    }

    private static void distances(Map<String, long[]> out, String name, int width) {
        linear(out, name + ".net.0.0", width, 2);
        linear(out, name + ".net.1.0", width, width);
        linear(out, name + ".net.2", HEADS, width);
    }

    private static Map<String, long[]> video(String prefix, boolean actions) {
        var out = new LinkedHashMap<String, long[]>();
        distances(out, "spatial_rel_pos_bias", D);
        for (var patch : List.of("to_patch_emb_first_frame", "to_patch_emb")) {
            out.put(patch + ".1.weight", new long[] {PIXELS});
            out.put(patch + ".1.bias", new long[] {PIXELS});
            linear(out, patch + ".2", D, PIXELS);
            out.put(patch + ".3.weight", new long[] {D});
            out.put(patch + ".3.bias", new long[] {D});
        }
        stack(out, "encoder.", D);
        stack(out, "decoder.", D);
        linear(out, "vq.project_in", CODE, D);
        linear(out, "vq.project_out", D, CODE);
        out.put("vq._codebook.initted", new long[] {1});
        out.put("vq._codebook.cluster_size", new long[] {1, K});
        out.put("vq._codebook.embed_avg", new long[] {1, K, CODE});
        out.put("vq._codebook.embed", new long[] {1, K, CODE});
        linear(out, "to_pixels_first_frame.0", PIXELS, D);
        linear(out, "to_pixels.0", PIXELS, D);
        if (actions) {
            linear(out, "to_action_emb.1", D, H * W * D);
            out.put("to_action_emb.2.weight", new long[] {D});
            out.put("to_action_emb.2.bias", new long[] {D});
        }
        var named = new LinkedHashMap<String, long[]>();
        out.forEach((name, shape) -> named.put(prefix + name, shape));
        return named;
    }

    /// @param acted channels of an action that are appended
    private static Map<String, long[]> dynamics(int acted) {
        var out = new LinkedHashMap<String, long[]>();
        out.put("maskgit.token_emb.weight", new long[] {K + 1, D});
        out.put("maskgit.pos_emb.weight", new long[] {40, D});
        distances(out, "maskgit.continuous_pos_bias", HEAD);
        stack(out, "maskgit.transformer.", D + acted);
        linear(out, "maskgit.to_logits", K, D + acted);
        var named = new LinkedHashMap<String, long[]>();
        out.forEach((name, shape) -> named.put("dynamics." + name, shape));
        return named;
    }

    private static Map<String, Tensor> drawn(Map<String, long[]> layout) {
        var tensors = new LinkedHashMap<String, Tensor>();
        layout.forEach(
                (name, shape) -> tensors.put(name, Seed.of(3).split(name).normal(shape).mul(0.6)));
        return tensors;
    }

    private Path write(String name, Map<String, Tensor> tensors) {
        var file = folder.resolve(name);
        Safetensors.write(file, tensors);
        return file;
    }

    private static Tensor clip() {
        return Seed.of(8).uniform(1, T, H * P, W * P, 3);
    }

    private static void same(Tensor got, double[] wanted, String what) {
        var numbers = got.toFloats();
        assertThat(numbers).hasSize(wanted.length);
        double most = Arrays.stream(wanted).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < wanted.length; i++)
            assertThat((double) numbers[i])
                    .as("%s, number %d", what, i)
                    .isCloseTo(wanted[i], within(3e-5 * (1 + most)));
    }

    @Test
    void theTokenizerGivesWhatAnIndependentComputationGives() {
        var tensors = drawn(video("", false));
        var model = GenieReduxWeights.tokenizer(write("t.safetensors", tensors));
        assertThat(model.codes()).isEqualTo(new GenieReduxConfig.Codes(P, K, CODE, 0));
        var reference = new Reference(tensors, "");
        var ids = model.encode(clip());
        assertThat(ids.shape()).containsExactly(1, T, H, W);
        assertThat(ids.toLongs()).isEqualTo(reference.tokens(clip().toFloats()));
        assertThat(Arrays.stream(ids.toLongs()).distinct().count()).isGreaterThan(2);
        var video = model.decode(ids);
        assertThat(video.shape()).containsExactly(1, T, H * P, W * P, 3);
        same(video, reference.pixels(reference.vectors(ids.toLongs(), T)), "pixels");
    }

    @Test
    void theLatentActionModelGivesWhatAnIndependentComputationGives() {
        var tensors = drawn(video("latent_action_model.", true));
        var model = GenieReduxWeights.actions(write("g.safetensors", tensors));
        var reference = new Reference(tensors, "latent_action_model.");
        var ids = model.encode(clip());
        assertThat(ids.shape()).containsExactly(1, T - 1);
        assertThat(ids.toLongs()).isEqualTo(reference.actions(clip().toFloats()));
        var next = model.predict(clip(), ids);
        assertThat(next.shape()).containsExactly(1, T - 1, H * P, W * P, 3);
        same(next, reference.next(clip().toFloats(), ids.toLongs()), "next frames");
    }

    @Test
    void theDynamicsGiveWhatAnIndependentComputationGives() {
        for (int acted : new int[] {0, 2}) {
            var tensors = drawn(dynamics(acted));
            var model = GenieReduxWeights.dynamics(write("d" + acted + ".safetensors", tensors));
            assertThat(model.sizes()).isEqualTo(new GenieReduxConfig.Dynamics(K, acted, 40));
            var ids = new long[T * H * W];
            for (int i = 0; i < ids.length; i++) ids[i] = i * 5 % (K + 1);
            var actions = Seed.of(4).normal(1, T, acted == 0 ? D : acted);
            var logits = model.logits(Tensor.of(ids, 1, T, H, W), actions);
            assertThat(logits.shape()).containsExactly(1, T, H, W, K);
            same(
                    logits,
                    new Reference(tensors, "dynamics.maskgit.").logits(ids, actions.toFloats()),
                    acted == 0 ? "added" : "appended");
        }
    }

    @Test
    void codesOfTheTokenizerCountWhereTokensAreKnown() {
        var tokenizer =
                GenieReduxWeights.tokenizer(write("t.safetensors", drawn(video("", false))));
        var model = GenieReduxWeights.dynamics(write("d.safetensors", drawn(dynamics(2))));
        var actions = Seed.of(4).normal(1, T, 2);
        var hidden = Tensor.full(K, dev.orrery.tensor.DType.I64, 1, T, H, W);
        assertThat(difference(model, hidden, actions, tokenizer)).isLessThan(1e-6);
        var known = Tensor.full(2, dev.orrery.tensor.DType.I64, 1, T, H, W);
        assertThat(difference(model, known, actions, tokenizer)).isGreaterThan(1e-3);
    }

    private static double difference(
            GenieReduxDynamics model, Tensor ids, Tensor actions, GenieReduxVideo tokenizer) {
        return model.logits(ids, actions)
                .sub(model.logits(ids, actions, tokenizer))
                .abs()
                .max()
                .item();
    }

    @Test
    void idsDependOnNoLaterFrame() {
        var model = GenieReduxWeights.tokenizer(write("t.safetensors", drawn(video("", false))));
        var other = clip().copy();
        other.select(1, T - 1).fill_(0.5);
        assertThat(model.encode(other).narrow(1, 0, T - 1).toLongs())
                .isEqualTo(model.encode(clip()).narrow(1, 0, T - 1).toLongs());
    }

    @Test
    void slopesAreThoseOfTheAlibiPaper() {
        assertThat(GenieReduxBlock.slopes(8))
                .containsExactly(
                        0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625);
        assertThat(GenieReduxBlock.slopes(3)).containsExactly(0.0625, 0.00390625, 0.25);
    }

    @Test
    void whatIsMissingUnexpectedOrMisshapenIsListed() {
        var tensors = drawn(video("", false));
        tensors.remove("decoder.layers.1.0.temporal_ff.4.weight");
        tensors.put("encoder.layers.0.0.spatial_ff.2.weight", Tensor.zeros(2));
        tensors.put("vq.project_in.bias", Tensor.zeros(CODE + 1));
        var file = write("t.safetensors", tensors);
        assertThatThrownBy(() -> GenieReduxWeights.tokenizer(file))
                .hasMessageContaining("missing 1 [decoder.layers.1.0.temporal_ff.4.weight")
                .hasMessageContaining("unexpected 1 [encoder.layers.0.0.spatial_ff.2.weight")
                .hasMessageContaining("vq.project_in.bias needs [3], got [4]");
        assertThatThrownBy(() -> GenieReduxWeights.dynamics(file))
                .hasMessageContaining("no name begins with 'dynamics.'");
    }

    @Test
    void videosAndActionsOfOtherSizesAreRefused() {
        var model = GenieReduxWeights.tokenizer(write("t.safetensors", drawn(video("", false))));
        assertThatThrownBy(() -> model.encode(Tensor.zeros(1, T, 5, 6, 3)))
                .hasMessageContaining("whole patches of 2");
        var dynamics = GenieReduxWeights.dynamics(write("d.safetensors", drawn(dynamics(0))));
        var ids = Tensor.zeros(dev.orrery.tensor.DType.I64, 1, T, H, W);
        assertThatThrownBy(() -> dynamics.logits(ids, Tensor.zeros(1, T, D + 1)))
                .hasMessageContaining("(B, T, 6)");
        var longer = Tensor.zeros(dev.orrery.tensor.DType.I64, 1, 7, H, W);
        assertThatThrownBy(() -> dynamics.logits(longer, Tensor.zeros(1, 7, D)))
                .hasMessageContaining("at most 40 tokens");
    }

    /// The same models in loops over doubles, without any of the engine. Token `n` of a frame is in
    /// row `n / W` and column `n % W`.
    private static final class Reference {
        private final Map<String, double[]> weights = new LinkedHashMap<>();

        Reference(Map<String, Tensor> tensors, String prefix) {
            tensors.forEach((name, tensor) -> {
                var floats = tensor.toFloats();
                var doubles = new double[floats.length];
                for (int i = 0; i < floats.length; i++) doubles[i] = floats[i];
                weights.put(name.substring(prefix.length()), doubles);
            });
        }

        private double[] linear(double[] x, String name) {
            var w = weights.get(name + ".weight");
            var b = weights.get(name + ".bias");
            var out = b == null ? new double[w.length / x.length] : b.clone();
            for (int o = 0; o < out.length; o++)
                for (int i = 0; i < x.length; i++) out[o] += w[o * x.length + i] * x[i];
            return out;
        }

        private double[] norm(double[] x, String scale, String shift) {
            double mean = Arrays.stream(x).average().orElseThrow();
            double variance =
                    Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
            var out = new double[x.length];
            for (int i = 0; i < x.length; i++)
                out[i] =
                        (x[i] - mean) / Math.sqrt(variance + 1e-5) * weights.get(scale)[i]
                                + weights.get(shift)[i];
            return out;
        }

        private double[] layerNorm(double[] x, String name) {
            return norm(x, name + ".weight", name + ".bias");
        }

        private double[] gammaNorm(double[] x, String name) {
            return norm(x, name + ".gamma", name + ".beta");
        }

        /// `x[t][n][d]` plus its positional convolution.
        private void positions(double[][][] x, String name) {
            var w = weights.get(name + ".dsconv.weight");
            var b = weights.get(name + ".dsconv.bias");
            var before = new double[x.length][H * W][];
            for (int t = 0; t < x.length; t++)
                for (int n = 0; n < H * W; n++) before[t][n] = x[t][n].clone();
            for (int t = 0; t < x.length; t++)
                for (int r = 0; r < H; r++)
                    for (int c = 0; c < W; c++)
                        for (int d = 0; d < b.length; d++) {
                            double sum = b[d];
                            for (int i = 0; i < 3; i++)
                                for (int j = 0; j < 3; j++)
                                    for (int k = 0; k < 3; k++) {
                                        int tt = t + i - 2, rr = r + j - 1, cc = c + k - 1;
                                        if (tt < 0 || rr < 0 || rr >= H || cc < 0 || cc >= W)
                                            continue;
                                        sum +=
                                                w[((d * 3 + i) * 3 + j) * 3 + k]
                                                        * before[tt][rr * W + cc][d];
                                    }
                            x[t][r * W + c][d] += sum;
                        }
        }

        private double[] unit(double[] x, int from, int count, double[] scale) {
            double length = 0;
            for (int i = 0; i < count; i++) length += x[from + i] * x[from + i];
            var out = new double[count];
            for (int i = 0; i < count; i++)
                out[i] = x[from + i] / Math.sqrt(length) * (scale.length == 0 ? 1 : scale[i]);
            return out;
        }

        /// Adds to each of a sequence what it attends to, then its feed-forward layer.
        private void attend(double[][] x, String name, double[][][] bias) {
            var attention = name + "_attention";
            int n = x.length;
            var q = new double[n][];
            var kv = new double[n][];
            for (int i = 0; i < n; i++) {
                q[i] = linear(gammaNorm(x[i], attention + ".norm"), attention + ".to_q");
                kv[i] = linear(x[i], attention + ".to_kv");
            }
            for (int i = 0; i < n; i++) {
                var mixed = new double[HEADS * HEAD];
                for (int h = 0; h < HEADS; h++) {
                    var scores = new double[n];
                    double sum = 0;
                    var query = unit(q[i], h * HEAD, HEAD, weights.get(attention + ".q_scale"));
                    for (int j = 0; j < n; j++) {
                        var key = unit(kv[j], h * HEAD, HEAD, weights.get(attention + ".k_scale"));
                        double dot = 0;
                        for (int c = 0; c < HEAD; c++) dot += query[c] * key[c];
                        sum += scores[j] = Math.exp(8 * dot + bias[h][i][j]);
                    }
                    for (int j = 0; j < n; j++)
                        for (int c = 0; c < HEAD; c++)
                            mixed[h * HEAD + c] +=
                                    scores[j] / sum * kv[j][HEADS * HEAD + h * HEAD + c];
                }
                q[i] = linear(mixed, attention + ".to_out");
            }
            for (int i = 0; i < n; i++) {
                add(x[i], q[i]);
                var both = linear(layerNorm(x[i], name + "_ff.0"), name + "_ff.1");
                var hidden = new double[HIDDEN];
                for (int c = 0; c < HIDDEN; c++) hidden[c] = both[c] * gelu(both[HIDDEN + c]);
                add(x[i], linear(hidden, name + "_ff.4"));
            }
        }

        private void space(double[][][] x, String name, double[][][] bias) {
            positions(x, name + "spatial_peg");
            for (var frame : x) attend(frame, name + "spatial", bias);
        }

        private void time(double[][][] x, String name) {
            positions(x, name + "temporal_peg");
            double[] slopes = {1 / 16.0, 1 / 256.0, 1 / 4.0};
            var bias = new double[HEADS][x.length][x.length];
            for (int h = 0; h < HEADS; h++)
                for (int i = 0; i < x.length; i++)
                    for (int j = 0; j < x.length; j++)
                        bias[h][i][j] = j > i ? Double.NEGATIVE_INFINITY : -slopes[h] * (i - j);
            for (int n = 0; n < H * W; n++) {
                var track = new double[x.length][];
                for (int t = 0; t < x.length; t++) track[t] = x[t][n];
                attend(track, name + "temporal", bias);
            }
        }

        private double[][][] bias(String name) {
            var out = new double[HEADS][H * W][H * W];
            for (int i = 0; i < H * W; i++)
                for (int j = 0; j < H * W; j++) {
                    double[] away = {i / W - j / W, i % W - j % W};
                    for (int k = 0; k < 2; k++)
                        away[k] = Math.signum(away[k]) * Math.log(Math.abs(away[k]) + 1);
                    var x =
                            leaky(
                                    linear(
                                            leaky(linear(away, name + ".net.0.0")),
                                            name + ".net.1.0"));
                    var heads = linear(x, name + ".net.2");
                    for (int h = 0; h < HEADS; h++) out[h][i][j] = heads[h];
                }
            return out;
        }

        private static double[] leaky(double[] x) {
            return Arrays.stream(x).map(v -> v < 0 ? 0.1 * v : v).toArray();
        }

        private void stack(double[][][] x, String name, double[][][] bias, boolean spaceFirst) {
            for (int i = 0; i < BLOCKS; i++) {
                var layer = name + "layers." + i + ".0.";
                if (spaceFirst) space(x, layer, bias);
                time(x, layer);
                if (!spaceFirst) space(x, layer, bias);
            }
            for (var frame : x)
                for (int n = 0; n < frame.length; n++)
                    frame[n] = gammaNorm(frame[n], name + "norm_out");
        }

        private double[][][] patches(float[] video) {
            var x = new double[T][H * W][];
            for (int t = 0; t < T; t++)
                for (int n = 0; n < H * W; n++) {
                    var patch = new double[PIXELS];
                    for (int c = 0; c < 3; c++)
                        for (int i = 0; i < P; i++)
                            for (int j = 0; j < P; j++) {
                                int y = n / W * P + i, z = n % W * P + j;
                                patch[(c * P + i) * P + j] =
                                        video[((t * H * P + y) * W * P + z) * 3 + c];
                            }
                    var name = t == 0 ? "to_patch_emb_first_frame" : "to_patch_emb";
                    x[t][n] =
                            layerNorm(
                                    linear(layerNorm(patch, name + ".1"), name + ".2"),
                                    name + ".3");
                }
            return x;
        }

        private double[][][] encoded(float[] video) {
            var x = patches(video);
            stack(x, "encoder.", bias("spatial_rel_pos_bias"), true);
            return x;
        }

        private long nearest(double[] x) {
            var projected = linear(x, "vq.project_in");
            var unit = unit(projected, 0, CODE, new double[0]);
            var book = weights.get("vq._codebook.embed");
            int best = 0;
            double most = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < K; k++) {
                double dot = 0;
                for (int c = 0; c < CODE; c++) dot += unit[c] * book[k * CODE + c];
                if (dot > most) {
                    most = dot;
                    best = k;
                }
            }
            return best;
        }

        private double[] vector(long id) {
            var book = weights.get("vq._codebook.embed");
            return linear(
                    Arrays.copyOfRange(book, (int) id * CODE, (int) (id + 1) * CODE),
                    "vq.project_out");
        }

        long[] tokens(float[] video) {
            return Arrays.stream(encoded(video))
                    .flatMap(Arrays::stream)
                    .mapToLong(this::nearest)
                    .toArray();
        }

        double[][][] vectors(long[] ids, int frames) {
            var x = new double[frames][H * W][];
            for (int i = 0; i < ids.length; i++) x[i / (H * W)][i % (H * W)] = vector(ids[i]);
            return x;
        }

        long[] actions(float[] video) {
            var x = encoded(video);
            var ids = new long[T - 1];
            for (int t = 1; t < T; t++) {
                var all = Arrays.stream(x[t]).flatMapToDouble(Arrays::stream).toArray();
                ids[t - 1] = nearest(layerNorm(linear(all, "to_action_emb.1"), "to_action_emb.2"));
            }
            return ids;
        }

        double[] next(float[] video, long[] ids) {
            var x = Arrays.copyOf(patches(video), T - 1);
            for (int t = 0; t < T - 1; t++) for (var token : x[t]) add(token, vector(ids[t]));
            return pixels(x);
        }

        double[] pixels(double[][][] x) {
            stack(x, "decoder.", bias("spatial_rel_pos_bias"), false);
            var out = new double[x.length * H * W * PIXELS];
            for (int t = 0; t < x.length; t++)
                for (int n = 0; n < H * W; n++) {
                    var patch = linear(x[t][n], t == 0 ? "to_pixels_first_frame.0" : "to_pixels.0");
                    for (int i = 0; i < PIXELS; i++) {
                        int c = i / (P * P), y = n / W * P + i / P % P, z = n % W * P + i % P;
                        out[((t * H * P + y) * W * P + z) * 3 + c] = patch[i];
                    }
                }
            return out;
        }

        double[] logits(long[] ids, float[] actions) {
            int acted = actions.length / T;
            boolean added = acted == D;
            var x = new double[T][H * W][];
            for (int i = 0; i < ids.length; i++) {
                var token = new double[added ? D : D + acted];
                for (int d = 0; d < D; d++)
                    token[d] =
                            weights.get("token_emb.weight")[(int) ids[i] * D + d]
                                    + weights.get("pos_emb.weight")[i * D + d];
                int t = i / (H * W);
                for (int a = 0; a < acted; a++) token[added ? a : D + a] += actions[t * acted + a];
                x[t][i % (H * W)] = token;
            }
            stack(x, "transformer.", bias("continuous_pos_bias"), true);
            return Arrays.stream(x)
                    .flatMap(Arrays::stream)
                    .flatMapToDouble(token -> Arrays.stream(linear(token, "to_logits")))
                    .toArray();
        }

        private static void add(double[] to, double[] what) {
            for (int i = 0; i < to.length; i++) to[i] += what[i];
        }

        private static double gelu(double x) {
            double z = x / Math.sqrt(2);
            if (Math.abs(z) > 5) return z > 0 ? x : 0;
            double sum = z, term = z;
            for (int n = 1; n < 200; n++) {
                term *= -z * z / n;
                sum += term / (2 * n + 1);
            }
            return x * 0.5 * (1 + 2 / Math.sqrt(Math.PI) * sum);
        }
    }
}
