package dev.orrery.lm;

import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/// What a transformer shows of its inside on the way: hidden states and attention probabilities, by
/// the names that reference outputs use.
///
/// A trace that records attention makes it compute its probabilities, which the fused kernel never
/// does; a silent one costs nothing.
public final class Trace {

    private static final String STATES = "hidden_states.", ATTENTION = "attentions.";
    private static final IntPredicate NONE = _ -> false, ALL = _ -> true;
    private static final Trace SILENT = new Trace(false, NONE);

    private final boolean states;
    private final IntPredicate attention;
    private final Map<String, Tensor> found = new LinkedHashMap<>();

    /// @param attention the layers whose attention is recorded
    private Trace(boolean states, IntPredicate attention) {
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

    /// Records hidden states, and attention probabilities of the layers from `first` to `last`.
    public static Trace ofStatesAndAttention(int first, int last) {
        return new Trace(true, i -> i >= first && i <= last);
    }

    /// Whether attention probabilities of all layers are recorded.
    public boolean records() {
        return attention == ALL;
    }

    /// Whether those of layer `i` are.
    public boolean records(int i) {
        return attention.test(i);
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
        return all(STATES);
    }

    /// The attention probabilities, in order: `(B, N, T, keys)` each.
    public List<Tensor> attentions() {
        return all(ATTENTION);
    }

    private List<Tensor> all(String name) {
        return found.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(name))
                .map(Map.Entry::getValue)
                .toList();
    }

    /// All that was recorded.
    public Map<String, Tensor> found() {
        return found;
    }
}
