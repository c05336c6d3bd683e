package dev.orrery.system.rt2;

import dev.orrery.policy.tabletop.Lesson;
import dev.orrery.tensor.Tensor;

/// A batch of robot frames, questions, or both.
///
/// @param lesson what is shown, told and answered
/// @param slots I64 `(B, M)`: 1 where the flag of an action stands, 2 where one of its values does,
///   else 0
/// @param integers I64 `(B, M)`: the integer there, else 0
/// @param robots rows that are robot frames
/// @param clipped values that lay outside their bounds
record RtBatch(Lesson lesson, Tensor slots, Tensor integers, int robots, int clipped) {

    /// What stands in `slots` at an action's flag, and at its values.
    static final long FLAG = 1, VALUE = 2;
}
