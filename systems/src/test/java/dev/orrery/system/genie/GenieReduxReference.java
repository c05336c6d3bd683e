package dev.orrery.system.genie;

import static dev.orrery.system.genie.GenieReduxTest.BLOCKS;
import static dev.orrery.system.genie.GenieReduxTest.CODE;
import static dev.orrery.system.genie.GenieReduxTest.D;
import static dev.orrery.system.genie.GenieReduxTest.H;
import static dev.orrery.system.genie.GenieReduxTest.HEAD;
import static dev.orrery.system.genie.GenieReduxTest.HEADS;
import static dev.orrery.system.genie.GenieReduxTest.HIDDEN;
import static dev.orrery.system.genie.GenieReduxTest.K;
import static dev.orrery.system.genie.GenieReduxTest.P;
import static dev.orrery.system.genie.GenieReduxTest.PIXELS;
import static dev.orrery.system.genie.GenieReduxTest.T;
import static dev.orrery.system.genie.GenieReduxTest.W;

import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// The same models in loops over doubles, without any of the engine. Token `n` of a frame is in row
/// `n / W` and column `n % W`.
final class GenieReduxReference {
    private final Map<String, double[]> weights = new LinkedHashMap<>();

    GenieReduxReference(Map<String, Tensor> tensors, String prefix) {
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
                                    if (tt < 0 || rr < 0 || rr >= H || cc < 0 || cc >= W) continue;
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
                        mixed[h * HEAD + c] += scores[j] / sum * kv[j][HEADS * HEAD + h * HEAD + c];
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
                var x = leaky(linear(leaky(linear(away, name + ".net.0.0")), name + ".net.1.0"));
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
                        layerNorm(linear(layerNorm(patch, name + ".1"), name + ".2"), name + ".3");
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
                Arrays.copyOfRange(book, (int) id * CODE, (int) (id + 1) * CODE), "vq.project_out");
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
