package dev.orrery.fidelity;

/// The Fréchet (Wasserstein-2) distance, squared, of two Gaussians: `|μ₁ - μ₂|² + tr(Σ₁ + Σ₂ - 2
/// (Σ₁ Σ₂)^½)`.
///
/// With `Σ₁ = L Lᵀ` the product `Σ₁ Σ₂` has the eigenvalues of the symmetric matrix `Lᵀ Σ₂ L`, so
/// the trace of its square root is the sum of their roots: no complex square root is taken.
///
/// Source: Dowson and Landau (1982); as a distance of videos, FVD, arXiv:1812.01717.
public final class FrechetDistance {

    private FrechetDistance() {}

    /// The distance of two clouds of one dimension; never negative.
    ///
    /// @throws IllegalArgumentException if their dimensions differ, or if a covariance is not
    ///   positive definite (features that never vary)
    public static double between(FeatureCloud a, FeatureCloud b) {
        int dims = a.dims();
        if (b.dims() != dims) {
            throw new IllegalArgumentException(
                    "clouds of %d and %d dimensions have no distance; use the same features"
                            .formatted(dims, b.dims()));
        }
        double sum = 0;
        for (int d = 0; d < dims; d++) {
            double gap = a.mean()[d] - b.mean()[d];
            sum += gap * gap + a.covariance()[d * dims + d] + b.covariance()[d * dims + d];
        }
        var factor = Symmetric.cholesky(a.covariance(), dims);
        for (double value :
                Symmetric.eigenvalues(Symmetric.between(factor, b.covariance(), dims), dims)) {
            sum -= 2 * Math.sqrt(Math.max(0, value));
        }
        return Math.max(0, sum);
    }
}
