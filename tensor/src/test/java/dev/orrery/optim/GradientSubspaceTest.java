package dev.orrery.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GradientSubspaceTest {

    private final TensorScope scope = TensorScope.open();
    private final Tensor weight = Tensor.zeros(4, 10).requiresGrad_(true);
    private final Tensor other = Tensor.zeros(3).requiresGrad_(true);

    @AfterEach
    void close() {
        scope.close();
    }

    /// Gradients in the plane of two rows of `weight`.
    private GradientSubspace plane(int first, int second, long seed) {
        return GradientSubspace.of(
                List.of(weight, other),
                6,
                2,
                b -> {
                    var c = Seed.of(seed).split(b).normal(2);
                    weight.select(0, first)
                            .sum()
                            .mul(c.narrow(0, 0, 1))
                            .add(weight.select(0, second).sum().mul(c.narrow(0, 1, 1)))
                            .sum()
                            .backward();
                });
    }

    @Test
    void theSamePlaneOverlapsWhollyAnotherNotAtAllAndAHalfByHalf() {
        var plane = plane(0, 1, 1);
        assertThat(plane.share()).as("two directions hold all").isCloseTo(1, within(1e-5));
        assertThat(plane.basis().shape()).containsExactly(2, 43);
        assertThat(plane.overlap(plane(1, 0, 2))).isCloseTo(1, within(1e-5));
        assertThat(plane.overlap(plane(2, 3, 3))).isCloseTo(0, within(1e-5));
        assertThat(plane.overlap(plane(1, 2, 4))).isCloseTo(.5, within(1e-5));
    }

    @Test
    void gradientsAreForgottenAfterwards() {
        plane(0, 1, 1);
        assertThat(weight.hasGrad()).isFalse();
    }

    @Test
    void whatCannotBeComparedIsRefused() {
        assertThatThrownBy(() -> GradientSubspace.of(List.of(weight), 3, 8, _ -> {}))
                .hasMessage(
                        "a subspace of rank 8 from 3 gradients; use at least as many gradients, and"
                                + " rank 1 or more");
        assertThatThrownBy(() ->
                        GradientSubspace.of(List.of(other), 2, 2, _ -> weight.sum().backward()))
                .hasMessageContaining("no gradient in any of 1 parameters");
        var plane = plane(0, 1, 1);
        var line = new GradientSubspace(plane.basis().narrow(0, 0, 1), 1);
        assertThatThrownBy(() -> plane.overlap(line))
                .hasMessageContaining("rank 2 among 43 and rank 1 among 43 parameters");
    }
}
