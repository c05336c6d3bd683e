package dev.orrery.system.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.policy.adapt.StatePolicies;
import dev.orrery.run.ClaimRun;
import dev.orrery.run.Progress;
import dev.orrery.run.Published;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunStopped;
import dev.orrery.run.StopsIn;
import dev.orrery.run.TrialResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraRecipeTest {

    @TempDir Path folder;
    private final BaseRecipe bases = new BaseRecipe();
    private final LoraRecipe recipe = new LoraRecipe(bases, new StatePolicies());

    /// What a base is trained by; the names are those that rehearsals set.
    record BaseConfig(
            Amount demonstrations, Amount grounding, Amount training, Amount evaluation) {}

    record Amount(int perFamily, int steps, int episodes) {}

    /// Counts how often it trains.
    private static final class BaseRecipe implements Recipe<BaseConfig> {
        private int trained;

        @Override
        public String name() {
            return "base";
        }

        @Override
        public SequencedMap<String, BaseConfig> presets() {
            var presets = new LinkedHashMap<String, BaseConfig>();
            var some = new Amount(1, 1, 1);
            presets.put("laptop", new BaseConfig(some, some, some, some));
            presets.put("smoke", new BaseConfig(some, some, some, some));
            return presets;
        }

        @Override
        public Report run(BaseConfig config, Run run) {
            trained++;
            run.progress().stage("training the base", 1);
            run.progress().at(1, "");
            run.heed("training the base");
            StatePolicies.save(run.folder().resolve("policy"));
            return Report.of("success_rate", 0);
        }
    }

    private static LoraConfig config() {
        var smoke = LoraConfig.smoke();
        return new LoraConfig(
                new LoraConfig.Base("smoke", List.of(), ""),
                LoraConfig.Way.lora(2),
                new LoraConfig.Training(List.of("reach"), 2, 1, 12, 4, 1e-2, 4),
                new LoraConfig.Evaluation(1, smoke.evaluation().execute()));
    }

    private Run run(String name, Progress progress) {
        return Run.create(
                folder.resolve(name), RunInfo.now("lora", "custom", 3, config()), progress);
    }

    @Test
    void aRunTrainsItsBaseAdaptsAndKeepsAnAdapter() {
        try (var run = run("a", Progress.silent())) {
            var report = recipe.run(config(), run);
            assertThat(report.get("trained")).isPositive();
            assertThat(folder.resolve("a/adapter/adapter_config.json")).exists();
            assertThat(folder.resolve("a/base/policy")).isDirectory();
            assertThat(recipe.evaluate(config(), run)).isEqualTo(report);
            assertThat(bases.trained).isEqualTo(1);
            var checked = recipe.diagnose(config(), run);
            assertThat(checked.get("loss_adapted")).isLessThan(checked.get("loss_unadapted"));
            assertThat(checked.get("layers")).isEqualTo(3);
        }
    }

    @Test
    void aStoppedRunEndsAsIfItHadNotBeenStopped() {
        Report expected;
        try (var run = run("whole", Progress.silent())) {
            expected = recipe.run(config(), run);
        }
        for (var stage : List.of("training the base", "adapting")) {
            var stops = new StopsIn(stage, 1);
            try (var run = run("stopped " + stage, stops)) {
                stops.of(run);
                assertThatThrownBy(() -> recipe.run(config(), run)).isInstanceOf(RunStopped.class);
            }
            try (var run = Run.reopen(folder.resolve("stopped " + stage), Progress.silent())) {
                assertThat(recipe.run(config(), run)).isEqualTo(expected);
            }
        }
    }

    @Test
    void aGivenBaseIsTakenAndAWrongOneNamed() {
        StatePolicies.save(folder.resolve("mine"));
        var mine = new LoraConfig.Base("smoke", List.of(), folder.resolve("mine").toString());
        try (var run = run("b", Progress.silent())) {
            recipe.run(config().with(mine), run);
            assertThat(bases.trained).isZero();
            var wrong = new LoraConfig.Base("smoke", List.of(), folder.toString());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> recipe.run(config().with(wrong), run))
                    .withMessageContaining("base.folder");
            var unknown = new LoraConfig.Base("smok", List.of(), "");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> recipe.run(config().with(unknown), run))
                    .withMessageContaining("smoke");
        }
    }

    private List<TrialResult> rehearse(String name) {
        var claim = new LoraClaim(bases, new StatePolicies());
        return new ClaimRun(
                        claim,
                        folder.resolve(name),
                        true,
                        new ClaimRun.Part(List.of("L5"), List.of(), List.of()),
                        Published.none(),
                        Progress.silent())
                .measure();
    }

    @Test
    void theArmsOfAClaimShareOneBase() throws Exception {
        var results = rehearse("claim");
        assertThat(bases.trained).isEqualTo(1);
        assertThat(folder.resolve("claim/base-smoke/seed-7/report.json")).exists();
        assertThat(results.getFirst().verdict().reason())
                .contains("largest difference of an action 0.0");
        StatePolicies.save(folder.resolve("other/given/seed-7"));
        rehearse("other");
        assertThat(bases.trained).isEqualTo(1);
        assertThat(Files.exists(folder.resolve("other/base-smoke"))).isFalse();
    }
}
