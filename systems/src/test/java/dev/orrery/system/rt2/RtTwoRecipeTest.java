package dev.orrery.system.rt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.data.lerobot.EpisodeFolder;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Demonstration;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.tabletop.FolderFrames;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunStopped;
import dev.orrery.run.StopsAt;
import dev.orrery.system.rt2.RtTwoConfig.Actions;
import dev.orrery.system.rt2.RtTwoConfig.Kind;
import dev.orrery.system.rt2.RtTwoConfig.Text;
import dev.orrery.system.rt2.RtTwoConfig.Tokens;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RtTwoRecipeTest {

    private static final long SEED = 7;

    @TempDir Path folder;

    private Run run(String name, RtTwoConfig config, StopsAt progress) {
        return progress.run(folder.resolve(name), RunInfo.now("rt-2", "custom", SEED, config));
    }

    private static Map<String, Double> timeless(Map<String, Double> metrics) {
        var rest = new LinkedHashMap<>(metrics);
        assertThat(rest.remove("answers_per_second")).isPositive();
        return rest;
    }

    @Test
    void aRunThatIsStoppedAnywhereEndsBitForBitAsIfItHadNotBeen() throws Exception {
        var recipe = new RtTwoRecipe();
        var config = Small.config();
        Map<String, Double> whole;
        try (var run = run("whole", config, new StopsAt("never", 0))) {
            whole = timeless(recipe.run(config, run).metrics());
        }
        var weights = Files.readAllBytes(folder.resolve("whole/policy/model.safetensors"));
        assertThat(whole)
                .containsKeys(
                        "success_rate",
                        "question_accuracy",
                        "question_level",
                        "train_frame_error",
                        "outside_mass",
                        "readable")
                .containsEntry("replay_success", 1.0);
        for (var stop :
                List.of(
                        new StopsAt("recording demonstrations", 0),
                        new StopsAt("training rt-2", 1),
                        new StopsAt("training rt-2", 7),
                        new StopsAt("evaluating", 0))) {
            var name = stop.name();
            try (var run = run(name, config, stop)) {
                assertThatThrownBy(() -> recipe.run(config, run)).isInstanceOf(RunStopped.class);
            }
            try (var run = Run.reopen(folder.resolve(name), Progress.silent())) {
                assertThat(timeless(recipe.run(config, run).metrics())).as(name).isEqualTo(whole);
            }
            assertThat(Files.readAllBytes(folder.resolve(name + "/policy/model.safetensors")))
                    .as(name)
                    .isEqualTo(weights);
        }
        var told = Files.readString(folder.resolve("whole/metrics.jsonl"));
        assertThat(told).contains("question_accuracy", "action_loss", "outside_mass", "named");
        playsAndFilms(recipe, config);
    }

    private void playsAndFilms(RtTwoRecipe recipe, RtTwoConfig config) throws Exception {
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
        wrongObservations(ready.policy(), seen);
        ready.close().run();
        alone.close().run();
        var tokens = Files.readString(run.resolve("policy/action_tokens.json"));
        assertThat(run.resolve("policy/dataset_statistics.json")).content().contains("\"q01\"");
        assertThat(tokens).contains("INTEGER_WORDS", "\"bins\"", "\"lost\"", "\"ids\"");
        try (var reopened = Run.reopen(run, Progress.silent())) {
            var out = Files.createDirectories(folder.resolve("film"));
            var report = recipe.generate(config, reopened, "reach the red cube", out);
            assertThat(report.get("frames")).isGreaterThan(5);
            assertThat(out.resolve("rt-2.gif")).isNotEmptyFile();
            assertThat(recipe.diagnose(config, reopened).get("replay_success")).isEqualTo(1);
        }
        var file = run.resolve("policy/config.json");
        Files.writeString(file, Files.readString(file).replace("orrery-rt-2", "pi0"));
        assertThatThrownBy(() -> RtTwoCheckpoint.open(run.resolve("policy")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("'pi0'");
    }

    private static void wrongObservations(ChunkPolicy policy, Observation seen) {
        var held = ChunkPolicy.Held.NONE;
        assertThatThrownBy(() -> policy.chunk(seen.withText(" "), held))
                .hasMessageContaining("empty");
        assertThatThrownBy(() -> policy.chunk(seen.withText("go ".repeat(65)), held))
                .hasMessageContaining("65 words");
        assertThatThrownBy(() -> policy.chunk(seen.withText("go ".repeat(20)), held))
                .hasMessageContaining("the model reads 23");
        var blind = new Observation(new LinkedHashMap<>(), seen.state(), seen.text());
        assertThatThrownBy(() -> policy.chunk(blind, held)).hasMessageContaining("overhead");
    }

    @ParameterizedTest
    @EnumSource
    void everyKindOfModelIsSavedAndReadBack(Kind kind) {
        var config = Small.config().with(Small.model().with(kind));
        var model = config.model().with(Actions.of(4, 2, Tokens.OVERWRITE_LEAST_USED));
        var words = RtTwoWords.of(model, List.of("push the red star"));
        try (var _ = TensorScope.open();
                var network = RtTwoTrainee.model(model, words, Seed.of(3))) {
            var bins = new ActionBins(model.actions().low(), model.actions().high());
            var place = folder.resolve("saved");
            new RtTwoCheckpoint(network, bins, .5).save(place);
            var back = RtTwoCheckpoint.open(place);
            assertThat(back.level()).isEqualTo(.5);
            assertThat(back.model().words().integers().ids()).isEqualTo(words.integers().ids());
            var seen = new Tabletop().reset(5);
            var first = new RtTwoPolicy(network, bins, 3, 160, Pick.LIKELIEST);
            var chunk = first.chunk(seen, ChunkPolicy.Held.NONE);
            assertThat(chunk).hasDimensions(3, 4);
            assertThat(chunk[2]).isEqualTo(chunk[1]);
            assertThat(back.policy(3, 160, Pick.LIKELIEST).chunk(seen, ChunkPolicy.Held.NONE))
                    .isDeepEqualTo(chunk);
            assertThatThrownBy(() -> back.policy(1, 160, Pick.LIKELIEST))
                    .hasMessageContaining("2 actions");
            back.model().close();
        }
    }

    @Test
    void aPolicyThatIsDoneStandsStillWithItsGripperAsItWas() {
        var model = Small.model();
        var words = RtTwoWords.of(model, List.of());
        try (var _ = TensorScope.open();
                var network = RtTwoTrainee.model(model, words, Seed.of(3))) {
            var bins = new ActionBins(model.actions().low(), model.actions().high());
            var policy = new RtTwoPolicy(network, bins, 1, 3, Pick.LIKELIEST).batched();
            var seen = new Tabletop().reset(5);
            policy.reset(new long[] {1, 2});
            for (int t = 0; t < 3; t++) {
                var moving = policy.act(new int[] {0, 1}, List.of(seen, seen));
                assertThat(moving.getFirst()).isEqualTo(moving.getLast());
            }
            var done = policy.act(new int[] {1}, List.of(seen)).getFirst();
            assertThat(new float[] {done[0], done[1], done[2]}).containsOnly(0);
            policy.reset(new long[] {1, 2});
            assertThat(policy.act(new int[] {1}, List.of(seen)).getFirst()).isNotEqualTo(done);
        }
    }

    @Test
    void batchesFromADataSetAreThoseFromMemoryButForWhatOnlyASimulatorKnows() {
        var shown = Demonstrations.collect(List.of(Family.PICK), 2, SEED, Demonstrations.NOISE);
        var root = folder.resolve("set");
        EpisodeFolder.write(root, shown.stream().map(Demonstration::episode).toList());
        var config = Small.config();
        try (var memory = RtTwoData.of(config, new FrameSource.Recorded(shown));
                var read = RtTwoData.of(config, FolderFrames.open(root, 4, 4));
                var _ = TensorScope.open()) {
            var a = memory.frames(Small.frames(2, 3));
            var b = read.frames(Small.frames(2, 3));
            assertThat(b.lesson().answer().equal(a.lesson().answer())).isTrue();
            assertThat(b.lesson().prompt().words().equal(a.lesson().prompt().words())).isTrue();
            for (int camera = 0; camera < 2; camera++) {
                var one = a.lesson().prompt().images().get(camera);
                assertThat(b.lesson().prompt().images().get(camera).equal(one)).isTrue();
            }
            assertThat(b.lesson().labels().names().sum().item()).isZero();
            int last = shown.getFirst().length() - 1;
            var end = read.frames(List.of(new dev.orrery.policy.ActionChunks.Place(0, last)));
            assertThat(end.integers().toLongs()[0]).isEqualTo(1);
            var planned = config.with(Small.model().with(new Text(512, 24, 9)));
            assertThatThrownBy(() -> RtTwoData.of(planned, FolderFrames.open(root, 4, 4)))
                    .hasMessageContaining("plans come from the simulator's expert");
        }
    }
}
