package dev.orrery.system.rt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.run.Machine;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Trial;
import dev.orrery.run.Verdict.Outcome;
import dev.orrery.system.rt2.RtTwoConfig.Training.Data;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RtTwoClaimTest {

    private static Trial trial(String id) {
        return new RtTwoClaim()
                .trials().stream().filter(t -> t.id().equals(id)).findFirst().orElseThrow();
    }

    private static Outcome judged(String id, Map<String, List<Report>> arms) {
        var all = new ArrayList<Results.Measurement>();
        arms.forEach((arm, reports) -> {
            for (int s = 0; s < reports.size(); s++) {
                all.add(
                        new Results.Measurement(
                                arm, 7 + s, reports.get(s), 1, Machine.current(), ""));
            }
        });
        return trial(id).judge().judge(new Results(all)).outcome();
    }

    private static List<Report> of(String metric, double... values) {
        return java.util.Arrays.stream(values).mapToObj(v -> Report.of(metric, v)).toList();
    }

    @Test
    void seenTasksMayLoseFivePoints() {
        assertThat(seen(.6, .56)).isEqualTo(Outcome.PASSED);
        assertThat(seen(.6, .54)).isEqualTo(Outcome.MISSED);
        assertThat(seen(.01, .01)).as("nothing is shown").isEqualTo(Outcome.MISSED);
    }

    private static Outcome seen(double fine, double co) {
        return judged(
                "R1",
                Map.of(
                        "fine-tune", of("success_rate", fine),
                        "co-fine-tune", of("success_rate", co)));
    }

    @Test
    void unseenBlocksNeedOrderMarginAndTwoThirdsOfTheSeeds() {
        double[] scratch = {.1, .1, .1};
        assertThat(unseen(scratch, new double[] {.2, .2, .2}, new double[] {.4, .3, .3}))
                .isEqualTo(Outcome.PASSED);
        assertThat(unseen(scratch, new double[] {.2, .2, .2}, new double[] {.5, .4, .1}))
                .as("one seed out of order")
                .isEqualTo(Outcome.PASSED);
        assertThat(unseen(scratch, new double[] {.2, .3, .3}, new double[] {.9, .2, .2}))
                .as("two seeds out of order")
                .isEqualTo(Outcome.MISSED);
        assertThat(unseen(scratch, new double[] {.15, .2, .2}, new double[] {.25, .29, .3}))
                .as("too small a margin")
                .isEqualTo(Outcome.MISSED);
    }

    private static Outcome unseen(double[] scratch, double[] fine, double[] co) {
        return judged(
                "R2",
                Map.of(
                        "scratch", of("unseen/success_rate", scratch),
                        "fine-tune", of("unseen/success_rate", fine),
                        "co-fine-tune", of("unseen/success_rate", co)));
    }

    @Test
    void signsNeedTwiceAsMuchAndMoreThanNothing() {
        assertThat(signs(.1, .2)).isEqualTo(Outcome.PASSED);
        assertThat(signs(.11, .2)).isEqualTo(Outcome.MISSED);
        assertThat(signs(0, .05)).isEqualTo(Outcome.MISSED);
    }

    private static Outcome signs(double film, double co) {
        return judged(
                "R3",
                Map.of(
                        "rt-1-like", of("signs/success_rate", film),
                        "co-fine-tune", of("signs/success_rate", co)));
    }

    @Test
    void questionsAreKeptByOneAndForgottenByTheOther() {
        assertThat(kept(.5, .55)).isEqualTo(Outcome.PASSED);
        assertThat(kept(.55, .55)).isEqualTo(Outcome.MISSED);
        assertThat(kept(.2, .5)).isEqualTo(Outcome.MISSED);
    }

    private static Outcome kept(double fine, double co) {
        return judged(
                "R4",
                Map.of(
                        "fine-tune",
                        List.of(Report.of("question_accuracy", fine).with("question_level", .6)),
                        "co-fine-tune",
                        List.of(Report.of("question_accuracy", co).with("question_level", .6))));
    }

    @Test
    void armsSeeEqualRobotSamplesAndDifferInWhatIsCompared() {
        var laptop = RtTwoConfig.laptop();
        var settings = new HashSet<Object>();
        for (var trial : new RtTwoClaim().trials()) {
            assertThat(trial.experiment().name()).isEqualTo("train-laptop");
            for (var arm : trial.arms()) {
                var config = RtTwoClaim.vary(laptop, arm);
                settings.add(trial.experiment().settings().apply(arm));
                assertThat(config.training().robotSamples())
                        .as(arm)
                        .isCloseTo(laptop.training().robotSamples(), within(1e-6));
                assertThat(config.demonstrations()).as(arm).isEqualTo(laptop.demonstrations());
                assertThat(config.model().actions()).as(arm).isEqualTo(laptop.model().actions());
                assertThat(config.evaluation()).as(arm).isEqualTo(laptop.evaluation());
            }
        }
        assertThat(settings).hasSize(5);
        assertThat(RtTwoClaim.vary(laptop, "scratch").web().steps()).isZero();
        assertThat(RtTwoClaim.vary(laptop, "fine-tune").web()).isEqualTo(laptop.web());
        assertThat(RtTwoClaim.vary(laptop, "fine-tune").training().data())
                .isEqualTo(Data.ROBOT_ONLY);
        assertThatThrownBy(() -> RtTwoClaim.vary(laptop, "moo"))
                .hasMessageContaining("no arm 'moo'");
    }

    @Test
    void aRehearsalHasTheSameTrialsWithTinyBudgets() {
        var claim = new RtTwoClaim();
        assertThat(claim.rehearsal().stream().map(Trial::id).toList())
                .isEqualTo(claim.trials().stream().map(Trial::id).toList());
        assertThat(claim.rehearsal()).noneMatch(t -> t.experiment().name().endsWith("laptop"));
    }
}
