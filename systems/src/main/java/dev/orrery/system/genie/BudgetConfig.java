package dev.orrery.system.genie;

import dev.orrery.run.Limits;

/// What one of the three models is trained with: a budget and its rates.
///
/// @param steps optimiser steps
/// @param batch clips in a step
/// @param learningRate the highest
/// @param finalLearningRate where the cosine ends
/// @param warmUp steps until the highest rate
/// @param pairs share of the steps, from the first on, that see two frames of each of more clips,
///   as many frames in all as usual: neighbouring frames are much alike, so that other scenes teach
///   more
public record BudgetConfig(
        int steps,
        int batch,
        double learningRate,
        double finalLearningRate,
        int warmUp,
        double pairs) {

    /// A budget of whole clips.
    public BudgetConfig(
            int steps, int batch, double learningRate, double finalLearningRate, int warmUp) {
        this(steps, batch, learningRate, finalLearningRate, warmUp, 0);
    }

    public BudgetConfig {
        if (!(pairs >= 0 && pairs <= 1)) {
            throw new IllegalArgumentException(
                    "genie: pairs %s is a share of the steps; use 0 to 1".formatted(pairs));
        }
        Limits.anywhere()
                .atLeast(1, "steps", steps)
                .stage(steps, batch, learningRate)
                .lastRate("finalLearningRate", finalLearningRate)
                .atLeast(0, "warmUp", warmUp);
    }

    /// The same with other steps; the warm-up shrinks with them.
    BudgetConfig withSteps(int other) {
        int warm = Math.min(warmUp, other / 4);
        return new BudgetConfig(other, batch, learningRate, finalLearningRate, warm, pairs);
    }

    /// What a step sees, counted from 0, where clips have so many frames.
    Portion portion(long step, int context) {
        return step < Math.round(pairs * steps)
                ? new Portion(Math.max(1, batch * context / 2), 2)
                : new Portion(batch, context);
    }

    /// What a step sees.
    ///
    /// @param clips how many
    /// @param frames how many of each, from its first on
    record Portion(int clips, int frames) {

        /// The clips of one of several shares, which may differ by one.
        Portion of(int share, int count) {
            return new Portion(clips * (share + 1) / count - clips * share / count, frames);
        }
    }
}
