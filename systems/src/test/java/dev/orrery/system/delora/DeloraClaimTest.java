package dev.orrery.system.delora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.policy.adapt.Adapts;
import dev.orrery.policy.adapt.Pupil;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.run.Machine;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Run;
import dev.orrery.run.Verdict.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeloraClaimTest {

    @TempDir Path folder;

    private static Results results(Map<String, List<Report>> arms) {
        var all = new ArrayList<Results.Measurement>();
        arms.forEach((arm, reports) -> {
            for (int seed = 0; seed < reports.size(); seed++) {
                all.add(
                        new Results.Measurement(
                                arm, seed, reports.get(seed), 1, Machine.current(), ""));
            }
        });
        return new Results(all);
    }

    private static Report sweep(double at4, double at8, double width) {
        return Report.of("error@1.0", 1)
                .with("error@4.0", at4)
                .with("error@8.0", at8)
                .with("best_error", 1)
                .with("width", width);
    }

    private static Outcome rates(int forgiving, double width) {
        var delora = new ArrayList<Report>();
        for (int i = 0; i < 5; i++) {
            delora.add(i < forgiving ? sweep(1.4, 2.4, width) : sweep(1.4, 2.6, width));
        }
        var lora = java.util.Collections.nCopies(5, sweep(2, 4, 2));
        return DeloraClaim.judgeRates(results(Map.of("lora", lora, "dora", lora, "delora", delora)))
                .outcome();
    }

    @Test
    void halfTheExcessInFourOfFiveSeedsAndHalfAgainTheWidthPass() {
        assertThat(rates(4, 3)).isEqualTo(Outcome.PASSED);
        assertThat(rates(3, 3)).isEqualTo(Outcome.MISSED);
        assertThat(rates(5, 2.9)).isEqualTo(Outcome.MISSED);
    }

    private static Outcome longRuns(double growth, double loraGrowth, double lost) {
        var lora = Report.of("growth", loraGrowth).with("source_error", .2);
        var delora = Report.of("growth", growth).with("source_error", lost);
        return DeloraClaim.judgeLong(
                        results(
                                Map.of(
                                        "lora",
                                        List.of(lora),
                                        "dora",
                                        List.of(lora),
                                        "delora",
                                        List.of(delora))))
                .outcome();
    }

    @Test
    void aFlatNormBesideAGrowingOneAndLessForgettingPass() {
        assertThat(longRuns(.019, .02, .1)).isEqualTo(Outcome.PASSED);
        assertThat(longRuns(.021, .05, .1)).isEqualTo(Outcome.MISSED);
        assertThat(longRuns(.01, .01, .1)).isEqualTo(Outcome.MISSED);
        assertThat(longRuns(.01, .05, .3)).isEqualTo(Outcome.MISSED);
    }

    private static Outcome ladder(double delora, double full) {
        Map<String, List<Report>> arms = new java.util.LinkedHashMap<>();
        for (var arm : List.of("lora", "normalised", "normed", "delora zero b")) {
            arms.put(arm, best(.10, .12));
        }
        arms.put("delora", best(delora, delora));
        arms.put("full", best(full, full));
        return DeloraClaim.judgeLadder(results(arms)).outcome();
    }

    private static List<Report> best(double... errors) {
        return java.util.Arrays.stream(errors).mapToObj(e -> Report.of("best_error", e)).toList();
    }

    @Test
    void theWholeFormMayBeWorseByAStandardErrorAndNearTheTrainingOfEverything() {
        assertThat(ladder(.119, .10)).isEqualTo(Outcome.PASSED);
        assertThat(ladder(.121, .10)).isEqualTo(Outcome.MISSED);
        assertThat(ladder(.10, .06)).isEqualTo(Outcome.MISSED);
    }

    private static Outcome policy(double mine, double high, double lora, double loraHigh) {
        return DeloraClaim.judgePolicy(
                        results(
                                Map.of(
                                        "base",
                                        List.of(Report.of("success_rate", .1)),
                                        "delora",
                                        List.of(
                                                Report.of("success@1", mine)
                                                        .with("success@4", high)),
                                        "lora",
                                        List.of(
                                                Report.of("success@1", lora)
                                                        .with("success@4", loraHigh)))))
                .outcome();
    }

    @Test
    void aPolicyMayLoseFiveHundredthsAndLessThanLoraDoes() {
        assertThat(policy(.50, .46, .50, .40)).isEqualTo(Outcome.PASSED);
        assertThat(policy(.50, .44, .50, .30)).isEqualTo(Outcome.MISSED);
        assertThat(policy(.50, .47, .50, .48)).isEqualTo(Outcome.MISSED);
        assertThat(policy(.19, .19, .19, .05)).as("nothing is shown").isEqualTo(Outcome.MISSED);
    }

    @Test
    void growthIsThatOfTheNearestLine() {
        assertThat(Regression.growth(List.of(9., 9., 9., 1., 1., 1.))).isCloseTo(0, within(1e-9));
        assertThat(Regression.growth(List.of(0., 0., 0., 0.9, 1., 1.1)))
                .isCloseTo(.2, within(1e-9));
    }

    @Test
    void aBrokenOffMeasurementGoesOnWithWhatItKept() throws Exception {
        var config = DeloraConfig.smoke().with(DeloraConfig.Method.LORA).withSteps(4);
        try (var run = Run.create(folder.resolve("a"), "delora", config, 0)) {
            var whole = Regression.measure(config, true, run);
            assertThat(whole.metrics()).containsKeys("error@16.0", "change@40", "source_error");
            Path kept;
            try (var files = Files.list(folder.resolve("a/rates"))) {
                kept = files.sorted().findFirst().orElseThrow();
            }
            Files.writeString(kept, "{\"validation\": 0.0, \"test\": 0.25}");
            assertThat(Regression.measure(config, true, run).get("best_error")).isEqualTo(.25);
        }
    }

    @Test
    void armsOfAllTrialsShareTheirMeasurements() {
        var none =
                new Adapts() {
                    @Override
                    public Path saved(Path run) {
                        return run;
                    }

                    @Override
                    public boolean canAdapt(Path policy) {
                        return false;
                    }

                    @Override
                    public Pupil open(Path policy, FrameSource training, FrameSource validation) {
                        throw new IllegalArgumentException("there are no policies here");
                    }
                };
        assertThat(new DeloraClaim(new DeloraRecipe(), none).trials().subList(0, 3))
                .extracting(t -> t.experiment().name())
                .containsOnly("regression-laptop");
    }
}
