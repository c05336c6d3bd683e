package dev.orrery.fidelity;

/// The mean and covariance of feature vectors.
///
/// @param mean `(D)`
/// @param covariance `(D, D)`, row-major
/// @param count number of vectors
public record FeatureCloud(double[] mean, double[] covariance, int count) {

    /// The share of the covariance that is replaced by a ball of the same mean variance.
    public static final double SHRINKAGE = 1e-3;

    /// Measures vectors: the unbiased covariance `S`, then `0.999 S + 0.001 (tr S / D) I`, which
    /// keeps it invertible when there are fewer vectors than dimensions.
    ///
    /// @param features `(N, D)`
    /// @throws IllegalArgumentException with fewer than two vectors, unequal lengths or values that
    ///   are not finite
    public static FeatureCloud of(float[][] features) {
        if (features.length < 2) {
            throw new IllegalArgumentException(
                    "%d feature vectors have no covariance; give at least 2"
                            .formatted(features.length));
        }
        int dims = features[0].length;
        var mean = mean(features, dims);
        var covariance = new double[dims * dims];
        var gap = new double[dims];
        for (var row : features) {
            for (int d = 0; d < dims; d++) {
                gap[d] = row[d] - mean[d];
            }
            for (int i = 0; i < dims; i++) {
                for (int j = 0; j <= i; j++) {
                    covariance[i * dims + j] += gap[i] * gap[j];
                }
            }
        }
        double trace = 0;
        for (int i = 0; i < dims; i++) {
            for (int j = 0; j <= i; j++) {
                covariance[i * dims + j] /= features.length - 1;
                covariance[j * dims + i] = covariance[i * dims + j];
            }
            trace += covariance[i * dims + i];
        }
        for (int i = 0; i < covariance.length; i++) {
            covariance[i] *= 1 - SHRINKAGE;
        }
        for (int i = 0; i < dims; i++) {
            covariance[i * dims + i] += SHRINKAGE * trace / dims;
        }
        return new FeatureCloud(mean, covariance, features.length);
    }

    private static double[] mean(float[][] features, int dims) {
        var mean = new double[dims];
        for (int n = 0; n < features.length; n++) {
            if (features[n].length != dims) {
                throw new IllegalArgumentException(
                        "feature vector %d has %d numbers, the first %d"
                                .formatted(n, features[n].length, dims));
            }
            for (int d = 0; d < dims; d++) {
                if (!Float.isFinite(features[n][d])) {
                    throw new IllegalArgumentException(
                            "feature %d of vector %d is %s; look at the clip it came from"
                                    .formatted(d, n, features[n][d]));
                }
                mean[d] += features[n][d] / (double) features.length;
            }
        }
        return mean;
    }

    /// Dimensions D.
    public int dims() {
        return mean.length;
    }
}
