package dev.orrery.adapter;

import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Turns the inputs of a weight in blocks: `oft_R.weight (blocks, b (b - 1) / 2)`, the upper
/// triangles of skew matrices, row by row; zero at first.
final class OftLayer extends Module implements WeightChange {

    private final AdapterConfig.Method.Oft method;
    private final Tensor triangles, places;
    private final long blocks;
    private final int size;

    OftLayer(Linear base, AdapterConfig.Method.Oft method, Seed seed) {
        this.method = method;
        size = method.size(base.inputs());
        blocks = base.inputs() / size;
        long numbers = (long) size * (size - 1) / 2;
        triangles =
                parameter("oft_R.weight", Init.ZEROS, seed, method.shared() ? 1 : blocks, numbers);
        places = constant("places", places(size, (int) numbers));
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

    @Override
    public Tensor weight(Tensor stored) {
        long outputs = stored.size(0);
        var turns = turns();
        var all = method.shared() ? turns.expand(blocks, size, size) : turns;
        // x R, block by block, is W Rᵀ
        var parts = stored.view(outputs, blocks, size).transpose(0, 1);
        return parts.matmul(all.transpose(1, 2)).transpose(0, 1).reshape(outputs, blocks * size);
    }

    private Tensor turns() {
        var skew = triangles.matmul(places).view(triangles.size(0), size, size);
        var one = Tensor.eye(size).unsqueeze(0);
        return method.terms() > 0
                ? series(skew, one)
                : one.sub(skew).matmul(one.add(skew).inverse());
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
