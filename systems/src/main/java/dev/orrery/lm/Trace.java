package dev.orrery.lm;

import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a transformer shows of its inside on the way: hidden states and attention probabilities, by
/// the names that reference outputs use.
///
/// A trace that records attention makes it compute its probabilities, which the fused kernel never
/// does; a silent one costs nothing.
public final class Trace {

    private static final String STATES = "hidden_states.", ATTENTION = "attentions.";
    private static final int NONE = -1, ALL = -2;
    private static final Trace SILENT = new Trace(false, NONE);

    private final boolean states;
    private final int attention;
    private final Map<String, Tensor> found = new LinkedHashMap<>();

    /// @param attention the layer whose attention is recorded, [#NONE] or [#ALL]
    private Trace(boolean states, int attention) {
        this.states = states;
        this.attention = attention;
    }

    /// Records nothing.
    public static Trace silent() {
        return SILENT;
    }

    /// Records all.
    public static Trace recording() {
        return new Trace(true, ALL);
    }

    /// Records hidden states only, which leaves attention to the fused kernel.
    public static Trace ofStates() {
        return new Trace(true, NONE);
    }

    /// Records hidden states, and attention probabilities of one layer.
    public static Trace ofStatesAndAttention(int layer) {
        return new Trace(true, layer);
    }

    /// Whether attention probabilities of all layers are recorded.
    public boolean records() {
        return attention == ALL;
    }

    /// Whether those of layer `i` are.
    public boolean records(int i) {
        return attention == ALL || attention == i;
    }

    /// What went into layer `i`, or after the last one, normalised, came out: `(B, T, D)`.
    public void hidden(int i, Tensor x) {
        if (states) found.put(STATES + i, x);
    }

    /// Who looked at whom in layer `i`: `(B, N, T, keys)`.
    public void attention(int i, Tensor probabilities) {
        if (records(i)) found.put(ATTENTION + i, probabilities);
    }

    /// The hidden states, in order.
    public List<Tensor> states() {
        return found.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(STATES))
                .map(Map.Entry::getValue)
                .toList();
    }

    /// The attention probabilities of a layer that [#records(int)] names: `(B, N, T, keys)`.
    ///
    /// @throws IllegalStateException if there are none
    public Tensor attention(int layer) {
        var seen = found.get(ATTENTION + layer);
        if (seen == null) {
            throw new IllegalStateException(
                    "attention of layer %d was not recorded; trace it before the pass"
                            .formatted(layer));
        }
        return seen;
    }

    /// All that was recorded.
    public Map<String, Tensor> found() {
        return found;
    }
}
