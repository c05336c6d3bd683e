package dev.orrery.adapter;

import dev.orrery.nn.Adaptable;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Module;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;

/// LoRA whose result is brought to a learned length for each output: [LowRank]'s tensors and
/// `lora_magnitude_vector`, which starts at the weight's own lengths: `(O)` for linear layers, `(1,
/// O, 1, ...)` for convolutions, `(D)` for embeddings, where the outputs are the channels.
///
/// The length that is divided by counts as constant in the backward pass, as in the paper.
final class DoraLayer extends Module implements WeightChange {

    private final LowRank change;
    private final Tensor magnitude;
    private final boolean rows;

    DoraLayer(String path, Adaptable base, AdapterConfig.Method.Dora method, Seed seed) {
        var plan = LowRank.Plan.of(path, base, method.rank());
        rows = !(base instanceof Embedding);
        change =
                new LowRank(
                        parameter(plan.downName(), plan.downInit(), seed, plan.down()),
                        parameter(plan.upName(), plan.upInit(), seed, plan.up()),
                        LowRank.scale(method.rank(), method.alpha(), method.stabilised()),
                        plan.turned());
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var lengths = lengths(base.storedWeight());
            var shape = lengths.shape();
            if (shape.length > 2) {
                shape[1] = shape[0];
                shape[0] = 1;
            }
            var named = rows && shape.length > 2 ? lengths.reshape(shape) : lengths.flatten(0, -1);
            magnitude = parameter("lora_magnitude_vector", named.copy());
        }
    }

    /// The lengths of a weight's outputs, so shaped that the weight divides by them.
    private Tensor lengths(Tensor weight) {
        if (!rows) return weight.square().sum(0, true).sqrt();
        var shape = new long[weight.rank()];
        java.util.Arrays.fill(shape, 1);
        shape[0] = weight.size(0);
        return weight.reshape(weight.size(0), -1).square().sum(1, false).sqrt().reshape(shape);
    }

    @Override
    public Tensor weight(Tensor stored) {
        var sum = stored.add(change.delta(stored.shape()));
        var lengths = lengths(sum.detach());
        return sum.mul(magnitude.reshape(lengths.shape()).div(lengths));
    }
}
