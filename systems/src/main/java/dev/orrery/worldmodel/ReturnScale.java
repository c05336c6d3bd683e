package dev.orrery.worldmodel;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;

/// The spread of returns that advantages are divided by: the distance between their 5th and 95th
/// percentiles, each a moving average, and at least 1.
///
/// Advantages are differences, so nothing is subtracted. Name: `percentiles (2)`.
///
/// Source: arXiv:2301.04104.
public final class ReturnScale extends Module {

    private static final double LOW = 0.05, HIGH = 0.95;

    private final double rate;
    private final Tensor percentiles;

    /// @param rate share that a batch has in the moving averages, such as 0.01
    public ReturnScale(double rate) {
        this.rate = rate;
        percentiles = buffer("percentiles", Tensor.zeros(2));
    }

    /// Takes a batch of returns into account.
    public void update(Tensor returns) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var flat = returns.detach().flatten();
            percentiles.select(0, 0).lerp_(flat.quantile(LOW), rate);
            percentiles.select(0, 1).lerp_(flat.quantile(HIGH), rate);
        }
    }

    /// What advantages are divided by, at least 1.
    public double scale() {
        var ends = percentiles.toDoubles();
        return Math.max(1, ends[1] - ends[0]);
    }

    /// The averaged 5th percentile.
    public double low() {
        return percentiles.toDoubles()[0];
    }
}
