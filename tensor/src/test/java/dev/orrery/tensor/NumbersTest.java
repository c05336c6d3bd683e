package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NumbersTest {

    private static final int MORE_THAN_ARE_KEPT = 3000;

    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void free() {
        scope.close();
    }

    @Test
    void everyNumberCountsAsItselfHoweverManyThereAre() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < MORE_THAN_ARE_KEPT; i++) {
                try (var _ = TensorScope.open()) {
                    assertThat(Tensor.zeros(1).add(i + 0.5).item()).isEqualTo(i + 0.5f);
                    assertThat(Tensor.zeros(1).sub((long) i).item()).isEqualTo(-i);
                    assertThat(Tensor.ones(1).lerp(Tensor.zeros(1), i / 3000.0).item())
                            .isEqualTo((double) (1 - (float) (i / 3000.0)), offset());
                }
            }
        }
    }

    @Test
    void numbersDoNotWidenTypesAndKeepTheirSign() {
        assertThat(Tensor.ones(DType.BF16, 2).mul(2.0).dtype()).isEqualTo(DType.BF16);
        assertThat(Tensor.ones(DType.F32, 2).mul(0.1).toFloats()).containsOnly(0.1f);
        assertThat(Tensor.ones(DType.I32, 2).add(3L).dtype()).isEqualTo(DType.I32);
        assertThat(Tensor.ones(DType.I32, 2).mul(1.5).dtype()).isEqualTo(DType.F32);
        assertThat(Tensor.ones(DType.U8, 2).div(2L).toFloats()).containsOnly(0.5f);
        assertThat(Tensor.ones(1).div(-0.0).item()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Tensor.ones(1).div(0.0).item()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(Tensor.ones(1).mul(Double.NaN).item()).isNaN();
    }

    @Test
    void gradientsPassThroughThem() {
        var x = Tensor.of(new float[] {1, -2}, 2).requiresGrad_(true);
        x.mul(3.0).add(1.0).div(2.0).sub(7L).sum().backward();
        assertThat(x.grad().toFloats()).containsExactly(1.5f, 1.5f);
    }

    @Test
    void severalThreadsMayUseThemAtOnce() {
        var sums =
                IntStream.range(0, 400)
                        .parallel()
                        .mapToDouble(i -> {
                            try (var _ = TensorScope.open()) {
                                return Tensor.zeros(1).add(i % 7 + 0.25).item();
                            }
                        })
                        .sum();
        assertThat(sums).isEqualTo(IntStream.range(0, 400).mapToDouble(i -> i % 7 + 0.25).sum());
    }

    private static org.assertj.core.data.Offset<Double> offset() {
        return org.assertj.core.data.Offset.offset(1e-6);
    }
}
