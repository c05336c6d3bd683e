package dev.orrery.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.Test;

class SpreadBinsTest {

    @Test
    void neighboursAreRightInPartAndOtherTokensAreNot() {
        try (var _ = TensorScope.open()) {
            // tokens 3, 1 and 0 stand for 0, 1 and 2; token 2 stands for nothing
            var bins =
                    new SpreadBins(
                            Tensor.of(new long[] {3, 1, 0}, 3),
                            Tensor.of(new float[] {0, 1, 2}, 3),
                            2);
            var log = Tensor.of(new float[] {-1, -2, -4, -8}, 1, 4);
            double near = Math.exp(-.125), far = Math.exp(-.5), all = 1 + near + far;
            double expected = (-1 * far - 2 * near - 8) / all;
            var right = Tensor.of(new float[] {0}, 1);
            assertThat(bins.logLikelihood(log, right).item()).isCloseTo(expected, within(1e-5));
        }
    }

    @Test
    void aNarrowCurveHasOneRightAnswer() {
        try (var _ = TensorScope.open()) {
            var ids = Tensor.of(new long[] {0, 1, 2}, 3);
            var bins = new SpreadBins(ids, Tensor.of(new float[] {0, 1, 2}, 3), 1e-3);
            var log = Tensor.of(new float[] {-1, -2, -4}, 1, 3);
            assertThat(bins.logLikelihood(log, Tensor.of(new float[] {1}, 1)).item()).isEqualTo(-2);
        }
    }
}
