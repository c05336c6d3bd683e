package dev.orrery.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClaimRunTest {

    @TempDir Path folder;
    private final List<String> measured = new ArrayList<>();

    @Test
    void measuresEveryArmWithEverySeedOnceAndJudges() {
        var results = run(List.of(), List.of()).measure();
        assertThat(measured).containsExactly("ot 1", "vp 1", "ot 2", "vp 2");
        assertThat(results)
                .extracting(r -> r.verdict().outcome())
                .containsExactly(Verdict.Outcome.PASSED, Verdict.Outcome.MISSED);
        assertThat(results.getFirst().results().mean("vp", "error")).isEqualTo(3.5);
        assertThat(results.getFirst().complete()).isTrue();
    }

    @Test
    void whatWasTrainedSaysWithWhatConfigurationLikeAnyRun() {
        of(claim(this::measure, new Budget(7)), folder, Published.none()).measure();
        var run = RunInfo.read(folder.resolve("paths/ot/seed-1"));
        assertThat(run.preset()).isEqualTo("claim paths, ot");
        assertThat(ConfigBinder.bind(run.config(), Budget.class)).isEqualTo(new Budget(7));
        assertThatThrownBy(() ->
                        RunInfo.part(
                                folder.resolve("paths/ot/seed-1"), "evaluation", new Budget(1)))
                .isInstanceOf(RunException.class)
                .hasMessageContaining("has no 'evaluation'");
    }

    private record Budget(int steps) {}

    @Test
    void thePlanIsWrittenBeforeTheFirstResult() {
        var claim =
                claim((_, run) -> {
                    assertThat(folder.resolve("plan.json")).content().contains("ot below vp");
                    return Report.of("error", run.seed());
                });
        of(claim, folder, Published.none()).measure();
    }

    @Test
    void aMeasurementUnderOtherSettingsDoesNotCount() {
        run(List.of("F1"), List.of(1L)).measure();
        of(claim(this::measure, "longer"), folder, Published.none()).measure();
        assertThat(measured).containsExactly("ot 1", "vp 1", "ot 1", "vp 1", "ot 2", "vp 2");
    }

    @Test
    void whatSomeSeedsOnlyReportIsNamedAndTheRestPublished() throws IOException {
        var docs = folder.resolve("docs");
        var claim =
                claim((_, run) -> {
                    var report = Report.of("error", run.seed()).with("error@1.0", run.seed());
                    return run.seed() == 1 ? report.with("error@4.0", 9) : report;
                });
        ClaimPage.merge(docs, claim, of(claim, folder, Published.none()).measure());
        assertThat(Files.readString(docs.resolve("claims.md")))
                .contains("| ot | error@1.0 | 1.500 ± 0.71 | 1.000, 2.000 |")
                .contains("| ot | not of every seed: error@4.0 | | |");
        assertThat(docs.resolve("claims/sample-F1.json")).content().contains("error@4.0");
        assertThat(docs.resolve("claims/sample-F1.png")).isNotEmptyFile();
    }

    @Test
    void publishedMeasurementsCountWhereOneGoesOn() {
        var docs = folder.resolve("docs");
        var claim = claim(this::measure);
        ClaimPage.merge(docs, claim, run(List.of("F1"), List.of(1L)).measure());
        var results = of(claim, folder.resolve("new"), Published.read(docs, "sample")).measure();
        assertThat(measured).containsExactly("ot 1", "vp 1", "ot 2", "vp 2");
        assertThat(results.getFirst().complete()).isTrue();
        assertThat(results.getFirst().results().values("vp", "error")).containsExactly(3, 4);
    }

    @Test
    void aChosenSeedJoinsThePublishedOnes() {
        var docs = folder.resolve("docs");
        var claim = claim(this::measure);
        ClaimPage.merge(docs, claim, run(List.of("F1"), List.of(1L)).measure());
        var published = Published.read(docs, "sample");
        var result =
                new ClaimRun(
                                claim,
                                folder.resolve("new"),
                                false,
                                new ClaimRun.Part(List.of("F1"), List.of(), List.of(2L)),
                                published,
                                Progress.silent())
                        .measure()
                        .getFirst();
        assertThat(result.seeds()).containsExactly(1L, 2L);
        assertThat(result.complete()).isTrue();
    }

    private record Sizes(long steps, double rate, float share, List<Long> seeds) {}

    @ParameterizedTest
    @MethodSource("settings")
    void aBrokenOffMeasurementGoesOnFromItsCheckpoint(Object settings) {
        var steps = new ArrayList<Long>();
        Trial.Measure counting =
                (_, run) -> {
                    var weight = Tensor.zeros(DType.F32, 1);
                    var state = RunState.empty().with("w", () -> Map.of("w", weight), _ -> {});
                    for (long step = run.resume(state); step < 4; step++) {
                        steps.add(step);
                        run.save(step, state);
                        if (steps.size() == 2) throw new IllegalStateException("power cut");
                    }
                    return Report.of("error", 1);
                };
        var claim = claim(counting, settings);
        assertThatIllegalStateException()
                .isThrownBy(() -> of(claim, folder, Published.none()).measure());
        of(claim, folder, Published.none()).measure();
        assertThat(steps.subList(0, 4)).containsExactly(0L, 1L, 2L, 3L);
    }

    static List<Object> settings() {
        return List.of("short", new Sizes(20_000, 4e-4, 0.1f, List.of(1L, 1L << 40)));
    }

    private static ClaimRun of(Claim claim, Path folder, Published published) {
        return new ClaimRun(
                claim, folder, false, ClaimRun.Part.WHOLE, published, Progress.silent());
    }

    @Test
    void whatWasMeasuredIsNotMeasuredAgain() {
        run(List.of("F1"), List.of(1L)).measure();
        var results = run(List.of(), List.of()).measure();
        assertThat(measured).containsExactly("ot 1", "vp 1", "ot 2", "vp 2");
        assertThat(results).hasSize(2);
    }

    @Test
    void chosenSeedsAreMarkedAsNotAll() {
        var result = run(List.of("F1"), List.of(2L)).measure().getFirst();
        assertThat(result.complete()).isFalse();
        assertThat(ClaimPage.table(List.of(result))).contains("not all seeds");
    }

    @Test
    void chosenArmsAreMeasuredAndJudgedWhenAllAreThere() {
        var one = List.of("F1");
        assertThat(run(new ClaimRun.Part(one, List.of("vp"), List.of())).measure()).isEmpty();
        assertThat(measured).containsExactly("vp 1", "vp 2");
        var results = run(new ClaimRun.Part(one, List.of("ot"), List.of())).measure();
        assertThat(measured).containsExactly("vp 1", "vp 2", "ot 1", "ot 2");
        assertThat(results.getFirst().verdict().outcome()).isEqualTo(Verdict.Outcome.PASSED);
        assertThat(results.getFirst().results().mean("vp", "error")).isEqualTo(3.5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(new ClaimRun.Part(one, List.of("vpp"), List.of())))
                .withMessageContaining("no arm 'vpp'; did you mean 'vp'");
    }

    @Test
    void anUnknownTrialIsAnsweredWithTheNearest() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(List.of("F11"), List.of()))
                .withMessageContaining("did you mean 'F1'");
    }

    @Test
    void thePageKeepsOtherSystemsAndReplacesItsOwnTrials() throws IOException {
        var docs = folder.resolve("docs");
        Files.createDirectories(docs);
        var claim = claim(this::measure);
        var results = run(List.of(), List.of()).measure();
        Files.writeString(docs.resolve("claims.md"), "# Claims\n\n## other\n\nkept\n");
        ClaimPage.merge(docs, claim, results);
        var once = Files.readString(docs.resolve("claims.md"));
        ClaimPage.merge(docs, claim, results);
        assertThat(docs.resolve("claims.md")).content().isEqualTo(once);
        assertThat(once)
                .contains(
                        "kept",
                        "### F1",
                        "### F2",
                        "| vp | error | 3.500 ±",
                        "**passed**",
                        "**missed**");
        assertThat(docs.resolve("claims/sample-F1.png")).isNotEmptyFile();
    }

    private ClaimRun run(List<String> only, List<Long> seeds) {
        return run(new ClaimRun.Part(only, List.of(), seeds));
    }

    private ClaimRun run(ClaimRun.Part part) {
        return new ClaimRun(
                claim(this::measure), folder, false, part, Published.none(), Progress.silent());
    }

    private Report measure(String arm, Run run) {
        measured.add(arm + " " + run.seed());
        return Report.of("error", run.seed() + (arm.equals("vp") ? 2 : 0)).with("error@2", 1);
    }

    private static Claim claim(Trial.Measure measure) {
        return claim(measure, "short");
    }

    private static Claim claim(Trial.Measure measure, Object budget) {
        var experiment = new Trial.Experiment("paths", measure, _ -> budget);
        return new Claim() {
            @Override
            public String system() {
                return "sample";
            }

            @Override
            public String statement() {
                return "straight paths are better";
            }

            @Override
            public List<Trial> trials() {
                return List.of(
                        trial("F1", experiment, r -> judge(r, "ot", "vp")),
                        trial("F2", experiment, r -> judge(r, "vp", "ot")));
            }

            @Override
            public List<Trial> rehearsal() {
                return trials();
            }
        };
    }

    private static Verdict judge(Results results, String low, String high) {
        return Verdict.of(results.mean(low, "error") < results.mean(high, "error"), "by the mean");
    }

    private static Trial trial(String id, Trial.Experiment experiment, Trial.Judge judge) {
        return new Trial(
                id,
                "ot below vp",
                List.of("ot", "vp"),
                List.of(1L, 2L),
                "error",
                "mean of ot < mean of vp",
                experiment,
                judge);
    }
}
