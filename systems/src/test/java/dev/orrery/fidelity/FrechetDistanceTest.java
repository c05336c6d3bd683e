package dev.orrery.fidelity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.Test;

class FrechetDistanceTest {

    private static float[][] points(int count, int dims, long seed) {
        try (var _ = TensorScope.open()) {
            var mix = Seed.of(seed).split("mix").normal(dims, dims);
            var flat = Seed.of(seed).split("points").normal(count, dims).matmul(mix).toFloats();
            var rows = new float[count][dims];
            for (int i = 0; i < count; i++) {
                System.arraycopy(flat, i * dims, rows[i], 0, dims);
            }
            return rows;
        }
    }

    @Test
    void alongAxesItIsTheDistanceOfMeansAndDeviations() {
        var a = new FeatureCloud(new double[] {1, 2}, new double[] {4, 0, 0, 9}, 10);
        var b = new FeatureCloud(new double[] {4, 6}, new double[] {1, 0, 0, 16}, 10);
        assertThat(FrechetDistance.between(a, b)).isCloseTo(25 + 1 + 1, within(1e-12));
        assertThat(FrechetDistance.between(b, a)).isCloseTo(27, within(1e-12));
    }

    /// diag(4, 1) turned by 45 degrees is [[2.5, 1.5], [1.5, 2.5]]; to the identity both deviations
    /// are off, by 1 and by 0.
    @Test
    void itKnowsTurnedClouds() {
        var turned = new FeatureCloud(new double[2], new double[] {2.5, 1.5, 1.5, 2.5}, 10);
        var round = new FeatureCloud(new double[2], new double[] {1, 0, 0, 1}, 10);
        assertThat(FrechetDistance.between(turned, round)).isCloseTo(1, within(1e-12));
    }

    @Test
    void itAgreesWithTheMatrixSquareRoot() {
        int dims = 24;
        var a = FeatureCloud.of(points(200, dims, 1));
        var b = FeatureCloud.of(points(150, dims, 2));
        double expected = 0;
        try (var _ = TensorScope.open()) {
            var one = Tensor.of(a.covariance(), dims, dims);
            var other = Tensor.of(b.covariance(), dims, dims);
            expected =
                    one.trace().item()
                            + other.trace().item()
                            - 2 * root(one.matmul(other), dims).trace().item();
        }
        for (int d = 0; d < dims; d++) {
            expected += Math.pow(a.mean()[d] - b.mean()[d], 2);
        }
        assertThat(FrechetDistance.between(a, b)).isCloseTo(expected, within(1e-6 * expected));
        assertThat(FrechetDistance.between(a, a)).isCloseTo(0, within(1e-9));
    }

    /// The square root by the iteration of Denman and Beavers.
    private static Tensor root(Tensor matrix, int dims) {
        var y = matrix;
        var z = Tensor.eye(dims).to(DType.F64);
        for (int i = 0; i < 40; i++) {
            var next = y.add(z.inverse()).mul(0.5);
            z = z.add(y.inverse()).mul(0.5);
            y = next;
        }
        return y;
    }

    @Test
    void shrinkageKeepsFewVectorsInvertible() {
        var few = FeatureCloud.of(points(5, 24, 3));
        var many = FeatureCloud.of(points(500, 24, 3));
        assertThat(FrechetDistance.between(few, many)).isPositive();
        double trace = 0, plain = 0;
        var rows = points(5, 24, 3);
        for (int d = 0; d < 24; d++) {
            trace += few.covariance()[d * 25];
            double mean = 0;
            for (var row : rows) mean += row[d] / 5.0;
            for (var row : rows) plain += (row[d] - mean) * (row[d] - mean) / 4;
        }
        assertThat(trace).as("shrinkage keeps the trace").isCloseTo(plain, within(1e-6 * plain));
    }

    /// All but a few eigenvalues are equal then, and as small as rounding makes the others' traces.
    @Test
    void eightVectorsInManyDimensionsHaveADistance() {
        for (long seed = 0; seed < 6; seed++) {
            var a = FeatureCloud.of(points(8, 128, 10 + seed));
            var b = FeatureCloud.of(points(8, 128, 20 + seed));
            assertThat(FrechetDistance.between(a, b)).as("seed %d", seed).isPositive();
            assertThat(FrechetDistance.between(a, a)).as("seed %d", seed).isLessThan(1e-3);
        }
    }

    @Test
    void whatHasNoDistanceIsNamed() {
        assertThatThrownBy(() -> FeatureCloud.of(new float[1][4]))
                .hasMessageContaining("at least 2");
        assertThatThrownBy(() -> FeatureCloud.of(new float[][] {{1}, {Float.NaN}}))
                .hasMessageContaining("feature 0 of vector 1 is NaN");
        var still = FeatureCloud.of(new float[5][4]);
        assertThatThrownBy(() -> FrechetDistance.between(still, still))
                .hasMessageContaining("do the features vary?");
    }
}
