package dev.orrery.adapter;

import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.LinearChange;
import dev.orrery.nn.Module;
import dev.orrery.nn.Precision;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A product of low rank beside a weight: `lora_A.weight (r, inputs)`, `lora_B.weight (outputs,
/// r)`.
///
/// A starts uniform in ±1/√inputs, B at zero, so that nothing changes at first, to the bit.
final class LoraLayer extends Module implements LinearChange {

    private final Tensor down, up;
    private final double scale;

    LoraLayer(Linear base, int rank, double alpha, boolean stabilised, Seed seed) {
        double bound = 1 / Math.sqrt(base.inputs());
        down = parameter("lora_A.weight", Init.uniform(bound), seed, rank, base.inputs());
        up = parameter("lora_B.weight", Init.ZEROS, seed, base.outputs(), rank);
        scale = alpha / (stabilised ? Math.sqrt(rank) : rank);
    }

    @Override
    public Tensor weight(Tensor stored) {
        return stored.add(up.matmul(down), scale);
    }

    @Override
    public Tensor forward(Tensor x, Tensor stored, @Nullable Tensor bias) {
        var low = Precision.linear(x.to(down.dtype()), down, null);
        var change = Precision.linear(low, up, null).mul(scale);
        var base = Precision.linear(x, stored, bias);
        return base.add(change.to(base.dtype()));
    }
}
