package dev.orrery.optim;

import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/// A slowly moving average of parameters, which often samples and acts better than the last ones.
///
/// ```java
/// ema.update();                              // after every step
/// try (var _ = ema.applied()) { evaluate(); } // with the averages in place of the parameters
/// ```
public final class Ema {

    /// The averages stand in for the parameters until this is closed.
    public interface Applied extends AutoCloseable {
        @Override
        void close();
    }

    private final double decay;
    private final Map<String, Tensor> parameters;
    private final Map<String, Tensor> averages = new LinkedHashMap<>();
    private boolean applied;

    /// Starts from the parameters as they are.
    ///
    /// @param decay share of the average that an update keeps, such as 0.999
    public Ema(Map<String, Tensor> parameters, double decay) {
        if (!(decay >= 0 && decay <= 1))
            throw new IllegalArgumentException(
                    "decay %s is not a share; use 0 to 1, such as 0.999".formatted(decay));
        this.decay = decay;
        this.parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            parameters.forEach(
                    (name, p) -> averages.put(name, TensorScope.release(p.detach().copy())));
        }
    }

    /// Moves the averages towards the parameters.
    public void update() {
        update(decay);
    }

    /// Moves the averages towards the parameters after a number of updates, of which the first keep
    /// less of what there is yet to average: `(1 + done) / (10 + done)`, at most the usual share.
    public void updateAfter(long done) {
        update(Math.min(decay, (1.0 + done) / (10 + done)));
    }

    /// Moves the averages towards the parameters, keeping another share than usual.
    public void update(double decay) {
        if (applied)
            throw new IllegalStateException(
                    "averages are applied; close applied() before update()");
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            Foreach.lerp_(
                    List.copyOf(averages.values()), List.copyOf(parameters.values()), 1 - decay);
        }
    }

    /// Puts the averages in place of the parameters, without copying, until the result is closed.
    public Applied applied() {
        return standIn(Tensor::detach, Tensor::setData_);
    }

    /// Writes the averages over the parameters' own numbers until the result is closed, which
    /// writes them back: for parameters whose memory others share, as an adapter's whole modules
    /// do.
    public Applied written() {
        return standIn(p -> p.detach().copy(), (p, value) -> p.detach().copy_(value));
    }

    /// @param kept what of a parameter is kept meanwhile
    /// @param put gives a parameter other numbers
    private Applied standIn(UnaryOperator<Tensor> kept, BiConsumer<Tensor, Tensor> put) {
        if (applied)
            throw new IllegalStateException("averages are applied already; close that first");
        applied = true;
        var originals = new ArrayList<Tensor>();
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            parameters.forEach((name, parameter) -> {
                originals.add(TensorScope.release(kept.apply(parameter)));
                put.accept(parameter, averages.get(name));
            });
        }
        return () -> goBack(originals, put);
    }

    private void goBack(List<Tensor> originals, BiConsumer<Tensor, Tensor> put) {
        if (!applied) return;
        applied = false;
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            int i = 0;
            for (var parameter : parameters.values())
                try (var original = originals.get(i++)) {
                    put.accept(parameter, original);
                }
        }
    }

    /// The averages by their parameters' names; its own, not copies.
    public Map<String, Tensor> stateDict() {
        return Collections.unmodifiableMap(averages);
    }

    /// Copies back what [#stateDict()] gave.
    public void load(Map<String, Tensor> state) {
        Slots.copy(averages, state, "average");
    }
}
