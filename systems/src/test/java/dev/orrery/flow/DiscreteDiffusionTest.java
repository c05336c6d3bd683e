package dev.orrery.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DiscreteDiffusionTest {

    private static final DiscreteDiffusion DIFFUSION = DiscreteDiffusion.squaredCosine(50);

    @Test
    void whatIsLeftOfTheDataFallsFromNearlyAllToNearlyNothing() {
        assertThat(DIFFUSION.kept(0)).isGreaterThan(.99);
        assertThat(DIFFUSION.kept(49)).isBetween(0d, 1e-4);
        for (int s = 1; s < 50; s++) {
            assertThat(DIFFUSION.kept(s)).isLessThan(DIFFUSION.kept(s - 1));
        }
    }

    @Test
    void aStepComesBackFromItsHouseTime() {
        for (int s = 0; s < 50; s++) {
            assertThat(DIFFUSION.step(DIFFUSION.time(s))).isCloseTo(s, within(1e-9));
        }
        assertThat(DIFFUSION.time(49)).isZero();
    }

    @Test
    void samplingWithTheTrueNoiseFindsTheData() {
        try (var _ = TensorScope.open()) {
            var seed = Seed.of(3);
            var data = seed.split("data").normal(2, 3);
            var noise = seed.split("noise").normal(2, 3);
            var start = DIFFUSION.noised(data, noise, new int[] {40, 40});
            var trace = DIFFUSION.trace((_, _) -> noise, start, 5);
            assertThat(trace).hasSize(6);
            var off = trace.getLast().sub(data).abs().max().item();
            assertThat(off).isLessThan(1e-4);
        }
    }

    @Test
    void noiseIsAddedByEachSamplesOwnStep() {
        try (var _ = TensorScope.open()) {
            var data = Tensor.ones(2, 1);
            var noised = DIFFUSION.noised(data, Tensor.zeros(2, 1), new int[] {0, 49}).toFloats();
            assertThat(noised[0]).isCloseTo((float) Math.sqrt(DIFFUSION.kept(0)), within(1e-6f));
            assertThat(noised[1]).isCloseTo((float) Math.sqrt(DIFFUSION.kept(49)), within(1e-6f));
        }
    }

    @Test
    void stepsAreDrawnFromTheWholeRange() {
        var drawn = DIFFUSION.draw(2000, Seed.of(5));
        assertThat(Arrays.stream(drawn).distinct().count()).isEqualTo(50);
        assertThat(drawn).isEqualTo(DIFFUSION.draw(2000, Seed.of(5)));
    }

    @Test
    void samplingTakesEveryNthStep() {
        assertThat(DIFFUSION.stride(5)).containsExactly(0, 10, 20, 30, 40);
        assertThat(DiscreteDiffusion.squaredCosine(100).stride(10))
                .startsWith(0, 10)
                .endsWith(80, 90);
        assertThatThrownBy(() -> DIFFUSION.stride(40))
                .hasMessage("no whole stride cuts 50 diffusion steps into 40; use 50");
        assertThatThrownBy(() -> DiscreteDiffusion.squaredCosine(1))
                .hasMessage("diffusion in 1 steps; use at least 2");
    }
}
