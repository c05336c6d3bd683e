package dev.orrery.system.openvla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.run.Machine;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Trial;
import dev.orrery.run.Verdict.Outcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpenVlaClaimTest {

    private static Trial trial(String id) {
        return new OpenVlaClaim()
                .trials().stream().filter(t -> t.id().equals(id)).findFirst().orElseThrow();
    }

    private static Outcome judged(String id, Map<String, Report> arms) {
        var all = new ArrayList<Results.Measurement>();
        arms.forEach((arm, report) ->
                all.add(new Results.Measurement(arm, 7, report, 1, Machine.current(), "")));
        return trial(id).judge().judge(new Results(all)).outcome();
    }

    private static Report success(double rate) {
        return Report.of("success_rate", rate);
    }

    @Test
    void thresholdsAreThoseOfTheSpecification() {
        assertThat(judged("V0", Map.of("fused", success(.80)))).isEqualTo(Outcome.PASSED);
        assertThat(judged("V0", Map.of("fused", success(.79)))).isEqualTo(Outcome.MISSED);
        assertThat(towers(.5, .5, .4)).isEqualTo(Outcome.PASSED);
        assertThat(towers(.5, .4, .51)).isEqualTo(Outcome.MISSED);
        assertThat(towers(0, 0, 0)).as("nothing is shown").isEqualTo(Outcome.MISSED);
        assertThat(oft(.09, 60, .6, 300)).as("nothing is shown").isEqualTo(Outcome.MISSED);
        assertThat(ids(0, 0, 0, 0)).as("nothing is shown").isEqualTo(Outcome.MISSED);
        assertThat(adaptation(.60, .58, .40)).isEqualTo(Outcome.PASSED);
        assertThat(adaptation(.60, .56, .40)).isEqualTo(Outcome.MISSED);
        assertThat(adaptation(.60, .60, .50)).isEqualTo(Outcome.MISSED);
        assertThat(bins(.40, .55, .56)).isEqualTo(Outcome.PASSED);
        assertThat(bins(.50, .55, .55)).isEqualTo(Outcome.MISSED);
        assertThat(bins(.40, .55, .60)).isEqualTo(Outcome.MISSED);
        assertThat(oft(.6, 60, .6, 300)).isEqualTo(Outcome.PASSED);
        assertThat(oft(.6, 60, .6, 299)).isEqualTo(Outcome.MISSED);
        assertThat(oft(.6, 60, .5, 900)).isEqualTo(Outcome.MISSED);
        assertThat(ids(.6, .62, .5, .48)).isEqualTo(Outcome.PASSED);
        assertThat(ids(.6, .64, .5, .48)).isEqualTo(Outcome.MISSED);
        assertThat(ids(.6, .62, .5, .40)).isEqualTo(Outcome.MISSED);
    }

    private static Outcome towers(double both, double names, double places) {
        return judged(
                "V1",
                Map.of(
                        "fused", success(both),
                        "semantic alone", success(names),
                        "spatial alone", success(places)));
    }

    private static Outcome adaptation(double full, double lora, double head) {
        return judged(
                "V2",
                Map.of(
                        "fused",
                        Report.of("shifted/full", full)
                                .with("shifted/lora", lora)
                                .with("shifted/head", head)
                                .with("shifted/base", .1)));
    }

    private static Outcome ids(double last, double extra, double few, double words) {
        return judged(
                "V3",
                Map.of(
                        "fused", success(last),
                        "256 new ids", success(extra),
                        "64 bins", success(few),
                        "number words", success(words)));
    }

    private static Outcome bins(double few, double usual, double many) {
        return judged(
                "V4",
                Map.of(
                        "16 bins", success(few),
                        "64 bins", success(.5),
                        "fused", success(usual),
                        "1024 bins", success(many)));
    }

    private static Outcome oft(double one, double slow, double chunk, double quick) {
        return judged(
                "V5",
                Map.of(
                        "fused", success(one).with("actions_per_second", slow),
                        "oft", success(chunk).with("actions_per_second", quick)));
    }

    @Test
    void armsDifferInWhatIsComparedAndInNothingElse() {
        var laptop = OpenVlaConfig.laptop();
        var settings = new HashSet<Object>();
        for (var trial : new OpenVlaClaim().trials()) {
            if (trial.id().equals("V2")) continue;
            assertThat(trial.experiment().name()).isEqualTo("train-laptop");
            for (var arm : trial.arms()) {
                var config = OpenVlaClaim.vary(laptop, arm);
                settings.add(trial.experiment().settings().apply(arm));
                assertThat(config.training()).as(arm).isEqualTo(laptop.training());
                assertThat(config.demonstrations()).as(arm).isEqualTo(laptop.demonstrations());
                assertThat(config.school()).as(arm).isEqualTo(laptop.school());
                assertThat(config.model().language()).isEqualTo(laptop.model().language());
                assertThat(TabletopTokens.of(config.model().io(), List.of()).bins())
                        .as(arm)
                        .isEqualTo(config.model().io().bins());
            }
        }
        assertThat(settings).hasSize(9);
        assertThat(OpenVlaClaim.vary(laptop, "oft").evaluation().execute()).isEqualTo(8);
        assertThatThrownBy(() -> OpenVlaClaim.vary(laptop, "three towers"))
                .hasMessageContaining("no arm 'three towers'");
    }

    @Test
    void aRehearsalHasTheSameTrialsWithTinyBudgets() {
        var claim = new OpenVlaClaim();
        assertThat(claim.rehearsal().stream().map(Trial::id).toList())
                .isEqualTo(claim.trials().stream().map(Trial::id).toList());
        assertThat(claim.rehearsal()).noneMatch(t -> t.experiment().name().endsWith("laptop"));
    }
}
