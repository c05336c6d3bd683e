package dev.orrery.system.internvlam1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.data.lerobot.EpisodeFolder;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Demonstration;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.tabletop.FolderFrames;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunStopped;
import dev.orrery.run.StopsAt;
import dev.orrery.system.internvlam1.InternVlaM1Config.Acting;
import dev.orrery.system.internvlam1.InternVlaM1Config.CoTraining;
import dev.orrery.system.internvlam1.InternVlaM1Config.Expert;
import dev.orrery.system.internvlam1.InternVlaM1Config.Head;
import dev.orrery.system.internvlam1.InternVlaM1Config.Lessons;
import dev.orrery.system.internvlam1.InternVlaM1Config.Places;
import dev.orrery.system.internvlam1.InternVlaM1Config.Prompt;
import dev.orrery.system.internvlam1.InternVlaM1Config.Queries;
import dev.orrery.system.internvlam1.InternVlaM1Config.Rates;
import dev.orrery.system.internvlam1.InternVlaM1Config.Spatial;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InternVlaM1RecipeTest {

    private static final long SEED = 3;

    @TempDir private Path folder;

    static InternVlaM1Config.Model model() {
        return new InternVlaM1Config.Model(
                new InternVlaM1Config.Vlm(32, 1, 32, 2),
                new Places(true, 16, 1),
                new Queries(4, 32, 4, .5, false, .1),
                new Expert(2, 4, Head.DDPM, 50, .1),
                new InternVlaM1Config.Io(256, 32, 4, 4),
                new Prompt(true, false));
    }

    private static InternVlaM1Config config(InternVlaM1Config.Model model) {
        return new InternVlaM1Config(
                model,
                new InternVlaM1Config.Demonstrations(List.of("pick"), 2, ""),
                new Spatial(6, 2, 1e-3, Lessons.GROUNDING, true),
                new Acting(7, 2, 2, Rates.tabletop(), new CoTraining(2, .1, .3), false),
                new InternVlaM1Config.Evaluation(1, 4, 5, 1.5, 2));
    }

    private Run run(String name, StopsAt progress, InternVlaM1Config config) {
        var info = RunInfo.now("internvla-m1", "custom", SEED, config);
        return progress.run(folder.resolve(name), info);
    }

    private Map<String, Double> whole(String name, InternVlaM1Config config) {
        try (var run = run(name, new StopsAt("never", 0), config)) {
            return new InternVlaM1Recipe().run(config, run).metrics();
        }
    }

    @Test
    void aRunThatIsStoppedAnywhereEndsBitForBitAsIfItHadNotBeen() throws Exception {
        var recipe = new InternVlaM1Recipe();
        var config = config(model());
        var whole = whole("whole", config);
        assertThat(whole).containsKeys("success_rate", "point_accuracy", "grounding");
        var weights = Files.readAllBytes(folder.resolve("whole/policy/model.safetensors"));
        for (var stop :
                List.of(
                        new StopsAt("recording demonstrations", 0),
                        new StopsAt("training internvla-m1", 1),
                        new StopsAt("training internvla-m1", 11),
                        new StopsAt("evaluating", 0))) {
            var name = stop.name();
            try (var run = run(name, stop, config)) {
                assertThatThrownBy(() -> recipe.run(config, run)).isInstanceOf(RunStopped.class);
            }
            try (var run = Run.reopen(folder.resolve(name), Progress.silent())) {
                assertThat(recipe.run(config, run).metrics()).as(name).isEqualTo(whole);
            }
            assertThat(Files.readAllBytes(folder.resolve(name + "/policy/model.safetensors")))
                    .as(name)
                    .isEqualTo(weights);
        }
        assertThat(folder.resolve("whole/grounding-stage1.json")).exists();
        playsAndFilms(recipe, config);
    }

    private void playsAndFilms(InternVlaM1Recipe recipe, InternVlaM1Config config)
            throws Exception {
        var run = folder.resolve("whole");
        assertThat(recipe.policies(run)).containsExactly("policy");
        assertThat(recipe.trained(run)).containsExactly("pick");
        assertThat(recipe.isPolicy(run)).isFalse();
        assertThatThrownBy(() -> recipe.open(run, "other"))
                .hasMessageContaining("holds no policy 'other'");
        var ready = recipe.open(run, "policy");
        assertThat(ready.execute()).isEqualTo(4);
        var seen = new Tabletop().reset(5);
        ready.policy().reset(9);
        var chunk = ready.policy().chunk(seen, ChunkPolicy.Held.NONE);
        assertThat(chunk).hasDimensions(4, 4);
        assertThat(ready.policy().chunk(seen, ChunkPolicy.Held.NONE)).isNotEqualTo(chunk);
        var asked = List.of(new ChunkPolicy.Question(seen, ChunkPolicy.Held.NONE, 9));
        assertThat(ready.policy().chunks(asked).getFirst()).isDeepEqualTo(chunk);
        wrongObservations(ready.policy(), seen);
        ready.close().run();
        try (var reopened = Run.reopen(run, Progress.silent())) {
            var out = Files.createDirectories(folder.resolve("film"));
            var report = recipe.generate(config, reopened, "reach the red cube", out);
            assertThat(report.get("frames")).isGreaterThan(5);
            assertThat(out.resolve("internvla-m1.gif")).isNotEmptyFile();
            assertThat(recipe.diagnose(config, reopened).metrics()).containsKey("box_accuracy");
            assertThat(InternVlaM1Recipe.header(config, reopened))
                    .containsEntry("executed", "4 of 4")
                    .containsEntry("sampling", "DDPM, 5 steps, guidance 1.5")
                    .containsKeys("statistics", "resize", "seeds");
        }
        assertThatThrownBy(() -> InternVlaM1Checkpoint.open(run))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("name the policy folder of a run of internvla-m1");
    }

    private static void wrongObservations(ChunkPolicy policy, Observation seen) {
        var held = ChunkPolicy.Held.NONE;
        assertThatThrownBy(() -> policy.chunk(seen.withText(" "), held))
                .hasMessageContaining("empty");
        assertThatThrownBy(() -> policy.chunk(seen.withText("go ".repeat(65)), held))
                .hasMessageContaining("65 words");
        var blind = new Observation(new LinkedHashMap<>(), seen.state(), seen.text());
        assertThatThrownBy(() -> policy.chunk(blind, held)).hasMessageContaining("overhead");
    }

    @Test
    void everySwitchTrainsAndPlays() {
        var base = config(model());
        var model = base.model();
        var q = model.queries();
        var frozen = new Acting(2, 2, 2, Rates.tabletop(), CoTraining.NONE, true);
        for (var config :
                List.of(
                        base.with(model.with(new Expert(1, 4, Head.FLOW, 50, .1))),
                        base.with(model.with(new Prompt(true, true))),
                        base.with(model.with(new Places(false, 16, 1))).with(frozen),
                        base.with(model.with(new Queries(q.count(), q.width(), 4, 1, true, 0)))
                                .with(new Spatial(2, 2, 1e-3, Lessons.CAPTIONS, true)))) {
            var numbers = whole("switch" + config.hashCode(), config.withSteps(1, 2));
            assertThat(numbers).containsKey("success_rate");
        }
    }

    @Test
    void aFrozenVisionLanguageModelStaysAsItIs() {
        var config = config(model());
        var frozen = config.with(new Acting(3, 2, 2, Rates.tabletop(), CoTraining.NONE, true));
        whole("short", frozen.withSteps(2, 1));
        whole("long", frozen.withSteps(2, 3));
        try (var _ = TensorScope.open();
                var a = InternVlaM1Checkpoint.open(folder.resolve("short/policy")).model();
                var b = InternVlaM1Checkpoint.open(folder.resolve("long/policy")).model()) {
            assertThat(a.vlm().stateDict())
                    .allSatisfy((name, tensor) ->
                            assertThat(tensor.sub(b.vlm().stateDict().get(name)).abs().max().item())
                                    .as(name)
                                    .isZero());
            var moved = "positional_embedding";
            assertThat(a.expert().stateDict().get(moved).toFloats())
                    .as("the action expert learns")
                    .isNotEqualTo(b.expert().stateDict().get(moved).toFloats());
        }
    }

    @Test
    void oddCombinationsAreSaidBeforeTraining() {
        var told = new ArrayList<String>();
        var acting = InternVlaM1Config.laptop().acting();
        told.addAll(acting.warnings());
        assertThat(told).isEmpty();
        told.addAll(acting.with(CoTraining.NONE).warnings());
        assertThat(told.getLast()).contains("grounding decays").contains("acting.freezeVlm=true");
        told.addAll(new Acting(1, 1, 1, acting.rates(), acting.coTraining(), true).warnings());
        assertThat(told.getLast()).contains("set acting.coTraining.batch=0");
    }

    @Test
    void aFolderOfDataTeachesAndCannotTeachBoxes() throws Exception {
        var shown = Demonstrations.collect(List.of(Family.REACH), 2, SEED, 0);
        var root = folder.resolve("data");
        EpisodeFolder.write(root, shown.stream().map(Demonstration::episode).toList());
        var config = config(model());
        try (var data = InternVlaM1Data.of(config, FolderFrames.open(root, 4, 4));
                var _ = TensorScope.open()) {
            assertThat(data.episodes()).isEqualTo(2);
            assertThat(data.batch(2, dev.orrery.tensor.Seed.of(1)).actions().shape())
                    .containsExactly(2, 4, 4);
        }
        var unasked = config.with(config.acting().with(new CoTraining(2, .1, 0)));
        assertThat(learned("asked", config, root))
                .as("frames of which nobody says what they show are not asked")
                .isEqualTo(learned("unasked", unasked, root));
        var boxes = config.with(config.model().with(new Prompt(true, true)));
        assertThatThrownBy(() -> InternVlaM1Data.of(boxes, FolderFrames.open(root, 4, 4)))
                .hasMessageContaining("boxes are to be written first")
                .hasMessageContaining("model.prompt.boxesFirst=false");
    }

    /// The weights that a few steps on a folder of data leave.
    private byte[] learned(String name, InternVlaM1Config config, Path data) throws Exception {
        var learning =
                new InternVlaM1Config(
                                config.model(),
                                new InternVlaM1Config.Demonstrations(List.of(), 1, data.toString()),
                                config.spatial(),
                                config.acting(),
                                config.evaluation())
                        .withSteps(1, 2);
        try (var run = run(name, new StopsAt("never", 0), learning)) {
            InternVlaM1Recipe.trainOnly(learning, run);
            return Files.readAllBytes(InternVlaM1Recipe.folder(run).resolve("model.safetensors"));
        }
    }

    @Test
    void ratesAndScalesOutsideTheirRangesAreRefused() {
        assertThatThrownBy(() -> new Queries(4, 32, 4, 1.5, false, 0))
                .hasMessageContaining("model.queries.gradScale is 1.5");
        assertThatThrownBy(() -> new Rates(-1, 1, 1))
                .hasMessageContaining("acting.rates.vlm is -1.0");
    }
}
