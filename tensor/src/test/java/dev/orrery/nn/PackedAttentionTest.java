package dev.orrery.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PackedAttentionTest {

    private final TensorScope scope = TensorScope.open();
    private final PackedAttention attention =
            new PackedAttention(8, 2, Init.xavierUniform(), Seed.of(1));
    private final Tensor queries = Seed.of(2).normal(2, 3, 8), source = Seed.of(3).normal(2, 5, 8);

    @AfterEach
    void close() {
        attention.close();
        scope.close();
    }

    @Test
    void withoutDropoutBothWaysAgree() {
        var open = Tensor.of(new boolean[] {true, true, false, true, true}, 1, 5).expand(2, 5);
        var fused = attention.forward(queries, source, Visibility.unpadded(open));
        var closed = Tensor.of(new float[] {0, 0, -1e9f, 0, 0}, 1, 1, 1, 5);
        var plain = attention.forward(queries, source, closed, Dropout.NONE);
        assertThat(plain.sub(fused).abs().max().item()).isLessThan(1e-6);
        assertThat(
                        attention
                                .forward(queries, source, Visibility.full())
                                .sub(fused)
                                .abs()
                                .max()
                                .item())
                .isGreaterThan(1e-3);
    }

    @Test
    void droppedProbabilitiesAreDrawnFromTheSeed() {
        var none = Tensor.zeros(0);
        var first = attention.forward(queries, source, none, new Dropout(.5, Seed.of(4)));
        var again = attention.forward(queries, source, none, new Dropout(.5, Seed.of(4)));
        var other = attention.forward(queries, source, none, new Dropout(.5, Seed.of(5)));
        assertThat(first.sub(again).abs().max().item()).isZero();
        assertThat(first.sub(other).abs().max().item()).isGreaterThan(1e-3);
    }

    @Test
    void dropoutKeepsTheMean() {
        var x = Tensor.ones(100, 100);
        var kept = new Dropout(.1, Seed.of(6)).apply(x);
        assertThat(kept.mean().item()).isCloseTo(1, within(.02));
        assertThat(kept.max().item()).isCloseTo(1 / .9, within(1e-5));
        assertThat(kept.eq(0.0).to(dev.orrery.tensor.DType.F32).mean().item())
                .isCloseTo(.1, within(.02));
        assertThatThrownBy(() -> new Dropout(1, Seed.of(1)))
                .hasMessage("dropout of 1.0; use a probability from 0 to below 1");
    }

    @Test
    void aScaledGradientLeavesTheValuesAsTheyAre() {
        var x = Seed.of(7).normal(4).requiresGrad_(true);
        for (double scale : new double[] {1, .5, .3, 0}) {
            x.clearGrad();
            var same = GradientScale.of(x, scale);
            assertThat(same.toFloats()).isEqualTo(x.toFloats());
            same.mul(3.0).sum().add(x.sum()).backward();
            assertThat(x.grad().toFloats()[0]).isCloseTo((float) (1 + 3 * scale), within(1e-6f));
        }
        assertThatThrownBy(() -> GradientScale.of(x, -1))
                .hasMessageStartingWith("gradient scale is -1.0; use a number from 0");
    }

    @Test
    void aWidthThatDoesNotSplitIsRefused() {
        assertThatThrownBy(() -> new PackedAttention(9, 2, Init.ZEROS, Seed.of(1)))
                .hasMessageContaining("width 9 does not split over 2 heads");
    }
}
