package dev.orrery.adapter;

import dev.orrery.nn.Module;
import dev.orrery.nn.Precision;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Changes of low rank of one linear layer, another one for each row of a batch: a server's.
///
/// The factors of the adapters are stacked, padded with zeros to one rank, and those of each row
/// are gathered: `A (B, r, I)`, `B (B, O, r)`.
final class RoutedChange extends Module implements WeightChange {

    private final Tensor downs, ups;
    private final int rows;

    /// @param factors of each adapter, empty where it leaves the layer alone
    /// @param routes the adapter of each row; -1 for none
    /// @param weight the layer's `(O, I)`
    RoutedChange(List<Optional<LowRank>> factors, int[] routes, Tensor weight) {
        rows = routes.length;
        long rank = 1;
        for (var f : factors) rank = Math.max(rank, f.map(l -> l.down().size(0)).orElse(1L));
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var down = new ArrayList<Tensor>();
            var up = new ArrayList<Tensor>();
            for (int i = -1; i < factors.size(); i++) {
                var a = Tensor.zeros(rank, weight.size(1));
                var b = Tensor.zeros(weight.size(0), rank);
                if (i >= 0 && factors.get(i).isPresent()) {
                    var own = factors.get(i).get();
                    long r = own.down().size(0);
                    a.narrow(0, 0, r).copy_(own.down());
                    b.narrow(1, 0, r).copy_(own.up().mul(own.scale()));
                }
                down.add(a);
                up.add(b);
            }
            var index = new long[rows];
            for (int i = 0; i < rows; i++) index[i] = routes[i] + 1L;
            var picked = Tensor.of(index, rows);
            downs = constant("down", Tensor.stack(down, 0).indexSelect(0, picked));
            ups = constant("up", Tensor.stack(up, 0).indexSelect(0, picked));
        }
    }

    /// @throws UnsupportedOperationException always: every row has a weight of its own
    @Override
    public Tensor weight(Tensor stored) {
        throw new UnsupportedOperationException(
                "rows with different adapters have no common weight; activate one adapter for"
                        + " layers whose weight is used otherwise than in their forward");
    }

    /// @param x `(B, ..., I)`, one row an adapter
    /// @throws IllegalArgumentException if there are not as many rows as adapters
    @Override
    public Tensor forward(Tensor x, Tensor stored, @Nullable Tensor bias) {
        if (x.size(0) != rows) {
            throw new IllegalArgumentException(
                    "%d adapters were chosen for a batch of %d rows; choose one for each row"
                            .formatted(rows, x.size(0)));
        }
        var flat = x.reshape(rows, -1, x.size(x.rank() - 1)).to(downs.dtype());
        var added = flat.bmm(downs.mT()).bmm(ups.mT());
        var base = Precision.linear(x, stored, bias);
        return base.add(added.reshape(base.shape()).to(base.dtype()));
    }
}
