package dev.orrery.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.adapter.RateSweep.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RateSweepTest {

    private final List<Double> asked = new ArrayList<>();

    /// Errors rise by a factor an octave on either side of a best rate.
    private Outcome valley(double rate, double best, double factor) {
        asked.add(rate);
        double far = Math.abs(Math.log(rate / best) / Math.log(2));
        return new Outcome(Math.pow(factor, far), 2 * Math.pow(factor, far));
    }

    @Test
    void theBestRateIsFoundFromFarAndNoneIsTriedTwice() {
        for (double guess : new double[] {1, 1.0 / 32, 64}) {
            asked.clear();
            var sweep = RateSweep.around(guess, rate -> valley(rate, 2, 1.5));
            assertThat(sweep.rate()).isEqualTo(2);
            assertThat(asked).doesNotHaveDuplicates().hasSize(sweep.trials());
            assertThat(sweep.tests().keySet()).containsExactlyElementsOf(RateSweep.MULTIPLES);
            assertThat(sweep.test(4)).isCloseTo(2 * 1.5 * 1.5, within(1e-9));
            assertThat(sweep.test(.5)).isCloseTo(3, within(1e-9));
        }
    }

    @Test
    void theChoiceIsMadeByValidationNotByTheTest() {
        var sweep = RateSweep.around(1, rate -> new Outcome(Math.abs(rate - 1), 1 / rate));
        assertThat(sweep.rate()).isEqualTo(1);
        assertThat(sweep.test(16)).isLessThan(sweep.test(1));
    }

    @Test
    void theWidthIsThatOfTheValley() {
        var sweep = RateSweep.around(1, rate -> valley(rate, 1, 1.21));
        assertThat(sweep.width(1.1)).isCloseTo(1, within(1e-9));
        assertThat(sweep.width(1.21)).isCloseTo(2, within(1e-9));
        var flat = RateSweep.around(1, _ -> new Outcome(1, 1));
        assertThat(flat.width(1.1)).isGreaterThanOrEqualTo(6);
    }

    @Test
    void aNarrowSearchTriesTheNeighboursOnly() {
        var sweep = RateSweep.best(1, rate -> valley(rate, 4, 1.5));
        assertThat(sweep.rate()).isEqualTo(4);
        assertThat(asked).hasSize(5);
        assertThat(sweep.tests().keySet()).containsExactly(.25, .5, 1.0, 2.0);
    }

    @Test
    void aSearchThatOnlyFallsEnds() {
        var sweep = RateSweep.around(1, rate -> new Outcome(1 / rate, 1 / rate));
        assertThat(sweep.rate()).isLessThanOrEqualTo(Math.pow(2, 12));
    }
}
