package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
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
        long[] one = {1, 1, 1}, each = {stride, stride, stride};
        sound(1, in, out, kernel, (x, w) -> Functional.conv1d(x, w, null, stride, 1, 1, 1));
        sound(2, in, out, kernel, (x, w) -> Functional.conv2d(x, w, null, stride, 1, 1, 1));
        sound(3, in, out, kernel, (x, w) -> Functional.conv3d(x, w, null, each, one, one, 1));
        sound(
                2,
                in,
                out,
                kernel,
                (x, w) -> Functional.convTranspose2d(x, w.transpose(0, 1), null, stride, 1, 0, 1));
    }

    private static void sound(
            int axes, long in, long out, long kernel, BinaryOperator<Tensor> convolution) {
        long[] image = new long[2 + axes], weight = new long[2 + axes];
        Arrays.fill(image, 6);
        Arrays.fill(weight, kernel);
        image[0] = 3;
        image[1] = in;
        weight[0] = out;
        weight[1] = in;
        assertThat(Convolution.isSound(convolution, image, weight, DType.F32)).isTrue();
    }

    @Test
    void findsWhatIsWrongInAnyOfTheThree() {
        long[] x = {2, 4, 6, 6}, weight = {4, 4, 3, 3};
        BinaryOperator<Tensor> right = (i, w) -> Functional.conv2d(i, w, null, 1, 1, 1, 1);
        assertThat(Convolution.isSound(right, x, weight, DType.F32)).isTrue();
        assertThat(Convolution.isSound(right, x, weight, DType.BF16)).isTrue();
        var wrong =
                List.<BinaryOperator<Tensor>>of(
                        (i, w) -> right.apply(i, w).mul(i.dtype() == DType.F32 ? 1.01 : 1),
                        (i, w) -> right.apply(i.dtype() == DType.F32 ? half(i) : i, w),
                        (i, w) -> right.apply(i, w.dtype() == DType.F32 ? half(w) : w),
                        (i, w) -> right.apply(i, w).mul(i.dtype() == DType.F32 ? Double.NaN : 1));
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
