package dev.orrery.adapter;

import dev.orrery.nn.Adaptable;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Changes that are written into weights, and what those were before.
final class MergedWeights {

    /// @param bias the layer's own, if it changed
    private record Before(
            Adaptable layer, WeightChange change, Tensor weight, Optional<Tensor> bias) {}

    private final List<Before> before = new ArrayList<>();

    boolean isMerged() {
        return !before.isEmpty();
    }

    /// A layer's weight without the changes.
    Tensor stored(Adaptable layer) {
        return before.stream()
                .filter(b -> b.layer() == layer)
                .map(Before::weight)
                .findFirst()
                .orElse(layer.storedWeight());
    }

    /// Writes changes into the weights of their layers, which then have no change.
    ///
    /// @throws IllegalStateException if that was done already
    void merge(Map<Adaptable, WeightChange> changes) {
        if (isMerged()) {
            throw new IllegalStateException("the adapter is merged already");
        }
        if (changes.keySet().stream().anyMatch(Adaptable::isRounded)) {
            throw new IllegalStateException(
                    "a change cannot be merged into weights of 8 bits; close the rounding, merge,"
                            + " and round again");
        }
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            changes.forEach(MergedWeights::requireRoom);
            changes.forEach(this::merge);
        }
    }

    private static void requireRoom(Adaptable layer, WeightChange change) {
        if (layer.storedBias().isEmpty() && change.bias(null) != null) {
            throw new IllegalStateException(
                    "the adapter has a bias for a layer of %d outputs that has none to merge it into; keep the adapter apart"
                            .formatted(layer.storedWeight().size(0)));
        }
    }

    private void merge(Adaptable layer, WeightChange change) {
        var stored = layer.storedWeight();
        var changed = change.weight(stored).copy();
        var bias = layer.storedBias();
        var biased = bias.map(change::bias).filter(b -> b != bias.get());
        before.add(
                new Before(
                        layer,
                        change,
                        TensorScope.release(stored.copy()),
                        biased.map(_ -> TensorScope.release(bias.get().copy()))));
        stored.copy_(changed);
        biased.ifPresent(b -> bias.orElseThrow().copy_(b));
        layer.unchange();
    }

    /// Takes [#merge] back, to the bit; the layers are changed again.
    ///
    /// @throws IllegalStateException if nothing is merged
    void unmerge() {
        if (!isMerged()) {
            throw new IllegalStateException("the adapter is not merged");
        }
        try (var _ = Grad.disabled()) {
            // two layers may share one weight, so the last goes back first
            before.reversed()
                    .forEach(b -> {
                        b.layer().storedWeight().copy_(b.weight());
                        b.bias()
                                .ifPresent(bias -> {
                                    b.layer().storedBias().orElseThrow().copy_(bias);
                                    bias.close();
                                });
                        b.layer().change(b.change());
                        b.weight().close();
                    });
        }
        before.clear();
    }
}
