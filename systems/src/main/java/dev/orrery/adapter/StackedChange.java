package dev.orrery.adapter;

import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Tensor;
import java.util.List;

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
}
