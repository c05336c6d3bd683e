package dev.orrery.system.delora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunStopped;
import dev.orrery.run.StopsIn;
import dev.orrery.system.delora.DeloraConfig.Method;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeloraRecipeTest {

    @TempDir Path folder;

    private static DeloraConfig config(Method method) {
        return DeloraConfig.smoke().with(method).withSteps(60);
    }

    private Run run(String name, DeloraConfig config) {
        return Run.create(folder.resolve(name), "delora", config, 3);
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void everyMethodLearnsTheSecondTask(Method method) {
        var config = config(method);
        try (var run = run("a", config)) {
            var report = new DeloraRecipe().run(config, run);
            assertThat(report.get("test_error")).isLessThan(report.get("unadapted_test_error"));
            assertThat(report.get("change")).isPositive();
            assertThat(report.get("used") > 0).isEqualTo(report.get("strength") > 0);
            assertThat(new DeloraRecipe().evaluate(config, run)).isEqualTo(report);
        }
    }

    @Test
    void aStoppedRunEndsAsIfItHadNotBeenStopped() {
        var config = config(Method.DELORA);
        var recipe = new DeloraRecipe();
        try (var whole = run("whole", config)) {
            var expected = recipe.run(config, whole);
            var stops = new StopsIn("adapting", 20);
            var info = RunInfo.now("delora", "custom", 3, config);
            try (var run = Run.create(folder.resolve("b"), info, stops)) {
                stops.of(run);
                assertThatThrownBy(() -> recipe.run(config, run)).isInstanceOf(RunStopped.class);
            }
            try (var again = Run.reopen(folder.resolve("b"), Progress.silent())) {
                assertThat(recipe.run(config, again)).isEqualTo(expected);
            }
        }
    }

    @Test
    void theBaseKnowsTheFirstTaskAndNotTheSecond() {
        var config = config(Method.FULL);
        var seed = Seed.of(5);
        try (var base = Teaching.pretrained(config, seed, _ -> {});
                var teaching = Teaching.of(config.task(), base, seed)) {
            var errors = teaching.errors(base);
            assertThat(errors.source()).isZero();
            assertThat(errors.test()).isBetween(.02, 1.0);
            assertThat(errors.validation()).isNotEqualTo(errors.test());
        }
    }

    @Test
    void aWrongSizeIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeloraConfig.Task(8, 2, 9, .1, 10, 0))
                .withMessageContaining("task.changeRank is 9")
                .withMessageContaining("8");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new DeloraConfig(
                                        new DeloraConfig.Task(8, 2, 2, .1, 10, 0),
                                        DeloraConfig.laptop().with(Method.LORA).way(),
                                        DeloraConfig.smoke().training())
                                .with(Method.LORA)
                                .withRate(-1))
                .withMessageContaining("learningRate is -1.0");
    }
}
