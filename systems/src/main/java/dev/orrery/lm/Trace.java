package dev.orrery.lm;

import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a transformer shows of its inside on the way: hidden states and attention probabilities, by
/// the names that reference outputs use.
///
/// A trace that records makes attention compute its probabilities, which the fused kernel never
/// does; a silent one costs nothing.
public final class Trace {

    private static final Trace SILENT = new Trace(false);

    private final boolean recording;
    private final Map<String, Tensor> found = new LinkedHashMap<>();

    private Trace(boolean recording) {
        this.recording = recording;
    }

    /// Records nothing.
    public static Trace silent() {
        return SILENT;
    }

    /// Records all.
    public static Trace recording() {
        return new Trace(true);
    }

    /// Whether anything is recorded.
    public boolean records() {
        return recording;
    }

    /// What went into layer `i`, or after the last one, normalised, came out: `(B, T, D)`.
    public void hidden(int i, Tensor x) {
        put("hidden_states." + i, x);
    }

    /// Who looked at whom in layer `i`: `(B, N, T, keys)`.
    public void attention(int i, Tensor probabilities) {
        put("attentions." + i, probabilities);
    }

    private void put(String name, Tensor value) {
        if (recording) found.put(name, value);
    }

    /// All that was recorded.
    public Map<String, Tensor> found() {
        return found;
    }
}
