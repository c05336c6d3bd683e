package dev.orrery.quantize;

/// How codes follow the vectors that chose them.
///
/// @param rule by the loss's gradient, or by moving averages
/// @param decay share of the old average that a step keeps, from 0 to 1; only for averages
/// @param smoothing added to each code's count, so that none is divided by zero; only for averages
public record CodebookLearning(Rule rule, double decay, double smoothing) {

    /// What moves a code.
    public enum Rule {
        /// The loss has a term that draws codes to vectors; an optimiser follows it.
        GRADIENT,
        /// A code is the moving average of the vectors that chose it.
        AVERAGE
    }

    public CodebookLearning {
        if (!(decay >= 0 && decay < 1))
            throw new IllegalArgumentException(
                    "codebook decay %s is not in [0, 1); use for example 0.99".formatted(decay));
        if (!(smoothing >= 0))
            throw new IllegalArgumentException(
                    "codebook smoothing %s is below 0; use for example 1e-5".formatted(smoothing));
    }

    /// Codes are parameters.
    public static CodebookLearning gradient() {
        return new CodebookLearning(Rule.GRADIENT, 0, 0);
    }

    /// Codes are moving averages, smoothed by 1e-5.
    ///
    /// @param decay such as 0.99
    public static CodebookLearning average(double decay) {
        return new CodebookLearning(Rule.AVERAGE, decay, 1e-5);
    }
}
