package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvolutionTest {

    /// Shapes that oneDNN 3.7.1 gets wrong on Zen 5, some in what they give, some in derivatives.
    @ParameterizedTest
    @CsvSource({
        "20, 8, 3, 1",
        "3, 3, 3, 1",
        "1, 8, 2, 2",
        "48, 16, 3, 2",
        "24, 32, 4, 2",
        "16, 20, 3, 1"
    })
    void agreesWithDoubles(long in, long out, long kernel, long stride) {
        long[] line = {3, in, 9}, plane = {3, in, 8, 8}, space = {2, in, 5, 5, 5};
        assertThat(
                        Convolution.isSound(
                                (x, w, b) -> Functional.conv1d(x, w, b, stride, 1, 1, 1),
                                line,
                                new long[] {out, in, kernel},
                                DType.F32))
                .isTrue();
        assertThat(
                        Convolution.isSound(
                                (x, w, b) -> Functional.conv2d(x, w, b, stride, 1, 1, 1),
                                plane,
                                new long[] {out, in, kernel, kernel},
                                DType.F32))
                .isTrue();
        assertThat(
                        Convolution.isSound(
                                (x, w, b) -> Functional.convTranspose2d(x, w, b, stride, 1, 0, 1),
                                plane,
                                new long[] {in, out, kernel, kernel},
                                DType.F32))
                .isTrue();
        long[] one = {1, 1, 1}, each = {stride, stride, stride};
        assertThat(
                        Convolution.isSound(
                                (x, w, b) -> Functional.conv3d(x, w, b, each, one, one, 1),
                                space,
                                new long[] {out, in, kernel, kernel, kernel},
                                DType.F32))
                .isTrue();
    }

    @Test
    void findsWhatIsWrongInAnyOfTheThree() {
        long[] x = {2, 4, 6, 6}, weight = {4, 4, 3, 3};
        Convolution.Kind right = (i, w, b) -> Functional.conv2d(i, w, b, 1, 1, 1, 1);
        assertThat(Convolution.isSound(right, x, weight, DType.F32)).isTrue();
        assertThat(Convolution.isSound(right, x, weight, DType.BF16)).isTrue();
        var wrong =
                List.<Convolution.Kind>of(
                        (i, w, b) -> right.of(i, w, b).mul(i.dtype() == DType.F32 ? 1.01 : 1),
                        (i, w, b) -> right.of(i.dtype() == DType.F32 ? half(i) : i, w, b),
                        (i, w, b) -> right.of(i, w.dtype() == DType.F32 ? half(w) : w, b),
                        (i, w, b) ->
                                right.of(i, w, b).mul(i.dtype() == DType.F32 ? Double.NaN : 1));
        var found = new ArrayList<Boolean>();
        for (var kind : wrong) found.add(Convolution.isSound(kind, x, weight, DType.F32));
        assertThat(found).containsOnly(false);
    }

    /// The same numbers with half the derivative.
    private static Tensor half(Tensor x) {
        return x.mul(0.5).add(x.detach().mul(0.5));
    }

    @Test
    void whatIsComputedInDoublesHasTheTypeAndTheDerivativesOfTheRest() {
        try (var _ = TensorScope.open()) {
            var x = Seed.of(1).normal(2, 20, 8, 8).requiresGrad_(true);
            var weight = Seed.of(2).normal(8, 20, 3, 3).requiresGrad_(true);
            var bias = Seed.of(3).normal(8).requiresGrad_(true);
            var y = Functional.conv2d(x, weight, bias, 1, 1, 1, 1);
            assertThat(y.dtype()).isEqualTo(DType.F32);
            y.sum().backward();
            assertThat(x.grad().dtype()).isEqualTo(DType.F32);
            assertThat(bias.grad().toFloats()).containsOnly(128f);
        }
    }
}
