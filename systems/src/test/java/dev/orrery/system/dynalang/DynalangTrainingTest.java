package dev.orrery.system.dynalang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.orrery.run.Run;
import dev.orrery.system.dynalang.DynalangConfig.Evaluation;
import dev.orrery.system.dynalang.DynalangConfig.Training;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.worldmodel.Form;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DynalangTrainingTest {

    @TempDir private Path folder;

    private static DynalangConfig tiny(DynalangConfig config, Form form) {
        return config.with(form)
                .with(new Training(100, 2, 4, 8, 16, 1e-3, form == Form.V2024 ? 10 : 0, 12))
                .with(new Evaluation(4));
    }

    @ParameterizedTest
    @EnumSource
    void bothFormsTrainOnWordsAndOnPixels(Form form) {
        var text = new DynalangConfig.Text(3, 2, 8, 0.1);
        var words = tiny(DynalangConfig.laptop(), form).with(text);
        try (var run = Run.create(folder.resolve("words"), "dynalang", words, 1)) {
            var report = new DynalangRecipe().run(words, run);
            assertThat(report.get("first_try")).isBetween(0.0, 1.0);
            assertThat(report.get("perplexity")).isPositive();
            var out = folder.resolve("out");
            new DynalangRecipe().generate(words, run, "open the", out);
            assertThat(out.resolve("text.txt")).content().startsWith("open the | ");
            assertThat(new DynalangRecipe().evaluate(words, run).get("first_try"))
                    .isEqualTo(report.get("first_try"));
        }
        var pixels = tiny(new DreamerRecipe().presets().get("catch"), form);
        try (var run = Run.create(folder.resolve("pixels"), "dreamerv3", pixels, 1)) {
            assertThat(new DreamerRecipe().run(pixels, run).get("score")).isBetween(-1.0, 1.0);
            var out = folder.resolve("film");
            new DreamerRecipe().generate(pixels, run, "", out);
            assertThat(out.resolve("imagination.gif")).isNotEmptyFile();
            assertThat(out.resolve("text.txt")).doesNotExist();
            assertThatThrownBy(() -> new DreamerRecipe().generate(pixels, run, "go left", out))
                    .hasMessageContaining("'go left'")
                    .hasMessageContaining("no words");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPatientActorLearnsSlowerThanItsModel(Form form) {
        double[] hasty = moved(1, form), patient = moved(.1, form);
        assertThat(patient[0]).as("the model").isEqualTo(hasty[0]);
        assertThat(patient[1]).as("the actor").isCloseTo(hasty[1] / 10, withinPercentage(1));
    }

    /// How far the first weights of model and actor go in one step.
    private static double[] moved(double actorShare, Form form) {
        var config = tiny(DynalangConfig.laptop(), form);
        config = config.with(config.training().withActor(actorShare));
        try (var _ = TensorScope.open();
                var model = dev.orrery.system.dynalang.Training.fresh(config)) {
            var learner = new Learner(model, config.training());
            var watched =
                    Stream.of(model.worldModel(), model.acting())
                            .map(part -> part.values().iterator().next())
                            .toList();
            var before = watched.stream().map(w -> w.detach().copy()).toList();
            var loss =
                    model.namedParameters().values().stream()
                            .map(Tensor::sum)
                            .reduce(Tensor::add)
                            .orElseThrow();
            learner.step(loss, 100);
            return new double[] {
                watched.get(0).sub(before.get(0)).abs().mean().item(),
                watched.get(1).sub(before.get(1)).abs().mean().item()
            };
        }
    }

    @Test
    void aStoppedRunGoesOnAsIfItHadNotBeen() {
        var config =
                tiny(DynalangConfig.laptop(), Form.V2024).with(new DynalangConfig.Text(5, 2, 8, 0));
        var whole = Run.create(folder.resolve("whole"), "dynalang", config, 7);
        var expected = weights(config, whole);
        var stopped = Run.create(folder.resolve("parts"), "dynalang", config, 7);
        stopped.requestStop();
        for (int k = 0; k < 100; k++) {
            try (var run = stopped) {
                assertThat(weights(config, run)).isEqualTo(expected);
                assertThat(k).as("stops, some of them after the text").isGreaterThan(6);
                return;
            } catch (dev.orrery.run.RunStopped _) {
                stopped = Run.reopen(folder.resolve("parts"), dev.orrery.run.Progress.silent());
                if (k < 6) stopped.requestStop();
            }
        }
    }

    /// The weights in the end, and what is told of the training.
    private static HashMap<String, Float> weights(DynalangConfig config, Run run) {
        var training = new dev.orrery.system.dynalang.Training(config, run);
        var sums = new HashMap<String, Float>();
        training.train().metrics().forEach((name, value) -> sums.put(name, value.floatValue()));
        training.model
                .stateDict()
                .forEach((name, t) -> sums.put(name, (float) t.abs().sum().item()));
        return sums;
    }
}
