package dev.orrery.system.internvlam1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.run.Machine;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Trial;
import dev.orrery.run.Verdict.Outcome;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InternVlaM1ClaimTest {

    private static Outcome judged(String id, Map<String, Report[]> reports) {
        var trial =
                new InternVlaM1Claim()
                        .trials().stream().filter(t -> t.id().equals(id)).findFirst().orElseThrow();
        var all = new ArrayList<Results.Measurement>();
        reports.forEach((arm, seeds) -> {
            for (int s = 0; s < seeds.length; s++) {
                all.add(new Results.Measurement(arm, 7 + s, seeds[s], 1, Machine.current(), ""));
            }
        });
        return trial.judge().judge(new Results(all)).outcome();
    }

    private static Report[] seeds(String metric, double... values) {
        var reports = new Report[values.length];
        for (int s = 0; s < values.length; s++) reports[s] = Report.of(metric, values[s]);
        return reports;
    }

    private static Outcome far(String id, double[] full, double... vanilla) {
        var metric = "success/" + Map.of("M2", "L3", "M3", "L5", "M4", "L6").get(id);
        var between = seeds(metric, .5, .5, .5);
        return judged(
                id,
                Map.of(
                        "full",
                        seeds(metric, full),
                        "vanilla",
                        seeds(metric, vanilla),
                        "spatial pretraining",
                        between,
                        "co-training",
                        between));
    }

    @Test
    void whatWasSeenMustNotGetWorseAndMustBeManagedAtAll() {
        assertThat(seen(.5, .5)).isEqualTo(Outcome.PASSED);
        assertThat(seen(.5, .51)).isEqualTo(Outcome.MISSED);
        assertThat(seen(.05, .01)).isEqualTo(Outcome.MISSED);
    }

    private static Outcome seen(double full, double vanilla) {
        return judged(
                "M1",
                Map.of(
                        "full", seeds("success_rate", full),
                        "vanilla", seeds("success_rate", vanilla)));
    }

    @Test
    void whatWasNotSeenMustGainEightPointsWithTwoOfThreeSeeds() {
        for (var id : new String[] {"M2", "M3", "M4"}) {
            assertThat(far(id, new double[] {.6, .6, .4}, .4, .4, .5)).isEqualTo(Outcome.PASSED);
            assertThat(far(id, new double[] {.5, .4, .4}, .4, .4, .4)).isEqualTo(Outcome.MISSED);
            assertThat(far(id, new double[] {.9, .4, .4}, .4, .4, .5)).isEqualTo(Outcome.MISSED);
            assertThat(far(id, new double[] {.09, .09, .09}, 0, 0, 0)).isEqualTo(Outcome.MISSED);
        }
    }

    @Test
    void groundingMustBeKeptByQuestionsAndLostWithout() {
        assertThat(kept(.8, .75, .6)).isEqualTo(Outcome.PASSED);
        assertThat(kept(.8, .7, .6)).isEqualTo(Outcome.MISSED);
        assertThat(kept(.8, .8, .8)).isEqualTo(Outcome.MISSED);
        assertThat(kept(.05, .05, .01)).isEqualTo(Outcome.MISSED);
    }

    private static Outcome kept(double before, double with, double without) {
        return judged(
                "M5",
                Map.of(
                        "co-training",
                        new Report[] {
                            Report.of("grounding", with).with("grounding_stage1", before)
                        },
                        "spatial pretraining",
                        seeds("grounding", without)));
    }

    @Test
    void gradientsMustAgreeMoreThanInTheBaseline() {
        assertThat(aligned(.3, .2)).isEqualTo(Outcome.PASSED);
        assertThat(aligned(.2, .2)).isEqualTo(Outcome.MISSED);
    }

    private static Outcome aligned(double full, double vanilla) {
        return judged(
                "M6",
                Map.of(
                        "full", seeds("alignment", full),
                        "vanilla", seeds("alignment", vanilla)));
    }

    @Test
    void aRehearsalHasTheSameTrialsWithTinyBudgets() {
        var claim = new InternVlaM1Claim();
        assertThat(claim.rehearsal().stream().map(Trial::id).toList())
                .isEqualTo(claim.trials().stream().map(Trial::id).toList());
        assertThat(claim.rehearsal()).noneMatch(t -> t.experiment().name().endsWith("laptop"));
    }
}
