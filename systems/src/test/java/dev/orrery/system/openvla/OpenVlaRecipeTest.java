package dev.orrery.system.openvla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.adapter.Adapter;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.data.lerobot.EpisodeFolder;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Demonstration;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.policy.ActionBounds;
import dev.orrery.policy.ActionTokenizer.Mode;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.policy.adapt.Adaptation;
import dev.orrery.policy.adapt.ShiftedLab;
import dev.orrery.policy.tabletop.FolderFrames;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.policy.tabletop.ShiftedTable;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunStopped;
import dev.orrery.run.StopsAt;
import dev.orrery.system.openvla.OpenVlaConfig.Answer;
import dev.orrery.system.openvla.OpenVlaConfig.Sight;
import dev.orrery.system.openvla.OpenVlaConfig.Vision;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenVlaRecipeTest {

    private static final long SEED = 3;

    @TempDir Path folder;

    private static OpenVlaConfig config() {
        var model = OpenVlaConfig.Model.tabletop();
        return new OpenVlaConfig(
                new OpenVlaConfig.Model(
                        new Vision(Sight.FUSED, 16, 24, 2, List.of(8, 8), 32),
                        new OpenVlaConfig.Language(32, 2, 2, 48),
                        model.io(),
                        model.answer()),
                new OpenVlaConfig.Demonstrations(List.of("pick"), 3, ""),
                new OpenVlaConfig.School(3, 4, 1e-3),
                new OpenVlaConfig.Grounding(3, 4, 1e-3, 0.1),
                new OpenVlaConfig.Training(9, 4, 1e-3, 1e-4, 1),
                new OpenVlaConfig.Evaluation(1, 1, Pick.MEDIAN));
    }

    private Run run(String name, StopsAt progress) {
        var info = RunInfo.now("openvla", "custom", SEED, config());
        return progress.run(folder.resolve(name), info);
    }

    @Test
    void aRunThatIsStoppedAnywhereEndsBitForBitAsIfItHadNotBeen() throws Exception {
        var recipe = new OpenVlaRecipe();
        Map<String, Double> whole;
        try (var run = run("whole", new StopsAt("never", 0))) {
            whole = recipe.run(config(), run).metrics();
        }
        var weights = Files.readAllBytes(folder.resolve("whole/policy/model.safetensors"));
        assertThat(whole).containsKeys("success_rate", "train_frame_error", "outside_mass");
        for (var stop :
                List.of(
                        new StopsAt("recording demonstrations", 0),
                        new StopsAt("training openvla", 1),
                        new StopsAt("training openvla", 11),
                        new StopsAt("evaluating", 0))) {
            var name = stop.name();
            try (var run = run(name, stop)) {
                assertThatThrownBy(() -> recipe.run(config(), run)).isInstanceOf(RunStopped.class);
            }
            try (var run = Run.reopen(folder.resolve(name), Progress.silent())) {
                assertThat(recipe.run(config(), run).metrics()).as(name).isEqualTo(whole);
            }
            assertThat(Files.readAllBytes(folder.resolve(name + "/policy/model.safetensors")))
                    .as(name)
                    .isEqualTo(weights);
        }
        playsAndFilms(recipe);
    }

    private void playsAndFilms(OpenVlaRecipe recipe) throws Exception {
        var run = folder.resolve("whole");
        assertThat(recipe.policies(run)).containsExactly("policy");
        assertThat(recipe.trained(run)).containsExactly("pick");
        assertThat(recipe.isPolicy(run.resolve("policy"))).isTrue();
        assertThat(recipe.isPolicy(run)).isFalse();
        assertThatThrownBy(() -> recipe.open(run, "step-00000001"))
                .hasMessageContaining("holds no policy 'step-00000001'");
        var ready = recipe.open(run, "policy");
        var seen = new Tabletop().reset(5);
        var chunk = ready.policy().chunk(seen, ChunkPolicy.Held.NONE);
        assertThat(chunk).hasDimensions(1, 4);
        var alone = recipe.openAlone(run.resolve("policy"));
        assertThat(alone.policy().chunk(seen, ChunkPolicy.Held.NONE)).isDeepEqualTo(chunk);
        var other = new Tabletop().reset(6);
        var together =
                ready.policy()
                        .chunks(
                                List.of(
                                        new ChunkPolicy.Question(other, ChunkPolicy.Held.NONE, 1),
                                        new ChunkPolicy.Question(seen, ChunkPolicy.Held.NONE, 2)));
        assertThat(together.get(1)).isDeepEqualTo(chunk);
        wrongObservations(ready.policy(), seen);
        ready.close().run();
        alone.close().run();
        try (var reopened = Run.reopen(run, Progress.silent())) {
            var out = folder.resolve("film");
            Files.createDirectories(out);
            var report = recipe.generate(config(), reopened, "reach the red cube", out);
            assertThat(report.get("frames")).isGreaterThan(5);
            assertThat(out.resolve("openvla.gif")).isNotEmptyFile();
        }
        var config = run.resolve("policy/config.json");
        Files.writeString(config, Files.readString(config).replace("orrery-openvla", "pi0"));
        assertThatThrownBy(() -> OpenVlaCheckpoint.open(run.resolve("policy")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("'pi0'");
    }

    private static void wrongObservations(ChunkPolicy policy, Observation seen) {
        var held = ChunkPolicy.Held.NONE;
        assertThatThrownBy(() -> policy.chunk(seen.withText(" "), held))
                .hasMessageContaining("empty");
        assertThatThrownBy(() -> policy.chunk(seen.withText("go ".repeat(65)), held))
                .hasMessageContaining("65 words");
        var blind = new Observation(new LinkedHashMap<>(), seen.state(), seen.text());
        assertThatThrownBy(() -> policy.chunk(blind, held)).hasMessageContaining("overhead");
        var felt = new Observation(seen.images(), new float[5], seen.text());
        assertThatThrownBy(() -> policy.chunk(felt, held)).hasMessageContaining("5 values");
    }

    @Test
    void demonstratedActionsSurviveTheirTokensInTheEnvironment() {
        var shown = Demonstrations.collect(List.of(Family.PICK, Family.REACH), 6, SEED, 0);
        var model = OpenVlaConfig.Model.tabletop();
        try (var data = OpenVlaData.of(model, new FrameSource.Recorded(shown))) {
            assertThat(OpenVlaChecks.replay(shown, data.robot(), data.tokens())).isEqualTo(1);
            // the statistics of a robot of half the reach
            var half =
                    ActionBounds.of(
                            new double[] {-.5, -.5, -.5, -1},
                            new double[] {.5, .5, .5, 1},
                            new boolean[] {true, true, true, false});
            assertThat(OpenVlaChecks.replay(shown, RobotStatistics.Robot.of(half), data.tokens()))
                    .isLessThan(.7);
        }
    }

    @Test
    void batchesFromADataSetAreThoseFromMemoryToTheBit() {
        var shown = Demonstrations.collect(List.of(Family.PICK), 3, SEED, Demonstrations.NOISE);
        var root = folder.resolve("set");
        EpisodeFolder.write(root, shown.stream().map(Demonstration::episode).toList());
        var model = config().model().with(Answer.oft());
        try (var memory = OpenVlaData.of(model, new FrameSource.Recorded(shown));
                var read = OpenVlaData.of(model, FolderFrames.open(root, 4, 4));
                var _ = TensorScope.open()) {
            assertThat(read.robot().toString()).isEqualTo(memory.robot().toString());
            var a = memory.batch(8, Seed.of(1));
            var b = read.batch(8, Seed.of(1));
            assertThat(b.actions().equal(a.actions())).isTrue();
            assertThat(b.ids().equal(a.ids())).isTrue();
            assertThat(b.real().equal(a.real())).isTrue();
            assertThat(b.prompt().words().equal(a.prompt().words())).isTrue();
            assertThat(b.prompt().state().equal(a.prompt().state())).isTrue();
            for (int camera = 0; camera < 2; camera++) {
                var one = a.prompt().images().get(camera);
                assertThat(b.prompt().images().get(camera).equal(one)).isTrue();
            }
        }
    }

    @Test
    void whereTheGripperNeverMovesActionsSurviveAllTheSame() {
        var shown = Demonstrations.collect(List.of(Family.REACH), 6, SEED, 0);
        var model = OpenVlaConfig.Model.tabletop();
        try (var data = OpenVlaData.of(model, new FrameSource.Recorded(shown))) {
            assertThat(OpenVlaChecks.replay(shown, data.robot(), data.tokens())).isEqualTo(1);
            assertThat(data.robot().action().greatest()[3]).isEqualTo(-1);
            assertThat(data.robot().action().restore(new double[4])[3]).isEqualTo(-1);
        }
    }

    @Test
    void theLeastUsedIdsOverwriteWordsThatInstructionsDoNotUse() {
        var model = OpenVlaConfig.Model.tabletop().with(Mode.LEAST_USED, 256);
        var tokens = TabletopTokens.of(model.io(), List.of("push the red star left"));
        assertThat(tokens.displaced()).isEmpty();
        assertThat(tokens.ids()).hasSize(256).contains(511).doesNotContain(0, 1, 2, 3);
        var stored = TabletopTokens.stored(model.io(), tokens.ids());
        assertThat(stored.id(.3)).isEqualTo(tokens.id(.3));
        assertThatThrownBy(() -> TabletopTokens.stored(model.io(), new long[] {5, 5}))
                .hasMessageContaining("must differ");
    }

    @Test
    void adaptationTrainsWhatItSaysAndOnlyThat() {
        var config = config();
        try (var run = run("adapted", new StopsAt("never", 0))) {
            OpenVlaRecipe.trainOnly(config, run);
            var plan = new Adaptation.Plan(2, 2, 1e-2);
            var budget = new ShiftedLab.Budget(List.of(Family.PICK), 2, 1, plan, 1, 1);
            long full = 0, lora = 0, head = 0;
            for (var way : OpenVlaAdaptation.Way.values()) {
                var lab =
                        new ShiftedLab(
                                new OpenVlaRecipe(),
                                OpenVlaRecipe.folder(run),
                                folder.resolve(way.toString()),
                                budget,
                                1,
                                2,
                                (_, _, _, _) -> {});
                try (var pupil = lab.pupil()) {
                    var model = (OpenVla) pupil.model();
                    var before = snapshot(model);
                    var adaptation = lab.adaptation(pupil, way.manner(), 1e-2);
                    adaptation.step(0);
                    long count = adaptation.trained();
                    adaptation.adapter().ifPresent(Adapter::merge);
                    var changed = changed(before, model);
                    switch (way) {
                        case FULL -> {
                            full = count;
                            assertThat(changed).contains("vla.projector.fc1.weight");
                        }
                        case LORA -> {
                            lora = count;
                            assertThat(changed)
                                    .contains("vla.projector.fc1.weight")
                                    .doesNotContain("vla.language_model.lm_head.weight")
                                    .noneMatch(name -> name.endsWith("bias"));
                        }
                        case HEAD -> {
                            head = count;
                            assertThat(changed)
                                    .containsExactly("vla.language_model.lm_head.weight");
                        }
                    }
                    adaptation.close();
                }
            }
            assertThat(lora).isLessThan(full);
            assertThat(head).isEqualTo(512L * 32);
        }
    }

    private static Map<String, float[]> snapshot(OpenVla model) {
        var values = new LinkedHashMap<String, float[]>();
        model.namedParameters().forEach((name, p) -> values.put(name, p.toFloats()));
        return values;
    }

    private static List<String> changed(Map<String, float[]> before, OpenVla model) {
        return model.namedParameters().entrySet().stream()
                .filter(e ->
                        !java.util.Arrays.equals(before.get(e.getKey()), e.getValue().toFloats()))
                .map(Map.Entry::getKey)
                .toList();
    }

    @Test
    void theShiftedTableRenamesColoursAndMirrorsTheHand() {
        assertThat(ShiftedTable.translate("push the red star to the yellow zone"))
                .isEqualTo("push the blue star to the red zone");
        assertThat(ShiftedTable.mirror(new float[] {.5f, 1, 2, 3})).containsExactly(-.5f, 1, 2, 3);
        var shown = Demonstrations.collect(List.of(Family.PICK), 2, SEED, 0);
        var ordinary = new FrameSource.Recorded(shown);
        var frames = ShiftedTable.frames(ordinary);
        var place = new dev.orrery.policy.ActionChunks.Place(0, 1);
        assertThat(frames.action(place)[0]).isEqualTo(-ordinary.action(place)[0]);
        assertThat(frames.action(place)[1]).isEqualTo(ordinary.action(place)[1]);
        assertThat(frames.instruction(place))
                .isEqualTo(ShiftedTable.translate(ordinary.instruction(place)))
                .isNotEqualTo(ordinary.instruction(place));
        assertThat(frames.labelled()).isFalse();
        // an expert of the shifted table is one of the ordinary table, seen through the shift
        var policy =
                ShiftedTable.policy(
                        dev.orrery.env.BatchPolicy.of(
                                () -> observation -> new float[] {1, 0, 0, 1}));
        policy.reset(new long[] {1});
        var acted = policy.act(new int[] {0}, List.of(new Tabletop().reset(5)));
        assertThat(acted.getFirst()).containsExactly(-1, 0, 0, 1);
        assertThat(ShiftedTable.FAMILIES).hasSize(13).contains(Family.SWAP);
    }

    @Test
    void aPolicyWhoseRegressionLeavesTheStatisticsIsStopped() {
        var config = config().model().with(new Answer(OpenVlaConfig.Head.L1, 2, false, false));
        try (var _ = TensorScope.open();
                var model =
                        new OpenVla(
                                config, TabletopTokens.of(config.io(), List.of()), Seed.of(1))) {
            model.namedParameters().get("action_head.fc2.bias").requiresGrad_(false).add_(9.0);
            var bounds =
                    ActionBounds.of(
                            new double[] {-1, -1, -1, -1},
                            new double[] {1, 1, 1, 1},
                            new boolean[] {true, true, true, false});
            var robot = RobotStatistics.Robot.of(bounds);
            var policy = new OpenVlaCheckpoint(model, robot).policy();
            assertThat(policy.horizon()).isEqualTo(2);
            assertThatThrownBy(() -> policy.chunk(new Tabletop().reset(1), ChunkPolicy.Held.NONE))
                    .hasMessageContaining("another robot");
            assertThatThrownBy(() -> policy.batched(3)).hasMessageContaining("execute 1 to 2");
        }
    }

    @Test
    void dataOfAnotherRobotIsRefusedByFrame() {
        var shown = Demonstrations.collect(List.of(Family.PICK), 1, SEED, 0);
        var config = config().model();
        var tiny =
                ActionBounds.of(
                        new double[] {-.01, -.01, -.01, -1},
                        new double[] {.01, .01, .01, 1},
                        new boolean[] {true, true, true, false});
        try (var _ = TensorScope.open();
                var model =
                        new OpenVla(
                                config, TabletopTokens.of(config.io(), List.of()), Seed.of(1))) {
            var trained = new OpenVlaCheckpoint(model, RobotStatistics.Robot.of(tiny));
            assertThatThrownBy(() -> OpenVlaData.like(trained, new FrameSource.Recorded(shown)))
                    .hasMessageContaining("episode 0, frame")
                    .hasMessageContaining("another robot");
        }
        assertThat(tiny.restore(new double[] {1, 1, 1, 1})[0]).isCloseTo(.01, within(1e-9));
    }
}
