package dev.orrery.flow;

import dev.orrery.tensor.Tensor;

/// A velocity at every place and house time: what a solver integrates.
///
/// All samples of a batch share the time, a double, so that a model can compute (or look up) its
/// time embedding once a step.
@FunctionalInterface
public interface VelocityField {

    /// The velocity at `x`, of the same shape.
    ///
    /// @param x `(B, ...)`
    /// @param time house time in `[0, 1]`: 0 noise, 1 data
    Tensor at(Tensor x, double time);

    /// A field in house time from a model that keeps its own clock: with the data at zero it is
    /// asked at `1 - time` and its answer changes sign.
    static VelocityField of(DataAt convention, VelocityField model) {
        return switch (convention) {
            case ONE -> model;
            case ZERO -> (x, time) -> model.at(x, 1 - time).neg();
        };
    }
}
