package dev.orrery.adapter;

import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;

/// A weight of its own for an output layer that the model ties to its words, while an adapter
/// trains one of both whole: PEFT unties them.
final class WholeHead extends Module implements WeightChange {

    private final Linear head;
    private final boolean trained;
    private final Tensor weight;

    /// @param trained whether the adapter trains it; if not, it stays what the words were
    WholeHead(Linear head, boolean trained) {
        this.head = head;
        this.trained = trained;
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            weight = parameter("weight", head.storedWeight().copy());
        }
        if (!trained) freeze();
    }

    /// Whether the adapter trains it.
    boolean isTrained() {
        return trained;
    }

    void put() {
        head.change(this);
    }

    void takeBack() {
        head.unchange();
    }

    @Override
    public Tensor weight(Tensor stored) {
        return weight;
    }
}
