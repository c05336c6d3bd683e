package dev.orrery.env.tabletop;

import java.util.Locale;

/// How an episode ended.
public enum Outcome {
    /// It still runs.
    UNFINISHED,
    SUCCESS,
    /// The gripper never came near what the task names.
    NEVER_REACHED,
    /// A block that the task does not name was grasped, or moved by more than its radius.
    WRONG_BLOCK,
    /// The right block was held and let go where it should not be.
    DROPPED,
    /// The goal held for a moment and was lost again.
    OVERSHOOT,
    /// None of these: it was on its way when the time ran out.
    TIME_OUT,
    /// The policy gave an action that is not a number.
    NOT_FINITE;

    /// The words for it, as in `wrong block`.
    public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
