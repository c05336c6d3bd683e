package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.Dice;
import dev.orrery.env.Observation;
import dev.orrery.env.Policy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SuiteTest {

    private static final Suite.Subject SUBJECT = new Suite.Subject("test", "", 1, 0);

    private static final class Random implements Policy<float[]> {
        private Dice dice = new Dice(0);

        @Override
        public void reset(long seed) {
            dice = new Dice(seed);
        }

        @Override
        public float[] act(Observation observation) {
            return new float[] {
                dice.between(-1, 1), dice.between(-1, 1), dice.between(-1, 1), dice.between(-1, 1)
            };
        }
    }

    private static SuiteReport random(int batch) {
        var starts = Split.L0.starts().stream().filter(s -> s.seed() % 20 == 0).toList();
        return Suite.evaluate(
                Split.L0, starts, SUBJECT, BatchPolicy.of(Random::new), batch, (_, _) -> {});
    }

    @Test
    void theBatchSizeDoesNotChangeTheResult() {
        assertThat(random(7)).isEqualTo(random(50));
    }

    @Test
    void theReportCountsEveryEpisodeOnce() {
        var report = random(50);
        int counted =
                report.families().stream()
                        .flatMap(s -> s.outcomes().values().stream())
                        .mapToInt(Integer::intValue)
                        .sum();
        assertThat(counted).isEqualTo(report.results().size());
        assertThat(report.overall().trials()).isEqualTo(counted);
        assertThat(report.splitHash()).isEqualTo(Split.L0.hash());
    }

    @Test
    void anActionThatIsNoNumberIsAFailureWithAName() {
        var starts = Split.L0.starts().subList(0, 3);
        Policy<float[]> broken = _ -> new float[] {0, Float.NaN, 0, 0};
        var report =
                Suite.evaluate(
                        Split.L0, starts, SUBJECT, BatchPolicy.of(() -> broken), 50, (_, _) -> {});
        assertThat(report.overall().successes()).isZero();
        assertThat(report.results())
                .allMatch(r -> r.outcome() == Outcome.NOT_FINITE && r.steps() == 1);
    }

    @Test
    void overlappingIntervalsGiveNoVerdict() {
        var report = random(50);
        var comparison = report.compare(report);
        assertThat(comparison.verdict()).isEqualTo(SuiteReport.Verdict.UNDECIDED);
        assertThat(comparison.onlyThis()).isZero();
    }

    @Test
    void resultsOnDifferentFilesAreNotCompared() {
        var other =
                Suite.evaluate(
                        Split.L1,
                        Split.L1.starts().subList(0, 2),
                        SUBJECT,
                        BatchPolicy.of(Random::new),
                        2,
                        (_, _) -> {});
        assertThatThrownBy(() -> random(50).compare(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be compared");
    }

    /// Pictures, states and outcomes of one expert episode a family, equal on every machine.
    @ParameterizedTest
    @EnumSource
    void framesAndOutcomesAreTheOnesPinned(Family family) {
        assertThat(Suite.Frames.hash(family)).isEqualTo(Pinned.hash(family.toString()));
    }
}
