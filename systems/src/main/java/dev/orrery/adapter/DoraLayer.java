package dev.orrery.adapter;

import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.LinearChange;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;

/// LoRA whose result is brought to a learned length for each output: `lora_A.weight`,
/// `lora_B.weight`, `lora_magnitude_vector (outputs)`, which starts at the weight's own lengths.
///
/// The length that is divided by counts as constant in the backward pass, as in the paper.
final class DoraLayer extends Module implements LinearChange {

    private final Tensor down, up, magnitude;
    private final double scale;

    DoraLayer(Linear base, int rank, double alpha, boolean stabilised, Seed seed) {
        double bound = 1 / Math.sqrt(base.inputs());
        down = parameter("lora_A.weight", Init.uniform(bound), seed, rank, base.inputs());
        up = parameter("lora_B.weight", Init.ZEROS, seed, base.outputs(), rank);
        scale = alpha / (stabilised ? Math.sqrt(rank) : rank);
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            magnitude = parameter("lora_magnitude_vector", lengths(base.storedWeight()).copy());
        }
    }

    private static Tensor lengths(Tensor weight) {
        return weight.square().sum(1, false).sqrt();
    }

    @Override
    public Tensor weight(Tensor stored) {
        var sum = stored.add(up.matmul(down), scale);
        return sum.mul(magnitude.div(lengths(sum.detach())).unsqueeze(1));
    }
}
