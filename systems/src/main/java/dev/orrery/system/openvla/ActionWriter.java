package dev.orrery.system.openvla;

import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Lets a language model write actions after embedded prompts; nothing is drawn.
///
/// @param tokens which ids stand for bins
/// @param dims dimensions A of an action
/// @param pick which of the ids of bins is written; empty to choose from all ids and to read what
///   is no bin as an extreme action, as the published code does
record ActionWriter(ActionTokenizer tokens, int dims, Optional<Pick> pick) {

    /// What was written.
    ///
    /// @param actions for each prompt A numbers from -1 to 1
    /// @param outside for each prompt the mean probability of ids that stand for no bin
    record Written(double[][] actions, double[] outside) {}

    /// Writes one action for each prompt.
    ///
    /// @param embedded `(B, T, D)`
    /// @param valid `(B, T)`, zero where a token is padding
    Written write(CausalLm lm, Tensor embedded, Tensor valid) {
        List<long[]> slots = Collections.nCopies(dims, tokens.ids());
        var found =
                pick.map(p -> Greedy.among(lm, embedded, valid, 0, slots, p))
                        .orElseGet(() -> Greedy.of(lm, embedded, valid, 0, dims));
        var ids = found.ids().toLongs();
        var outside = found.outside(slots).mean(1, false).toFloats();
        var actions = new double[outside.length][dims];
        var mass = new double[outside.length];
        for (int b = 0; b < mass.length; b++) {
            mass[b] = outside[b];
            for (int d = 0; d < dims; d++) {
                actions[b][d] = value(ids[b * dims + d]);
            }
        }
        return new Written(actions, mass);
    }

    private double value(long id) {
        return pick.isPresent() ? tokens.value(id) : tokens.valueAsPublished(id);
    }
}
