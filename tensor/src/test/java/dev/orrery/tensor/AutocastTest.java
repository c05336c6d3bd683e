package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AutocastTest {

    @Test
    void productsRoundInsideAndNotOutside() {
        var x = Seed.of(1).normal(4, 8);
        var weight = Seed.of(2).normal(8, 8).requiresGrad_(true);
        Tensor inside;
        try (var _ = Autocast.bf16()) {
            try (var _ = Autocast.bf16()) {
                assertThat(x.matmul(weight).dtype()).isEqualTo(DType.BF16);
            }
            inside = x.matmul(weight);
            assertThat(inside.dtype()).isEqualTo(DType.BF16);
            assertThat(x.add(x).dtype()).isEqualTo(DType.F32);
        }
        assertThat(x.matmul(weight).dtype()).isEqualTo(DType.F32);
        inside.to(DType.F32).sum().backward();
        assertThat(weight.grad().dtype()).isEqualTo(DType.F32);
    }
}
