package dev.orrery.vision.vqgan;

import dev.orrery.nn.Init;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// A convolution with bias: of single pixels, or of 3 x 3 with zeros around.
final class PointConv extends Module {

    private final Tensor weight, bias;
    private final int side;

    PointConv(int from, int to, Seed seed) {
        this(from, to, 1, seed);
    }

    PointConv(int from, int to, int side, Seed seed) {
        this.side = side;
        weight = parameter("weight", Init.fanIn(), seed, to, from, side, side);
        bias = parameter("bias", Init.ZEROS, seed, to);
    }

    Tensor forward(Tensor x) {
        return Functional.conv2d(x, weight, bias, 1, side / 2, 1, 1);
    }

    /// Every other pixel, with one row and column of zeros at the right and below.
    Tensor halve(Tensor x) {
        var padded = Functional.pad(x, new long[] {0, 1, 0, 1}, 0);
        return Functional.conv2d(padded, weight, bias, 2, 0, 1, 1);
    }
}
