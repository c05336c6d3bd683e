package dev.orrery.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VecEnvTest {

    /// Counts down from its seed.
    private static final class Countdown implements Env<Integer> {
        private int left;

        @Override
        public ActionSpace<Integer> actions() {
            throw new UnsupportedOperationException("not asked for here");
        }

        @Override
        public Observation reset(long seed) {
            left = (int) seed;
            return look();
        }

        @Override
        public Step step(Integer action) {
            left -= action;
            return new Step(look(), 0, left <= 0, false);
        }

        private Observation look() {
            return Observation.of(new Image(1, 1, new byte[] {(byte) left, 0, 0}));
        }
    }

    private static VecEnv<Countdown, Integer> countdowns(int size) {
        return new VecEnv<>(IntStream.range(0, size).mapToObj(_ -> new Countdown()).toList());
    }

    @Test
    void endedEpisodesLeaveAndTheOthersGoOn() {
        var together = countdowns(3);
        together.reset(new long[] {3, 1, 2});
        var seen = new ArrayList<Integer>();
        together.step(List.of(1, 1, 1), (_, place) -> seen.add(place));
        assertThat(together.running()).containsExactly(0, 2);
        together.step(List.of(1, 1), (_, place) -> seen.add(place));
        assertThat(together.running()).containsExactly(0);
        assertThat(seen).containsExactly(0, 1, 2, 0, 2);
        assertThat(together.observations().getFirst().image("image").at(0, 0, 0)).isEqualTo(1);
    }

    @Test
    void theNumberOfActionsMustFitTheRunningEpisodes() {
        var together = countdowns(2);
        together.reset(new long[] {3, 3});
        assertThatThrownBy(() -> together.step(List.of(1), (_, _) -> {}))
                .hasMessageContaining("1 actions for 2 running episodes");
        assertThatThrownBy(() -> together.reset(new long[1]))
                .hasMessageContaining("1 seeds for 2 environments");
    }

    @Test
    void wilsonIntervalsMatchKnownValues() {
        // Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662
        var interval = Interval.of(81, 263);
        assertThat(interval.low()).isCloseTo(.2553, org.assertj.core.api.Assertions.within(5e-5));
        assertThat(interval.high()).isCloseTo(.3662, org.assertj.core.api.Assertions.within(5e-5));
        assertThat(Interval.of(0, 20).low()).isZero();
        assertThat(Interval.of(20, 20).high()).isOne();
        assertThatThrownBy(() -> Interval.of(3, 2)).hasMessageContaining("3 successes of 2 trials");
    }

    @Test
    void diceGiveTheSameNumbersForEver() {
        var dice = new Dice(42);
        assertThat(dice.nextLong()).isEqualTo(FIRST);
        assertThat(Dice.of(42, 7).nextInt(1000)).isEqualTo(DRAW);
        assertThat(new Dice(42).nextGaussian()).isEqualTo(NORMAL);
    }

    private static final long FIRST = 1148135227921311193L;
    private static final int DRAW = 276;
    private static final double NORMAL = -0.14615302253446566;
}
