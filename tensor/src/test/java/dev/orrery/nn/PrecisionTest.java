package dev.orrery.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.optim.AdamW;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.Test;

class PrecisionTest {

    @Test
    void roundedProductsStayCloseAndEverythingStaysF32() {
        try (var _ = TensorScope.open();
                var mlp = new Mlp(64, 256, Seed.of(1))) {
            var x = Seed.of(2).normal(64, 64);
            var exact = mlp.forward(x);
            var rounded = Precision.BF16.apply(() -> mlp.forward(x));
            assertThat(rounded.dtype()).isEqualTo(DType.F32);
            double error = rounded.sub(exact).abs().max().item();
            assertThat(error).isBetween(1e-6, 2e-2);
            rounded.square().mean().backward();
            assertThat(mlp.parameters())
                    .allMatch(p -> p.dtype() == DType.F32 && p.grad().dtype() == DType.F32);
            assertThat(Precision.F32.apply(() -> mlp.forward(x)).equal(exact)).isTrue();
        }
    }

    @Test
    void smallProductsAreNotRounded() {
        try (var _ = TensorScope.open();
                var linear = new Linear(8, 8, Seed.of(1))) {
            var x = Seed.of(2).normal(4, 8);
            assertThat(Precision.BF16.apply(() -> linear.forward(x)).equal(linear.forward(x)))
                    .isTrue();
        }
    }

    @Test
    void trainingReachesTheSameLoss() {
        double exact = train(Precision.F32), rounded = train(Precision.BF16);
        assertThat(exact).isLessThan(0.2);
        assertThat(rounded).isBetween(0.8 * exact, 1.25 * exact);
    }

    private static double train(Precision precision) {
        try (var mlp = new Mlp(64, 128, Seed.of(1))) {
            var optimizer = new AdamW(mlp.parameters(), 3e-3);
            double loss = 0;
            for (int step = 0; step < 120; step++)
                try (var _ = TensorScope.open()) {
                    var x = Seed.of(3).split(step).normal(64, 64);
                    Tensor target = x.roll(1, 1);
                    var value = precision.apply(() -> Functional.mseLoss(mlp.forward(x), target));
                    optimizer.minimise(value);
                    loss = value.item();
                }
            return loss;
        }
    }
}
