package dev.orrery.env.homegrid;

/// What is said besides the task.
public enum Hint {
    /// Where things are, were moved to and will appear.
    FUTURE,
    /// How bins open.
    DYNAMICS,
    /// That the agent has gone the wrong way.
    CORRECTIONS,
    /// Where something was spilled.
    TERMINATION
}
