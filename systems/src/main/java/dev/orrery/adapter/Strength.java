package dev.orrery.adapter;

/// How much an adapter changes a layer.
///
/// @param change ‖ΔW‖, Frobenius
/// @param weight ‖W‖
/// @param lambda DeLoRA's strength, or NaN
/// @param used ‖ΔW‖ / (|λ| ‖w_norm‖) of DeLoRA, or NaN: near zero if the learning rate is too small
public record Strength(double change, double weight, double lambda, double used) {}
