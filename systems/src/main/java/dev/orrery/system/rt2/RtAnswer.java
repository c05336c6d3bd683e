package dev.orrery.system.rt2;

/// What a model answers to a robot.
///
/// @param said the flag and the actions
/// @param outside the mean probability that the model gave to tokens that are not allowed where an
///   integer stands
/// @param plan what it said before, possibly empty
record RtAnswer(ActionString.Said said, double outside, String plan) {}
