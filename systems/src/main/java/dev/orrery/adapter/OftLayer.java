package dev.orrery.adapter;

import dev.orrery.nn.Adaptable;
import dev.orrery.nn.Conv1d;
import dev.orrery.nn.Conv2d;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.function.BinaryOperator;

/// Turns the inputs of a weight in blocks: `oft_R.weight (blocks, b (b - 1) / 2)`, the upper
/// triangles of skew matrices, row by row; zero at first. Of an embedding its rows are turned
/// (`oft_embedding_R.weight`), of a convolution its patches.
///
/// PEFT turns the patches of a convolution's input at every place, adds them up to an image again,
/// in an order that is another one than they were cut out in, and lets the convolution see that
/// image; merged, it turns the weight. The two agree for kernels of one pixel only, and are both
/// kept here as they are there.
final class OftLayer extends Module implements WeightChange {

    private final AdapterConfig.Method.Oft method;
    private final Tensor triangles, places;
    private final boolean words;
    private final long blocks, kernel, groups;
    private final int size;

    /// @throws IllegalArgumentException if the layer is none that PEFT turns
    OftLayer(String path, Adaptable base, AdapterConfig.Method.Oft method, Seed seed) {
        this.method = method;
        words = base instanceof Embedding;
        kernel = base instanceof Conv2d conv ? conv.window().kernel() : 0;
        groups = base instanceof Conv2d conv ? conv.window().groups() : 1;
        long inputs = inputs(path, base);
        size = method.size(inputs);
        blocks = inputs / size;
        triangles =
                parameter(
                        words ? "oft_embedding_R.weight" : "oft_R.weight",
                        Init.ZEROS,
                        seed,
                        method.shared() ? 1 : blocks,
                        (long) size * (size - 1) / 2);
        places = constant("places", places(size, (int) triangles.size(1)));
    }

    /// Numbers that are turned together.
    static long inputs(String path, Adaptable base) {
        return switch (base) {
            case Linear linear -> linear.inputs();
            case Embedding embedding -> embedding.storedWeight().size(1);
            case Conv2d conv -> {
                if (conv.window().dilation() > 1) {
                    throw new IllegalArgumentException(
                            "adapter: %s looks at every %dth pixel, and OFT is for dense kernels; leave it out"
                                    .formatted(path, conv.window().dilation()));
                }
                var weight = conv.storedWeight();
                yield weight.numel() / weight.size(0) * conv.window().groups();
            }
            case Conv1d _ ->
                    throw new IllegalArgumentException(
                            "adapter: %s is a Conv1d, which PEFT's OFT does not know; use LoRA or DoRA, or leave it out"
                                    .formatted(path));
        };
    }

    /// Where each number of a triangle stands in its matrix, with a minus mirrored: `(n, b · b)`.
    private static Tensor places(int size, int numbers) {
        var values = new float[numbers * size * size];
        int n = 0;
        for (int row = 0; row < size; row++) {
            for (int column = row + 1; column < size; column++) {
                values[n * size * size + row * size + column] = 1;
                values[n * size * size + column * size + row] = -1;
                n++;
            }
        }
        return Tensor.of(values, numbers, (long) size * size);
    }

    /// @throws IllegalStateException for a convolution in groups, whose weights do not see all that
    ///   is turned
    @Override
    public Tensor weight(Tensor stored) {
        if (groups > 1) {
            throw new IllegalStateException(
                    "OFT turns all inputs of a convolution, and one in %d groups has no weight for that; keep the adapter apart"
                            .formatted(groups));
        }
        var turns = turns();
        var flat = stored.reshape(stored.size(0), -1).to(turns.dtype());
        // x R, block by block, is W Rᵀ
        return turned(flat, words ? turns : turns.transpose(1, 2)).reshape(stored.shape());
    }

    @Override
    public Tensor rows(Tensor ids, Tensor stored) {
        return turnedInputs(Functional.embedding(ids, stored));
    }

    @Override
    public Tensor convolve(Tensor x, Tensor stored, BinaryOperator<Tensor> slide) {
        long high = x.size(2) - kernel + 1, wide = x.size(3) - kernel + 1;
        var patches = turnedInputs(Functional.unfold(x, kernel, 1, 0).transpose(1, 2));
        var places =
                patches.reshape(x.size(0), high, wide, x.size(1), kernel, kernel)
                        .permute(0, 3, 1, 2, 4, 5)
                        .reshape(x.size(0), x.size(1) * kernel * kernel, high * wide);
        return slide.apply(Functional.fold(places, x.size(2), x.size(3), kernel, 1, 0), stored);
    }

    private Tensor turnedInputs(Tensor x) {
        var turns = turns();
        var flat = x.reshape(-1, blocks * size).to(turns.dtype());
        return turned(flat, turns).reshape(x.shape()).to(x.dtype());
    }

    private Tensor turned(Tensor rows, Tensor turns) {
        var parts = rows.view(rows.size(0), blocks, size).transpose(0, 1);
        return parts.matmul(turns).transpose(0, 1).reshape(rows.size(0), blocks * size);
    }

    /// R of each block: `(blocks, b, b)`.
    private Tensor turns() {
        if (method.limit() > 0) constrain();
        var skew = triangles.matmul(places).view(triangles.size(0), size, size);
        var one = Tensor.eye(size).unsqueeze(0);
        var turns =
                method.terms() > 0
                        ? series(skew, one)
                        : one.sub(skew).matmul(one.add(skew).inverse());
        return method.shared() ? turns.expand(blocks, size, size) : turns;
    }

    /// Shortens the skew matrices that are longer than the limit, as the constrained form does
    /// before every use, training steps included.
    private void constrain() {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            double most = method.limit() / Math.sqrt(triangles.size(0));
            var length = triangles.square().sum(1, true).mul(2).sqrt();
            triangles.mul_(Tensor.full(most, 1).div(length.clampMin(most)));
        }
    }

    /// `1 + 2 Q + 2 Q² + … + Qⁿ`, as the reference cuts it off.
    private Tensor series(Tensor skew, Tensor one) {
        int terms = method.terms();
        var sum = one.expand(skew.size(0), skew.size(1), skew.size(2));
        if (terms <= 1) return sum;
        sum = sum.add(skew, 2);
        var power = skew;
        if (terms > 2) {
            power = skew.matmul(skew);
            sum = sum.add(power, 2);
            for (int i = 3; i < terms - 1; i++) {
                power = power.matmul(skew);
                sum = sum.add(power, 2);
            }
            power = power.matmul(skew);
            sum = sum.add(power);
        }
        return sum;
    }
}
