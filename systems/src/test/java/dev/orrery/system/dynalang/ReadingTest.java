package dev.orrery.system.dynalang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Vocabulary;
import dev.orrery.run.Run;
import dev.orrery.system.dynalang.DynalangConfig.Model;
import dev.orrery.system.dynalang.DynalangConfig.Reading;
import dev.orrery.system.dynalang.DynalangConfig.View;
import dev.orrery.system.dynalang.DynalangConfig.World;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.worldmodel.Draws;
import dev.orrery.worldmodel.Form;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The ways in which words reach an agent.
class ReadingTest {

    private static final World BINS = new World("bins", "hint", View.SYMBOLS, Reading.TOKEN);

    private static Senses senses(Reading reading) {
        var world = BINS.with(reading);
        return Worlds.senses(world, Worlds.open(world));
    }

    private static Dynalang model(Form form, Reading reading) {
        return new Dynalang(Model.published(form, "nano").dreaming(3), senses(reading), Seed.of(1));
    }

    private static Lesson lesson(Dynalang model, long steps, long batch, Seed words) {
        var senses = model.senses;
        int vocabulary = Math.max(senses.words(), senses.besides().vocabulary());
        var seed = Seed.of(2);
        var none = Tensor.zeros(steps, batch);
        return new Lesson(
                seed.split(0).uniform(steps, batch, senses.symbols()).gt(0.5).to(DType.F32),
                Tensor.zeros(0),
                new Lesson.Text(
                        words.split(0).integers(Math.max(1, vocabulary), steps, batch),
                        words.split(1)
                                .integers(
                                        Math.max(1, vocabulary),
                                        steps,
                                        batch,
                                        senses.besides().manual()),
                        Tensor.zeros(batch, model.heardWidth())),
                seed.split(2).normal(steps, batch),
                none,
                none,
                none,
                Tensor.zeros(steps, batch, senses.actions()),
                model.rssm.initial(batch).detach());
    }

    @ParameterizedTest
    @EnumSource
    void theWholeLossReachesEveryParameterButTheSlowCritic(Reading reading) {
        for (var form : Form.values()) {
            var model = model(form, reading);
            var lesson = lesson(model, 4, 2, Seed.of(7));
            var world = WorldModelLoss.of(model, lesson, 0, Draws.of(Seed.of(3)));
            var behaviour = BehaviourLoss.of(model, world, lesson, model.hear(lesson), Seed.of(4));
            world.total().add(behaviour.total()).backward();
            var missed =
                    model.namedParameters().entrySet().stream()
                            .filter(e -> !e.getValue().hasGrad())
                            .map(java.util.Map.Entry::getKey)
                            .filter(name -> !name.startsWith("slowval"))
                            .filter(name -> !name.equals("dyn.initial"))
                            .toList();
            assertThat(missed).isEmpty();
            var ear = model.namedParameters().keySet().stream().filter(n -> n.startsWith("ear."));
            assertThat(ear.count() > 0).isEqualTo(reading == Reading.POLICY);
            assertThat(model.acting().keySet().stream().anyMatch(n -> n.startsWith("ear.")))
                    .isEqualTo(reading == Reading.POLICY);
        }
    }

    @Test
    void thePolicyHearsWhatItsWorldModelDoesNot() {
        var model = model(Form.V2024, Reading.POLICY);
        var one = lesson(model, 5, 2, Seed.of(7));
        var other = lesson(model, 5, 2, Seed.of(8));
        assertThat(model.perception.forward(one).equal(model.perception.forward(other))).isTrue();
        assertThat(model.hear(one).equal(model.hear(other))).isFalse();
        var features = Seed.of(9).normal(2, model.rssm.config().features());
        var likely = model.actor.probabilities(model.view(features, Tensor.ones(2, 64)));
        var unlike = model.actor.probabilities(model.view(features, Tensor.zeros(2, 64)));
        assertThat(likely.getFirst().equal(unlike.getFirst())).isFalse();
    }

    @Test
    void silenceLeavesWhatWasHeardAndANewEpisodeForgetsIt() {
        var ear = new Listener(13, 8, Seed.of(1));
        var tokens = Tensor.of(new long[] {5, 5, 0, 0, 0, 0, 6, 6}, 4, 2);
        var first = Tensor.zeros(4, 2);
        first.select(0, 2).select(0, 1).fill_(1);
        var start = Seed.of(2).normal(2, 8);
        var heard = ear.forward(tokens, first, start);
        var rows = heard.unbind(0);
        assertThat(rows.get(1).equal(rows.get(0))).isTrue();
        assertThat(rows.get(2).select(0, 0).equal(rows.get(0).select(0, 0))).isTrue();
        assertThat(rows.get(2).select(0, 1).abs().sum().item()).isZero();
        var anew =
                ear.forward(
                        Tensor.of(new long[] {6}, 1, 1), Tensor.zeros(1, 1), Tensor.zeros(1, 8));
        var later = rows.get(3).narrow(0, 1, 1);
        assertThat(later.allclose(anew.select(0, 0), 1e-5, 1e-6)).isTrue();
        var parts = ear.forward(tokens.narrow(0, 2, 2), first.narrow(0, 2, 2), heard.select(0, 1));
        assertThat(parts.allclose(heard.narrow(0, 2, 2), 1e-5, 1e-6)).isTrue();
    }

