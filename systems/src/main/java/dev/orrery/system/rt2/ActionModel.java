package dev.orrery.system.rt2;

import dev.orrery.lm.decoder.Pick;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Tensor;
import dev.orrery.vlm.CompactVlm;
import java.util.List;

/// A network that acts when it is asked what a robot should do.
abstract sealed class ActionModel extends Module permits RtTwo, FilmConv {

    /// What it is made of.
    abstract RtTwoConfig.Model config();

    /// The tokens of integers and words.
    abstract RtTwoWords words();

    /// What robots should do.
    abstract List<RtAnswer> answer(CompactVlm.Prompt prompt, Pick pick);

    /// What a lesson teaches.
    ///
    /// @param spread of a value's right integer over its neighbours, a standard deviation in
    ///   integers; 0 for one right answer
    abstract Lost loss(RtBatch batch, double spread);

    /// The losses of a lesson, scalars.
    ///
    /// @param all mean cross-entropy of all tokens of answers
    /// @param action the same of the integers of actions, 0 without any
    /// @param right share of those that would have been written
    /// @param error mean distance of the values that would have been written from the true ones, in
    ///   parts of their range
    /// @param outside mean probability of what is not allowed where an integer stands
    /// @param logits `(B, M, V)`, without gradient; without elements where there is no vocabulary
    record Lost(
            Tensor all, Tensor action, Tensor right, Tensor error, Tensor outside, Tensor logits) {}
}
