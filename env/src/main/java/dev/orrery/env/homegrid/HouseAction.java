package dev.orrery.env.homegrid;

/// What the agent of [HomeGrid] can do.
///
/// The first four turn that way and then move if the cell ahead is free floor; the others act on
/// the cell ahead.
public enum HouseAction {
    LEFT,
    RIGHT,
    UP,
    DOWN,
    /// Takes the object ahead, with empty hands.
    PICKUP,
    /// Puts what is carried on an empty cell, or into an open and empty bin.
    DROP,
    /// Takes what an open bin holds, with empty hands.
    GET,
    /// Tries to open a bin; the wrong way breaks it.
    PEDAL,
    /// Tries to open a bin; the wrong way breaks it.
    GRASP,
    /// Tries to open a bin; the wrong way breaks it.
    LIFT
}
