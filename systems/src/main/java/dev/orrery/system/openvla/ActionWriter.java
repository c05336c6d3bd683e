package dev.orrery.system.openvla;

import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.tensor.Tensor;
import java.util.Collections;
import java.util.List;

/// Lets a language model write actions after embedded prompts; nothing is drawn.
///
/// @param tokens which ids stand for bins
/// @param dims dimensions A of an action
/// @param manner from which ids is chosen
record ActionWriter(ActionTokenizer tokens, int dims, Manner manner) {

    /// From which ids is chosen.
    enum Manner {
        /// The likeliest of those of bins.
        CONSTRAINED,
        /// The median of those of bins.
        MEDIAN,
        /// The likeliest of those of bins where the model is sure, else the median.
        PEAK,
        /// From all of them; what is no bin is read as an extreme action, as the published code
        /// does.
        PUBLISHED;

        /// What is written of the ids of bins.
        static Manner of(Pick pick) {
            return switch (pick) {
                case LIKELIEST -> CONSTRAINED;
                case MEDIAN -> MEDIAN;
                case PEAK -> PEAK;
            };
        }
    }

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
                switch (manner) {
                    case CONSTRAINED -> among(lm, embedded, valid, slots, Pick.LIKELIEST);
                    case MEDIAN -> among(lm, embedded, valid, slots, Pick.MEDIAN);
                    case PEAK -> among(lm, embedded, valid, slots, Pick.PEAK);
                    case PUBLISHED -> Greedy.of(lm, embedded, valid, 0, dims);
                };
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

    private static Greedy among(
            CausalLm lm, Tensor embedded, Tensor valid, List<long[]> slots, Pick pick) {
        return Greedy.among(lm, embedded, valid, 0, slots, pick);
    }

    private double value(long id) {
        return switch (manner) {
            case CONSTRAINED, MEDIAN, PEAK -> tokens.value(id);
            case PUBLISHED -> tokens.valueAsPublished(id);
        };
    }
}
