package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.data.DatasetException;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.env.tabletop.Words;
import dev.orrery.lm.GemmaConfig;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.run.Metrics;
import dev.orrery.run.Run;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.SiglipConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every way to train trains, and what it leaves plays.
class Pi0VariantsTest {

    @TempDir Path folder;

    private static Pi0Config tiny(Pi0Config.Model model) {
        var narrow = new GemmaConfig(32, 2, 48, 2, 1, 16);
        var vision = new SiglipConfig(32, 1, 2, 48, 8, List.of(8, 16, 32), List.of(64, 32));
        return new Pi0Config(
                new Pi0Config.Model(model.variant(), vision, narrow, narrow, model.io()),
                new Pi0Config.Demonstrations(List.of("reach", "pick"), 6, ""),
                new Pi0Config.Grounding(1, 4, 1e-3),
                new Pi0Config.Training(3, 4, 2, 1e-3, .1, ActionHead.FLOW, ActionHead.Times.BETA),
                new Pi0Config.Evaluation(1, 4, 2));
    }

    private static Pi0Config gazing(Pi0Config config) {
        return config.with(new Pi0Config.Grounding(2, 4, 1e-3, 1));
    }

    static Stream<Arguments> configs() {
        var pi0 = tiny(Pi0Config.Model.tabletop());
        var t = pi0.training();
        return Stream.of(
                Arguments.of("pi05", tiny(Pi0Config.Model.tabletop05())),
                Arguments.of("fast", pi0.withFast()),
                Arguments.of("gaze", gazing(pi0)),
                Arguments.of("bins", pi0.with(t.with(ActionHead.BINS))),
                Arguments.of("mse", pi0.with(t.with(ActionHead.MSE))),
                Arguments.of("causal", pi0.with(t.with(Pi0.Visibility.CAUSAL))),
                Arguments.of("leak", pi0.with(t.with(Pi0.Visibility.LEAK))),
                Arguments.of(
                        "augmented",
                        pi0.with(
                                new Pi0Config.Demonstrations(
                                        List.of("reach", "pick"), 6, "", true, List.of()))),
                Arguments.of(
                        "reach alone",
                        pi0.with(
                                new Pi0Config.Demonstrations(
                                        List.of("reach"),
                                        6,
                                        "",
                                        false,
                                        List.of("state:3", "action:3")))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("configs")
    void trainsAndPlays(String name, Pi0Config config) {
        try (var run = Run.create(folder.resolve(name), "pi0", config, 7)) {
            Pi0Recipe.trainOnly(config, run);
            var opened = Pi0Checkpoint.open(Pi0Recipe.folder(run));
            assertThat(opened.head()).isEqualTo(config.training().head());
            assertThat(opened.visibility()).isEqualTo(config.training().visibility());
            var policy = opened.policy(2);
            policy.reset(1);
            var seen = new Tabletop().reset(5);
            var chunk = policy.chunk(seen, ChunkPolicy.Held.NONE);
            assertThat(chunk).hasDimensions(8, 4);
            policy.reset(1);
            assertThat(policy.chunk(seen, ChunkPolicy.Held.NONE)).isDeepEqualTo(chunk);
            var held = policy.chunk(seen, new ChunkPolicy.Held(chunk, 2));
            assertThat(held).hasDimensions(8, 4);
            opened.pi0().close();
        }
    }

    @Test
    void whereTheStateLooksIsTrainedAndToldInBothStages() throws Exception {
        var config = gazing(tiny(Pi0Config.Model.tabletop()));
        config = config.withSteps(40, 31);
        try (var run = Run.create(folder.resolve("gaze"), "pi0", config, 7)) {
            Pi0Recipe.trainOnly(config, run);
            var log = Metrics.read(run.folder());
            assertThat(log)
                    .allSatisfy(row ->
                            assertThat(row.values()).containsKeys("way_points", "gaze", "where"));
            assertThat(log.getLast().values().get("where"))
                    .isLessThan(log.getFirst().values().get("where"));
        }
    }

    @Test
    void aRunOfPi05IsMeasured() {
        var config = tiny(Pi0Config.Model.tabletop05());
        try (var run = Run.create(folder.resolve("run"), "pi0", config, 7)) {
            var report = new Pi0Recipe().run(config, run);
            assertThat(report.get("episodes")).isEqualTo(2);
            var probe = new Pi0Probe(config, run);
            assertThat(probe.success(Split.L0)).isBetween(0.0, 1.0);
        }
    }

    @Test
    void theHeadsAreComparedOnTwoRoutes() {
        var config = tiny(Pi0Config.Model.tabletop());
        try (var run = Run.create(folder.resolve("routes"), "pi0", config, 7)) {
            var report = Pi0Claim.routes(config.with(config.training().with(ActionHead.MSE)), run);
            assertThat(report.get("success_rate")).isBetween(0.0, 1.0);
        }
    }

    @Test
    void pi05IsToldTheStateInWords() {
        var wording = TabletopWording.of(Pi0Config.Model.tabletop05());
        var told = wording.tokens("pick up the red cube", new float[] {-1, 0, .99f, 7});
        assertThat(told.ids())
                .startsWith(
                        Words.location(0),
                        Words.location(32),
                        Words.location(63),
                        Words.location(63),
                        Words.id("pick"));
        assertThat(told.ids()).hasSize(20);
        var silent = TabletopWording.of(Pi0Config.Model.tabletop());
        assertThat(silent.tokens("pick it up", new float[4]).ids()).startsWith(Words.id("pick"));
        assertThatThrownBy(() -> wording.tokens(" ", new float[4]))
                .hasMessageContaining("prompt is empty");
    }

    @Test
    void configurationsThatCannotWorkAreRefused() {
        var pi0 = tiny(Pi0Config.Model.tabletop());
        assertThatThrownBy(() -> pi0.with(pi0.training().with(ActionHead.FAST)))
                .hasMessageContaining("model.io.vocabulary");
        assertThatThrownBy(() -> gazing(tiny(Pi0Config.Model.tabletop05())))
                .hasMessageContaining("grounding.gaze")
                .hasMessageContaining("PI05");
        var masked = pi0.training().with(Pi0.Visibility.LEAK);
        assertThatThrownBy(() -> pi0.with(masked.with(ActionHead.MSE)))
                .hasMessageContaining("training.visibility LEAK");
    }

    @Test
    void whatAPolicyCannotDoIsNamed() throws Exception {
        var config = tiny(Pi0Config.Model.tabletop()).withFast();
        try (var run = Run.create(folder.resolve("bad"), "pi0", config, 7)) {
            Pi0Recipe.trainOnly(config, run);
            var policies = Pi0Recipe.folder(run);
            var opened = Pi0Checkpoint.open(policies);
            var seen = new Tabletop().reset(5);
            var noCamera = new CameraMap(List.of(Camera.OVERHEAD, Camera.WRIST), Map.of());
            assertThatThrownBy(() -> opened.policy(noCamera, 2).chunk(seen, ChunkPolicy.Held.NONE))
                    .hasMessageContaining("no camera of the network has a picture");
            var wide = new Observation(seen.images(), new float[33], seen.text());
            assertThatThrownBy(() -> opened.policy(2).chunk(wide, ChunkPolicy.Held.NONE))
                    .hasMessageContaining("33 values");
            try (var _ = TensorScope.open()) {
                var pi0 = opened.pi0();
                var tooLong = Seed.of(1).normal(1, 1, 9, 4);
                var timing = pi0.schedule(1);
                assertThatThrownBy(() -> pi0.embed(tooLong, timing))
                        .hasMessageContaining("chunk of 9 actions")
                        .hasMessageContaining("trained for 8");
            }
            Files.delete(policies.resolve("fast/tokenizer.json"));
            assertThatThrownBy(() -> Pi0Checkpoint.open(policies))
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("tokenizer.json");
            Files.writeString(policies.resolve("norm_stats.json"), "{\"norm_stats\": {}}");
            assertThatThrownBy(() -> Pi0Checkpoint.open(policies))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("norm_stats.json");
        }
    }
}
