package dev.orrery.adapter;

import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;

/// Components of rank one and length one, times a learned strength: `delora_A (r, inputs)`,
/// `delora_B (outputs, r)`, `delora_lambda (1)`, and the norms of the columns of the weight as it
/// was, `delora_w_norm (inputs)`, which are saved, never worked out again from a merged weight.
///
/// Starts as the common file format does: B at zero, so nothing changes at first; lengths are
/// floored at 1e-4.
final class DeloraLayer extends Module implements WeightChange {

    private static final double FLOOR = 1e-4;

    private final Tensor down, up, lambda, columns;
    private final int rank;

    DeloraLayer(Linear base, int rank, double lambda, Seed seed) {
        this.rank = rank;
        double bound = 1 / Math.sqrt(base.inputs());
        down = parameter("delora_A", Init.uniform(bound), seed, rank, base.inputs());
        up = parameter("delora_B", Init.ZEROS, seed, base.outputs(), rank);
        this.lambda = parameter("delora_lambda", Init.constant(lambda), seed, 1);
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            columns =
                    buffer(
                            "delora_w_norm",
                            base.storedWeight().square().sum(0, false).sqrt().copy());
        }
    }

    @Override
    public Tensor weight(Tensor stored) {
        var rows = length(down, 1);
        var along = length(up, 0);
        var strength = lambda.div(rows.mul(along).mul(rank));
        var change = up.matmul(down.mul(strength.unsqueeze(1))).mul(columns);
        return stored.add(change);
    }

    /// Floored before the root, which has no slope at zero, where B starts.
    private static Tensor length(Tensor x, long axis) {
        return x.square().sum(axis, false).clampMin(FLOOR * FLOOR).sqrt();
    }
}
