package dev.orrery.fidelity;

import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Three 3-D convolutions and the mean and deviation of what comes out: `(B, 3, T, H, W)` in -1..1
/// to `(B, 256)`.
///
/// Windows of 3 × 5 × 5 (frames, rows, columns) with zeros around, strides 1-2-2, 2-2-2, 2-2-2,
/// channels 32, 64, 128, each followed by GELU. Weights are orthogonal (the rows of each layer's
/// matrix `(outputs, inputs · 75)` are, with length √2), biases zero. Mean and deviation run over
/// all frames and places.
///
/// Names: `N.weight (outputs, inputs, 3, 5, 5)`, `N.bias (outputs)`.
final class VideoNet extends Module {

    /// Features.
    static final int DIMS = 256;

    private static final int[] CHANNELS = {3, 32, 64, 128};
    private static final int[] KERNEL = {3, 5, 5};
    private static final long[] PADDING = {1, 2, 2}, DENSE = {1, 1, 1};
    private static final long[][] STRIDES = {{1, 2, 2}, {2, 2, 2}, {2, 2, 2}};
    private static final double GAIN = Math.sqrt(2);
    private static final int BATCH = 32;

    private final List<Tensor> weights = new ArrayList<>(), biases = new ArrayList<>();

    VideoNet(Seed seed) {
        for (int layer = 0; layer < STRIDES.length; layer++) {
            int outputs = CHANNELS[layer + 1], inputs = CHANNELS[layer];
            int columns = inputs * KERNEL[0] * KERNEL[1] * KERNEL[2];
            weights.add(
                    parameter(
                            layer + ".weight",
                            Tensor.of(
                                    orthogonal(outputs, columns, seed.split(layer)),
                                    outputs,
                                    inputs,
                                    KERNEL[0],
                                    KERNEL[1],
                                    KERNEL[2])));
            biases.add(parameter(layer + ".bias", Tensor.zeros(outputs)));
        }
    }

    Tensor forward(Tensor video) {
        var x = video;
        for (int layer = 0; layer < STRIDES.length; layer++) {
            x =
                    Functional.gelu(
                            Functional.conv3d(
                                    x,
                                    weights.get(layer),
                                    biases.get(layer),
                                    STRIDES[layer],
                                    PADDING,
                                    DENSE,
                                    1));
        }
        var flat = x.flatten(2, -1);
        var mean = flat.mean(2, true);
        var deviation = flat.sub(mean).square().mean(2, false).add(1e-8).sqrt();
        return Tensor.cat(List.of(mean.squeeze(2), deviation), 1);
    }

    /// Features of clips of one size, a batch at a time.
    float[][] features(List<Clip> clips) {
        var features = new float[clips.size()][];
        for (int from = 0; from < clips.size(); from += BATCH) {
            try (var _ = TensorScope.open();
                    var _ = Grad.disabled()) {
                var part = clips.subList(from, Math.min(clips.size(), from + BATCH));
                var values = forward(tensor(part)).toFloats();
                for (int i = 0; i < part.size(); i++) {
                    features[from + i] =
                            java.util.Arrays.copyOfRange(values, i * DIMS, (i + 1) * DIMS);
                }
            }
        }
        return features;
    }

    /// Clips of one size as `(B, 3, T, H, W)` in -1..1.
    static Tensor tensor(List<Clip> clips) {
        var first = clips.getFirst();
        var bytes = new byte[clips.size() * first.rgb().length];
        for (int i = 0; i < clips.size(); i++) {
            var clip = clips.get(i);
            Clip.sameSize("video features", first, clip);
            if (clip.frames() != first.frames()) {
                throw new IllegalArgumentException(
                        "video features compare clips of one length, got %d and %d frames; slice one"
                                .formatted(first.frames(), clip.frames()));
            }
            System.arraycopy(clip.rgb(), 0, bytes, i * clip.rgb().length, clip.rgb().length);
        }
        return Tensor.of(bytes, clips.size(), first.frames(), first.height(), first.width(), 3)
                .to(DType.F32)
                .mul_(2 / 255.0)
                .add_(-1.0)
                .permute(0, 4, 1, 2, 3)
                .contiguous();
    }

    /// Hash of all parameters, in the order of their names' registration.
    String hash() {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var tensor : stateDict().values()) {
                var values = tensor.toFloats();
                var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(values);
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// Rows that are orthogonal and of length √2, by Gram and Schmidt (twice, for rounding) from
    /// normal numbers.
    private static float[] orthogonal(int rows, int columns, Seed seed) {
        var normals = seed.normals(rows * columns);
        var values = new double[rows][columns];
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < columns; i++) {
                values[row][i] = normals[row * columns + i];
            }
            for (int time = 0; time < 2; time++) {
                for (int other = 0; other < row; other++) {
                    double dot = dot(values[row], values[other]);
                    for (int i = 0; i < columns; i++) {
                        values[row][i] -= dot * values[other][i];
                    }
                }
                double length = StrictMath.sqrt(dot(values[row], values[row]));
                for (int i = 0; i < columns; i++) {
                    values[row][i] /= length;
                }
            }
        }
        var flat = new float[rows * columns];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) (GAIN * values[i / columns][i % columns]);
        }
        return flat;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