    @Test
    void aManualIsAttendedToAndNothingElse() {
        var reader = new ManualReader(6, 13, 4, 8, Seed.of(1));
        var seen = Seed.of(2).normal(1, 1, 6);
        var said = Tensor.of(new long[] {5, 6, 0, 0}, 1, 1, 4);
        var found = reader.forward(seen, said);
        assertThat(reader.forward(seen, Tensor.of(new long[] {5, 7, 0, 0}, 1, 1, 4)).equal(found))
                .isFalse();
        assertThat(reader.forward(Seed.of(3).normal(1, 1, 6), said).equal(found)).isFalse();
        var silent = Tensor.zeros(DType.I64, 1, 1, 4);
        var nothing = reader.forward(seen, silent);
        assertThat(nothing.abs().max().item()).isBetween(0.0, 1e3);
        assertThat(reader.forward(Seed.of(3).normal(1, 1, 6), silent).allclose(nothing, 1e-6, 1e-6))
                .isTrue();
    }

    @Test
    void aManualHoldsEachSentenceOnceAndForgetsTheOldestFirst() {
        var world = BINS.with(Reading.MANUAL);
        var env = Worlds.open(world);
        env.begin(3);
        var manual = new Manual(64);
        manual.hear(env, true);
        var said = env.vocabulary().decode(manual.words()).replace(" <pad>", "");
        assertThat(said).isEqualTo(env.utterance().replace(" <pad>", ""));
        var once = manual.words().clone();
        manual.hear(env, false);
        assertThat(manual.words()).isEqualTo(once);
        int words = (int) Arrays.stream(once).filter(w -> w != Vocabulary.PAD).count();
        var small = new Manual(words + 1);
        small.hear(env, true);
        for (long seed = 4; seed < 60; seed++) {
            var other = Worlds.open(world);
            other.begin(seed);
            small.hear(other, false);
            var sentence =
                    Arrays.stream(other.vocabulary().encode(other.utterance()))
                            .filter(w -> w != Vocabulary.PAD)
                            .boxed()
                            .toList();
            assertThat(Arrays.stream(small.words()).boxed().toList()).containsSequence(sentence);
        }
        var copy = new Manual(words + 1);
        copy.restore(small.words().clone());
        var third = Worlds.open(world);
        third.begin(61);
        copy.hear(third, false);
        small.hear(third, false);
        assertThat(copy.words()).isEqualTo(small.words());
        small.hear(env, true);
        assertThat(Arrays.copyOf(small.words(), words)).isEqualTo(Arrays.copyOf(once, words));
    }

    @ParameterizedTest
    @EnumSource(names = {"MANUAL", "POLICY"})
    void aStoppedReaderGoesOnAsIfItHadNotBeen(Reading reading, @TempDir Path folder) {
        var laptop = DynalangConfig.laptop();
        var config =
                laptop.in(BINS.with(reading))
                        .with(new DynalangConfig.Training(100, 2, 4, 8, 16, 1e-3, 10, 12))
                        .with(new DynalangConfig.Evaluation(4));
        List<Float> whole;
        try (var run = Run.create(folder.resolve("whole"), "dynalang", config, 7)) {
            whole = trained(config, run);
        }
        var run = Run.create(folder.resolve("parts"), "dynalang", config, 7);
        run.requestStop();
        for (int k = 0; ; k++) {
            try (var part = run) {
                assertThat(trained(config, part)).isEqualTo(whole);
                assertThat(k).isEqualTo(2);
                new DynalangRecipe().evaluate(config, part);
                var foreseen = new DynalangRecipe().imagine(part.folder(), 3, List.of());
                assertThat(foreseen.branches()).hasSize(1);
                return;
            } catch (dev.orrery.run.RunStopped _) {
                run = Run.reopen(folder.resolve("parts"), dev.orrery.run.Progress.silent());
                if (k < 1) run.requestStop();
            }
        }
    }

    private static List<Float> trained(DynalangConfig config, Run run) {
        var training = new Training(config, run);
        training.train();
        return training.model.stateDict().values().stream()
                .map(t -> (float) t.abs().sum().item())
                .toList();
    }

    @Test
    void textAloneNeedsAWorldModelThatReads(@TempDir Path folder) {
        var config =
                DynalangConfig.laptop()
                        .in(BINS.with(Reading.POLICY))
                        .with(new DynalangConfig.Text(3, 2, 8, 0));
        try (var run = Run.create(folder, "dynalang", config, 1)) {
            assertThatThrownBy(() -> new Training(config, run))
                    .hasMessageContaining("text.updates 3 needs a world model that reads");
        }
    }
}
