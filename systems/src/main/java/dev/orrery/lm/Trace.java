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

    private static final Trace SILENT = new Trace(false, false);

    private final boolean states, attention;
    private final Map<String, Tensor> found = new LinkedHashMap<>();

    private Trace(boolean states, boolean attention) {
        this.states = states;
        this.attention = attention;
    }

    /// Records nothing.
    public static Trace silent() {
        return SILENT;
    }

    /// Records all.
    public static Trace recording() {
        return new Trace(true, true);
    }

    /// Records hidden states only, which leaves attention to the fused kernel.
    public static Trace ofStates() {
        return new Trace(true, false);
    }

    /// Whether attention probabilities are recorded.
    public boolean records() {
        return attention;
    }

    /// What went into layer `i`, or after the last one, normalised, came out: `(B, T, D)`.
    public void hidden(int i, Tensor x) {
        if (states) found.put("hidden_states." + i, x);
    }

    /// Who looked at whom in layer `i`: `(B, N, T, keys)`.
    public void attention(int i, Tensor probabilities) {
        if (attention) found.put("attentions." + i, probabilities);
    }

    /// The hidden states of a trace [#ofStates], in order.
    public List<Tensor> states() {
        return List.copyOf(found.values());
    }

    /// All that was recorded.
    public Map<String, Tensor> found() {
        return found;
    }
}
