package dev.orrery.adapter;

import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Several changes of one weight: each changes the stored weight by as much as it would alone.
///
/// @param changes at least two
record StackedChange(List<WeightChange> changes) implements WeightChange {

    @Override
    public Tensor weight(Tensor stored) {
        var sum = stored;
        for (var change : changes) {
            sum = sum.add(change.weight(stored).sub(stored));
        }
        return sum;
    }

    @Override
    public @Nullable Tensor bias(@Nullable Tensor stored) {
        var sum = stored;
        for (var change : changes) {
            sum = change.bias(sum);
        }
        return sum;
    }

    @Override
    public Tensor scores(Tensor x, Tensor stored) {
        var plain = WeightChange.super.scores(x, stored);
        var sum = plain;
        for (var change : changes) {
            sum = sum.add(change.scores(x, stored).sub(plain));
        }
        return sum;
    }
}
