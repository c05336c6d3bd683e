package dev.orrery.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.Test;

class AugmentationTest {

    private static final Seed SEED = Seed.of(3);

    @Test
    void nothingChangesAtStrengthZero() {
        try (var _ = TensorScope.open()) {
            var x = SEED.uniform(2, 3, 8, 8).mul(2.0).sub(1.0);
            var same = new Augmentation(1, 0, 0, 0, 0).apply(x, SEED);
            assertThat(same.sub(x).abs().max().item()).isLessThan(1e-6);
        }
    }

    @Test
    void everySampleDrawsFromItsOwnSeed() {
        try (var _ = TensorScope.open()) {
            var one = SEED.uniform(1, 3, 16, 16).mul(2.0).sub(1.0);
            var three = Tensor.cat(java.util.List.of(one, one, one), 0);
            var changed = Augmentation.PI0.apply(three, SEED);
            var again = Augmentation.PI0.apply(three.narrow(0, 0, 2), SEED);
            assertThat(changed.narrow(0, 0, 2).sub(again).abs().max().item()).isLessThan(1e-6);
            var first = changed.narrow(0, 0, 1);
            assertThat(first.sub(changed.narrow(0, 1, 1)).abs().max().item()).isGreaterThan(.05);
            var other = Augmentation.PI0.apply(three, Seed.of(4));
            assertThat(first.sub(other.narrow(0, 0, 1)).abs().max().item()).isGreaterThan(.05);
        }
    }

    @Test
    void aTurnKeepsTheMiddleAndMovesTheRim() {
        try (var _ = TensorScope.open()) {
            var values = new float[3 * 33 * 33];
            java.util.Arrays.fill(values, -1);
            for (int c = 0; c < 3; c++) {
                values[c * 33 * 33 + 16 * 33 + 16] = 1;
            }
            var point = Tensor.of(values, 1, 3, 33, 33);
            var turned = new Augmentation(1, 45, 0, 0, 0).apply(point, SEED);
            long at = turned.select(1, 0).reshape(-1).argmax().toLongs()[0];
            assertThat(at).isEqualTo(16 * 33 + 16);
            var bar = Tensor.full(-1.0, 1, 3, 33, 33);
            bar.select(2, 16).fill_(1.0);
            var tilted = new Augmentation(1, 45, 0, 0, 0).apply(bar, SEED);
            assertThat(tilted.sub(bar).abs().max().item()).isGreaterThan(.5);
        }
    }

    @Test
    void aWristKeepsItsGeometry() {
        try (var _ = TensorScope.open()) {
            var half = Tensor.full(-0.5, 1, 3, 8, 8);
            half.narrow(3, 0, 4).fill_(0.5);
            var changed = Augmentation.PI0_WRIST.apply(half, SEED);
            var left = changed.narrow(3, 0, 4);
            assertThat(left.max().item() - left.min().item()).isLessThan(1e-5);
            assertThat(changed.sub(half).abs().max().item()).isGreaterThan(.01);
        }
    }

    @Test
    void impossibleStrengthsAreRefused() {
        assertThatThrownBy(() -> new Augmentation(0, 0, 0, 0, 0)).hasMessageContaining("share");
        assertThatThrownBy(() -> new Augmentation(1, -1, 0, 0, 0))
                .hasMessageContaining("start at 0");
    }
}
