package dev.orrery.system.genie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunStopped;
import dev.orrery.system.genie.GenieConfig.Stages;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.worldmodel.play.DreamPrompt;
import dev.orrery.worldmodel.play.Sampling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenieRecipeTest {

    private static final BudgetConfig FEW = new BudgetConfig(6, 4, 3e-3, 1e-3, 2);

    @TempDir private Path folder;

    private static GenieConfig tiny(Stages stages) {
        var tiny = TinyGenie.tiny();
        var data = new GenieConfig.Data("", 120, 4, 8, 8, GenieConfig.Fit.EXACT, 0.5, 0.3);
        return tiny.with(data)
                .with(tiny.tokenizer().with(FEW))
                .with(tiny.latentActions().with(FEW))
                .with(tiny.dynamics().with(FEW.withSteps(4)))
                .with(new GenieConfig.Evaluation(2, 1, GenieConfig.Order.GREEDY, 4))
                .with(new GenieConfig.Training(stages, 0.95, 1e-4, 1, 5));
    }

    private Run run(String name, GenieConfig config) {
        return Run.create(folder.resolve(name), "genie", config, 3);
    }

    @Test
    void modelsLearnInTheOrderThatTheStagesSay() {
        var separate = Curriculum.of(tiny(Stages.SEPARATE));
        assertThat(separate.steps()).isEqualTo(16);
        assertThat(separate.latentActions().first()).isEqualTo(6);
        assertThat(separate.dynamics().first()).isEqualTo(12);
        var joint = Curriculum.of(tiny(Stages.JOINT));
        assertThat(joint.steps()).isEqualTo(12);
        assertThat(joint.latentActions().first()).isEqualTo(6);
        assertThat(joint.dynamics().first()).isEqualTo(8);
        assertThat(joint.tokenizer().at(5)).isTrue();
        assertThat(joint.tokenizer().at(6)).isFalse();
        var tiny = tiny(Stages.JOINT);
        var real = Curriculum.of(tiny.with(tiny.latentActions().withGtActions()));
        assertThat(real.steps()).isEqualTo(10);
        assertThat(real.latentActions().at(7)).isFalse();
    }

    @Test
    void howLongATrainingTakesIsForetoldFromAFewSteps() {
        var config = tiny(Stages.JOINT);
        var few = new GenieRecipe().foretell(config, Progress.silent());
        assertThat(few).isPositive();
        var budget = FEW.withSteps(100_000);
        var many = config.with(config.tokenizer().with(budget));
        assertThat(new GenieRecipe().foretell(many, Progress.silent())).isGreaterThan(few);
        var real = config.with(config.latentActions().withGtActions());
        assertThat(new GenieRecipe().foretell(real, Progress.silent())).isPositive();
    }

    @Test
    void aRunIsTrainedMeasuredPlayedAndMeasuredAgain() {
        for (var stages : Stages.values()) {
            var config = tiny(stages);
            var recipe = new GenieRecipe();
            try (var run = run(stages.name(), config)) {
                var report = recipe.run(config, run);
                assertThat(report.get("tokenizer/psnr")).isBetween(3.0, 40.0);
                assertThat(report.get("dynamics/ce")).isBetween(0.5, 4.0);
                assertThat(run.folder().resolve("calibration.json")).isNotEmptyFile();
                assertThat(recipe.dreams(run.folder())).isTrue();
                try (var session = recipe.dream(run.folder())) {
                    assertThat(session.controls().prompts()).hasSize(8);
                    session.begin(new DreamPrompt.Recorded(2), 5);
                    assertThat(session.truth()).isPresent();
                    var next = session.step(1, Sampling.USUAL);
                    session.begin(new DreamPrompt.Recorded(2), 5);
                    assertThat(session.step(1, Sampling.USUAL)).isEqualTo(next);
                    assertThat(session.ids()).hasSize(4);
                }
            }
        }
    }

    @Test
    void anEvaluationRepeatsTheRunsNumbersAndAddsTheWorlds() {
        var config = tiny(Stages.JOINT);
        var recipe = new GenieRecipe();
        try (var run = run("evaluated", config)) {
            var report = recipe.run(config, run);
            assertThat(recipe.evaluate(config, run).metrics())
                    .containsAllEntriesOf(report.metrics())
                    .containsKeys("delta_psnr", "rf_fvd", "twin_psnr@16");
            assertThat(GenieWeights.head(GenieRecipe.world(run)).controls().codes()).hasSize(6);
        }
    }

    @Test
    void worldsMayBeDrivenByRealActions() {
        var tiny = tiny(Stages.JOINT);
        var config = tiny.with(tiny.latentActions().withGtActions());
        try (var run = run("real", config)) {
            var report = new GenieRecipe().run(config, run);
            assertThat(report.metrics()).doesNotContainKey("actions/psnr");
            assertThat(GenieWeights.head(GenieRecipe.world(run)).actionNames()).hasSize(6);
        }
    }

    @Test
    void aKeyScriptBecomesAFilm() throws IOException {
        var config = tiny(Stages.JOINT);
        var recipe = new GenieRecipe();
        try (var run = run("script", config)) {
            recipe.run(config, run);
            var report = recipe.generate(config, run, "1*3, 0, idle*2", folder);
            assertThat(report.get("frames")).isEqualTo(6);
            var film = ImageIO.read(folder.resolve("script.gif").toFile());
            assertThat(film.getWidth()).isEqualTo(4 * config.data().width());
            assertThatThrownBy(() -> recipe.generate(config, run, "fly*3", folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("there is no key 'fly'");
        }
    }

    /// Stops a run after some steps.
    private static final class Stopper implements Progress {
        private final long after;
        private Runnable stop = () -> {};

        Stopper(long after) {
            this.after = after;
        }

        @Override
        public void stage(String name, long total) {}

        @Override
        public void at(long done, String detail) {
            if (done == after && !detail.isEmpty()) stop.run();
        }

        @Override
        public void note(String line) {}
    }

    @Test
    void aStoppedRunGoesOnBitForBit() {
        var config = tiny(Stages.JOINT);
        try (var _ = TensorScope.open();
                var whole = run("whole", config)) {
            new GenieRecipe().run(config, whole);
            for (long after : new long[] {1, 11}) {
                var path = folder.resolve("stopped" + after);
                var stopper = new Stopper(after);
                var info = dev.orrery.run.RunInfo.now("genie", "custom", 3, config);
                try (var stopped = Run.create(path, info, stopper)) {
                    stopper.stop = stopped::requestStop;
                    new GenieRecipe().run(config, stopped);
                    throw new AssertionError("it did not stop");
                } catch (RunStopped _) {
                    assertThat(GenieWeights.isComplete(path.resolve("world"))).isFalse();
                }
                try (var again = Run.reopen(path, Progress.silent())) {
                    new GenieRecipe().run(config, again);
                    assertSame(state(again), state(whole));
                }
            }
        }
    }

    private static Map<String, Tensor> state(Run run) {
        return Safetensors.read(run.checkpoints().all().getFirst());
    }

    private static void assertSame(Map<String, Tensor> found, Map<String, Tensor> expected) {
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        found.forEach(
                (name, tensor) -> assertThat(tensor.equal(expected.get(name))).as(name).isTrue());
    }
}
