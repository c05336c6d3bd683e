package dev.orrery.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.Tensor;
import org.junit.jupiter.api.Test;

class TimeEmbeddingTest {

    private final Tensor times = Tensor.of(new double[] {0, 0.25, 1}, 3);

    @Test
    void periodsRunGeometricallyFromShortestToLongest() {
        var values = new SinCosPeriods(6, 0.01, 1).at(times).toFloats();
        double[] periods = {0.01, 0.1, 1};
        for (int b = 0; b < 3; b++) {
            for (int i = 0; i < 3; i++) {
                double angle = 2 * Math.PI * times.toDoubles()[b] / periods[i];
                assertThat(values[6 * b + i]).isCloseTo((float) Math.sin(angle), within(1e-5f));
                assertThat(values[6 * b + 3 + i]).isCloseTo((float) Math.cos(angle), within(1e-5f));
            }
        }
    }

    @Test
    void diffusionTimestepsPutCosinesFirst() {
        var values = DitTimestep.unit(4).at(times).toFloats();
        assertThat(values).startsWith(1, 1, 0, 0);
        assertThat(values[4]).isCloseTo((float) Math.cos(250), within(1e-5f));
        assertThat(values[5]).isCloseTo((float) Math.cos(2.5), within(1e-5f));
        assertThat(values[7]).isCloseTo((float) Math.sin(2.5), within(1e-5f));
    }

    @Test
    void timesOfTokensKeepTheirAxes() {
        assertThat(SinCosPeriods.pi0(8).at(Tensor.zeros(2, 5)).shape()).containsExactly(2, 5, 8);
        assertThat(DitTimestep.sit(8).at(Tensor.zeros(2, 5)).shape()).containsExactly(2, 5, 8);
    }

    @Test
    void oddSizesAndBadPeriodsAreRefused() {
        assertThatThrownBy(() -> new SinCosPeriods(5, 1, 2)).hasMessageContaining("even");
        assertThatThrownBy(() -> new SinCosPeriods(4, 2, 1)).hasMessageContaining("minPeriod");
        assertThatThrownBy(() -> DitTimestep.unit(3)).hasMessageContaining("even");
    }
}
