package dev.orrery.tensor;

/// Values picked from a tensor and where they stood.
///
/// @param values the values
/// @param indices their positions along the axis, I64, shaped as the values
public record Indexed(Tensor values, Tensor indices) {}
