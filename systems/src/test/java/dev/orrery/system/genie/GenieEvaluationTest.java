package dev.orrery.system.genie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.data.clips.Clips;
import dev.orrery.data.clips.MemoryClips;
import dev.orrery.env.Dice;
import dev.orrery.env.platformer.PlatformerAction;
import dev.orrery.fidelity.Clip;
import dev.orrery.fidelity.PlatformerClip;
import dev.orrery.run.Progress;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenieEvaluationTest {

    private static final List<PlatformerClip> LABELLED = clips(1, Calibration.labelledClips(), 8);
    private static final List<PlatformerClip> TESTED = clips(100_001, 120, 8);

    @TempDir private Path folder;

    private static List<PlatformerClip> clips(long level, int count, int frames) {
        return PlatformerClip.collect(e -> level + 2 * e, count, frames, false);
    }

    private static GenieConfig tiny(int codes) {
        var tiny = TinyGenie.tiny();
        var data = new GenieConfig.Data("", 120, 4, 8, 8, GenieConfig.Fit.EXACT, 0.5, 0.3);
        return tiny.with(data)
                .with(tiny.latentActions().with(new GenieConfig.Codes(codes, 4)))
                .with(new GenieConfig.Evaluation(2, 1, GenieConfig.Order.GREEDY, 8));
    }

    private Report evaluate(GenieConfig config, String name) {
        try (var run = Run.create(folder.resolve(name), "genie", config, 3);
                var data = GenieData.of(config.data(), run.seed("data"), Progress.silent());
                var genie = new Genie(config, data.actionNames(), Seed.of(2))) {
            var evaluation = new GenieEvaluation(genie, data, run);
            return evaluation.report(evaluation.calibration());
        }
    }

    // ---- delta-t PSNR

    @Test
    void withOneCodeActionsMatterNotAtAll() {
        var config = tiny(1);
        try (var run = Run.create(folder.resolve("one"), "genie", config, 3);
                var data = GenieData.of(config.data(), run.seed("data"), Progress.silent());
                var genie = new Genie(config, data.actionNames(), Seed.of(2))) {
            var delta = new GenieEvaluation(genie, data, run).deltaPsnr();
            assertThat(delta.latent())
                    .hasSize(3)
                    .allSatisfy(e -> {
                        assertThat(e.mean()).isZero();
                        assertThat(e.high() - e.low()).isZero();
                    });
            assertThat(delta.shuffled()).allSatisfy(e -> assertThat(e.mean()).isZero());
            assertThat(delta.dreams()).hasSize(16);
        }
    }

    @Test
    void everythingIsMeasuredWrittenAndMeasuredAlikeAgain() {
        var report = evaluate(tiny(3), "a");
        assertThat(report.metrics())
                .containsKeys(
                        "delta_psnr",
                        "delta_psnr@3",
                        "delta_psnr_shuffled",
                        "reconstruction_psnr",
                        "rf_fvd",
                        "rf_fvd_halves",
                        "probe_fvd",
                        "recovered",
                        "twin_psnr@16",
                        "jump_f1",
                        "player_visible_tokenizer");
        assertThat(report.metrics().values()).allSatisfy(v -> assertThat(v).isFinite());
        for (var file :
                List.of("evaluation.json", "evaluation/twins.gif", "evaluation/codes.png")) {
            assertThat(folder.resolve("a").resolve(file)).isNotEmptyFile();
        }
        assertThat(evaluate(tiny(3), "b")).isEqualTo(report);
    }

    @Test
    void realActionsAreMeasuredAsTheyAre() {
        var config = tiny(3);
        var report = evaluate(config.with(config.latentActions().withGtActions()), "real");
        assertThat(report.metrics()).containsKeys("delta_psnr", "twin_psnr@16");
        assertThat(report.metrics()).doesNotContainKey("recovered");
    }

    @Test
    void recordingsAreMeasuredAsFarAsTheyGo() {
        var config = tiny(3);
        var data = config.data();
        var recorded =
                new GenieConfig.Data(
                        "mine", 120, 4, 8, 8, GenieConfig.Fit.EXACT, 0.5, data.heldOut());
        try (var run = Run.create(folder.resolve("mine"), "genie", config, 3);
                var some =
                        GenieData.of(
                                recorded,
                                recording(20, config.data()),
                                recording(6, config.data()));
                var genie = new Genie(config.with(recorded), List.of(), Seed.of(2))) {
            var evaluation = new GenieEvaluation(genie, some, run);
            assertThat(evaluation.calibration()).isEmpty();
            var report = evaluation.report(evaluation.calibration());
            assertThat(report.metrics())
                    .containsKeys("delta_psnr", "reconstruction_psnr")
                    .doesNotContainKeys("rf_fvd", "probe_fvd", "recovered", "twin_psnr@1");
        }
    }

    private static Clips recording(int frames, GenieConfig.Data data) {
        var clips = MemoryClips.gather(data.height(), data.width(), 10, List.of());
        clips.begin("one");
        for (int t = 0; t < frames; t++) {
            var rgb = new byte[data.height() * data.width() * 3];
            var dice = new Dice(t);
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) dice.nextInt(256);
            }
            clips.frame(rgb);
        }
        clips.end(new int[0]);
        return clips.done();
    }

    // ---- calibration

    private static Calibration calibration(ToIntFunction<PlatformerClip.Step> code) {
        return Calibration.of(LABELLED, codes(LABELLED, code), TESTED, codes(TESTED, code), 8);
    }

    private static long[][] codes(
            List<PlatformerClip> clips, ToIntFunction<PlatformerClip.Step> code) {
        return clips.stream()
                .map(c -> c.steps().stream().mapToLong(s -> code.applyAsInt(s)).toArray())
                .toArray(long[][]::new);
    }

    @Test
    void codesThatAreActionsUnderOtherNumbersAreAllRecovered() {
        var calibration = calibration(step -> 7 - step.effective().ordinal());
        assertThat(calibration.labelled()).isEqualTo(200);
        assertThat(calibration.tested()).isEqualTo(840);
        assertThat(calibration.recovered()).isGreaterThan(0.99);
        assertThat(calibration.recoveredChosen()).isLessThan(0.9);
        assertThat(calibration.mutualInformation()).isCloseTo(1, within(1e-9));
        assertThat(calibration.controls().codes().get(PlatformerAction.RIGHT.ordinal()))
                .isEqualTo(7 - PlatformerAction.RIGHT.ordinal());
        assertThat(calibration.controls().idle()).isEqualTo(7);
        assertThat(calibration.controls().meanings().get(5).does()).isEqualTo("right");
        assertThat(calibration.controls().meanings().get(0).does()).isEmpty();
    }

    @Test
    void codesThatIgnoreActionsRecoverNoMoreThanTheCommonest() {
        var same = calibration(_ -> 3);
        assertThat(same.recovered()).isCloseTo(same.mostFrequent(), within(0.02));
        assertThat(same.mutualInformation()).isZero();
        assertThat(same.usedCodes()).isEqualTo(1);
        assertThat(same.controls().codes()).containsOnly(3);
        var dice = new Dice(5);
        var random = calibration(_ -> dice.nextInt(8));
        assertThat(random.mutualInformation()).isLessThan(0.05);
        assertThat(random.recovered()).isLessThan(same.mostFrequent() + 0.05);
        assertThat(random.usageEntropy()).isCloseTo(Math.log(8), within(0.02));
    }

    // ---- twin rollouts

    private static Clip still(Clip clip) {
        return Clip.of(Collections.nCopies(clip.frames(), clip.frame(0)));
    }

    @Test
    void theWorldItselfIsThePerfectDreamAndAStillOneIsNot() {
        var worlds = PlatformerClip.collect(e -> 55_555 + e, 12, TwinRollouts.STEPS + 1, true);
        var truths = worlds.stream().map(PlatformerClip::clip).toList();
        var perfect = new TwinRollouts(truths, truths, truths, worlds).report();
        assertThat(perfect.get("twin_psnr@16")).isEqualTo(100);
        assertThat(perfect.get("twin_ssim@8")).isCloseTo(1, within(1e-9));
        assertThat(perfect.get("scroll_error")).isZero();
        assertThat(perfect.get("player_error")).isLessThan(1);
        assertThat(perfect.get("player_visible")).isGreaterThan(0.9);
        assertThat(perfect.get("jump_f1")).isGreaterThan(0.9);
        var frozen = truths.stream().map(GenieEvaluationTest::still).toList();
        var still = new TwinRollouts(truths, frozen, truths, worlds).report();
        assertThat(still.get("twin_psnr@16"))
                .isEqualTo(still.get("twin_psnr_still@16"))
                .isLessThan(30);
        assertThat(still.get("scroll_error")).isGreaterThan(5);
        assertThat(still.get("jump_f1")).isLessThan(0.1);
        assertThat(still.get("scroll_error_tokenizer")).isZero();
    }

    @Test
    void filmsShowTruthTokenizedTruthAndDream() {
        var worlds = PlatformerClip.collect(e -> 9 + e, 2, TwinRollouts.STEPS + 1, true);
        var truths = worlds.stream().map(PlatformerClip::clip).toList();
        var frozen = truths.stream().map(GenieEvaluationTest::still).toList();
        var film = new TwinRollouts(truths, frozen, truths, worlds).beside(1).getFirst();
        assertThat(film.width()).isEqualTo(3 * 64 + 4);
        int row = film.width() * 3, at = 5 * film.frameBytes() + 40 * row;
        assertThat(Arrays.copyOfRange(film.rgb(), at + 2 * 66 * 3, at + 2 * 66 * 3 + 192))
                .isEqualTo(Arrays.copyOfRange(truths.getFirst().rgb(), 40 * 192, 41 * 192));
    }

    // ---- the claim's sweep

    @Test
    void theFourSizesAreWhatTheyAreCalled() {
        for (int i = 0; i < SizeSweep.NETWORKS.size(); i++) {
            var laptop = GenieConfig.laptop();
            var network = SizeSweep.NETWORKS.get(i);
            var dynamics =
                    dev.orrery.nn.Module.outline(() ->
                            new Dynamics(
                                    laptop.with(laptop.dynamics().with(network)), 0, Seed.of(1)));
            double millions = Double.parseDouble(SizeSweep.MILLIONS.get(i));
            assertThat(dynamics.parameterCount() / 1e6 / millions).isBetween(0.85, 1.15);
        }
    }

    @Test
    void theClaimNamesWhatTheSpecificationAsksFor() {
        var claim = new GenieClaim();
        assertThat(claim.trials()).extracting("id").containsExactly("C1", "C2", "C3", "C4", "C5");
        assertThat(claim.trials())
                .allSatisfy(trial -> assertThat(trial.seeds()).containsExactly(0L, 1L, 2L));
        assertThat(claim.rehearsal()).hasSameSizeAs(claim.trials());
    }
}
