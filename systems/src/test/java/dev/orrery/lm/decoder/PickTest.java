package dev.orrery.lm.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;

class PickTest {

    /// "Still" (the bin in the middle) is the likeliest of all, yet most of what is held likely
    /// lies above it, spread over bins that are each less likely.
    private static final double[] WAVERING = {0, 0, .30, .20, .25, .25, 0};

    @Test
    void theMedianLiesAmongWhatIsLikelyTogether() {
        assertThat(Pick.LIKELIEST.of(WAVERING)).isEqualTo(2);
        assertThat(Pick.MEDIAN.of(WAVERING)).isEqualTo(3);
    }

    /// A bell around one bin of sixty-four, cut off where the bins end.
    private static double[] bell(int middle, double height) {
        var shares = new double[64];
        for (int i = 0; i < shares.length; i++) {
            double off = (i - middle) / 3.0;
            shares[i] = height * Math.exp(-off * off / 2);
        }
        return shares;
    }

    @Test
    void thePeakIsTakenWhereMostLiesAroundItAndTheMedianElsewhere() {
        var shut = bell(63, 1);
        assertThat(Pick.MEDIAN.of(shut)).isLessThan(63);
        assertThat(Pick.PEAK.of(shut)).isEqualTo(63);
        // a third of the probability on "still", the rest far away and broad
        var wavering = new double[64];
        wavering[10] = .33;
        for (int i = 24; i < 64; i++) wavering[i] = .67 / 40;
        assertThat(Pick.LIKELIEST.of(wavering)).isEqualTo(10);
        assertThat(Pick.PEAK.of(wavering)).isEqualTo(Pick.MEDIAN.of(wavering)).isGreaterThan(24);
        assertThat(Pick.PEAK.of(new double[] {.4, .6})).isEqualTo(1);
        assertThat(Pick.PEAK.of(new double[] {5})).isZero();
    }

    @Test
    void ofTwoTheMedianIsTheLikelier() {
        assertThat(Pick.MEDIAN.of(new double[] {.6, .4})).isZero();
        assertThat(Pick.MEDIAN.of(new double[] {.4, .6})).isEqualTo(1);
        assertThat(Pick.MEDIAN.of(new double[] {.4, 0, 0, .6})).isEqualTo(3);
    }

    @Test
    void sharesNeedNotSumToOneAndTheLastIsReached() {
        assertThat(Pick.MEDIAN.of(new double[] {1, 2, 3, 40})).isEqualTo(3);
        assertThat(Pick.MEDIAN.of(new double[] {5})).isZero();
        assertThat(Pick.MEDIAN.of(new double[] {0, 0, 0})).isBetween(0, 2);
    }

    @Test
    void aChoicePicksAmongItsIdsForEveryRow() {
        try (var _ = TensorScope.open()) {
            var log = new double[2 * 9];
            java.util.Arrays.fill(log, -20);
            for (int i = 0; i < WAVERING.length; i++) {
                log[i + 1] = Math.log(WAVERING[i] + 1e-9);
                log[9 + i + 1] = Math.log(WAVERING[WAVERING.length - 1 - i] + 1e-9);
            }
            log[0] = 5; // an id that is not on the list
            var logits = Tensor.of(log, 2, 1, 9);
            long[] ids = {1, 2, 3, 4, 5, 6, 7};
            var likeliest = Greedy.Choice.among(List.of(ids)).of(0, logits);
            var median = Greedy.Choice.among(List.of(ids), Pick.MEDIAN).of(0, logits);
            assertThat(likeliest.shape()).containsExactly(2, 1);
            assertThat(median.shape()).containsExactly(2, 1);
            assertThat(likeliest.toLongs()).containsExactly(3, 5);
            assertThat(median.toLongs()).containsExactly(4, 4);
        }
    }
}
