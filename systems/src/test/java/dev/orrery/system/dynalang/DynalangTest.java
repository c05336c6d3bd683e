package dev.orrery.system.dynalang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.orrery.nn.Module;
import dev.orrery.system.dynalang.DynalangConfig.Model;
import dev.orrery.system.dynalang.DynalangConfig.Reading;
import dev.orrery.system.dynalang.DynalangConfig.View;
import dev.orrery.system.dynalang.DynalangConfig.World;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.worldmodel.Draws;
import dev.orrery.worldmodel.Form;
import dev.orrery.worldmodel.Head;
import dev.orrery.worldmodel.Rssm;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DynalangTest {

    private static final World BINS = new World("bins", "hint", View.SYMBOLS, Reading.TOKEN);
    private static final Senses SENSES = new Senses(9, true, 0, 13, new int[] {3}, -1);

    private static Dynalang model(Form form) {
        return new Dynalang(Model.published(form, "nano").dreaming(3), SENSES, Seed.of(1));
    }

    private static Lesson lesson(Dynalang model, Tensor terminal, Tensor last) {
        var seed = Seed.of(2);
        long steps = terminal.size(0), batch = terminal.size(1);
        return new Lesson(
                seed.split(0).uniform(steps, batch, 9).gt(0.5).to(DType.F32),
                Tensor.zeros(0),
                new Lesson.Text(
                        seed.split(1).integers(13, steps, batch),
                        seed.split(3).integers(13, steps, batch, model.senses.besides().manual()),
                        Tensor.zeros(batch, model.heardWidth())),
                seed.split(2).normal(steps, batch),
                Tensor.zeros(steps, batch),
                last,
                terminal,
                Tensor.zeros(steps, batch, 3),
                model.rssm.initial(batch).detach());
    }

    @Test
    void theActorDoesNotTrainTheWorldModelNorTheWorldModelTheActor() {
        var model = model(Form.V2023);
        var lesson = lesson(model, Tensor.zeros(4, 2), Tensor.zeros(4, 2));
        var world = WorldModelLoss.of(model, lesson, 0, Draws.of(Seed.of(3)));
        var behaviour = BehaviourLoss.of(model, world, lesson, model.hear(lesson), Seed.of(4));
        behaviour.total().backward();
        assertThat(model.worldModel().values()).noneMatch(Tensor::hasGrad);
        world.total().backward();
        model.clearGradients();
        WorldModelLoss.of(model, lesson, 0, Draws.of(Seed.of(3))).total().backward();
        assertThat(model.named("pol", "val").values()).noneMatch(Tensor::hasGrad);
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsLearnedFromDreamsThatStartAfterTheEnd(Form form) {
        var model = model(form);
        var ended = lesson(model, Tensor.ones(4, 2), Tensor.ones(4, 2));
        var world = WorldModelLoss.of(model, ended, 0, Draws.of(Seed.of(3)));
        var parts = BehaviourLoss.of(model, world, ended, model.hear(ended), Seed.of(4)).parts();
        assertThat(Math.abs(parts.get("policy").item())).isZero();
        assertThat(Math.abs(parts.get("value").item())).isZero();
    }

    @Test
    void theReturnScaleChangesThePolicyLossAndCanBeSwitchedOff() {
        var model = model(Form.V2024);
        var lesson = lesson(model, Tensor.zeros(4, 2), Tensor.zeros(4, 2));
        model.scale.update(Tensor.linspace(-1e5, 1e5, 1000));
        assertThat(model.scale.scale()).isGreaterThan(100);
        var world = WorldModelLoss.of(model, lesson, 0, Draws.of(Seed.of(3)));
        var scaled = BehaviourLoss.of(model, world, lesson, model.hear(lesson), Seed.of(4)).parts();
        assertThat(scaled.get("scale").item()).isGreaterThan(100);
        var off = new Dynalang(model.config.without("return-scale"), SENSES, Seed.of(1));
        off.scale.update(Tensor.linspace(-1e5, 1e5, 1000));
        var other = WorldModelLoss.of(off, lesson, 0, Draws.of(Seed.of(3)));
        var plain = BehaviourLoss.of(off, other, lesson, off.hear(lesson), Seed.of(4)).parts();
        assertThat(plain.get("scale").item()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void everyChoiceOfThePolicyKeepsItsUniformShare(Form form) {
        var actor =
                new Actor(form, new Head.Config(4, 8, 1, 7, 1), new int[] {3, 4}, 0.01, Seed.of(1));
        var far = Tensor.full(1e4, 2, 4);
        var p = actor.probabilities(far);
        assertThat(p.get(0).amin(new long[] {-1}, false).toFloats()[0])
                .isGreaterThanOrEqualTo(0.0033f);
        assertThat(p.get(1).amin(new long[] {-1}, false).toFloats()[0])
                .isGreaterThanOrEqualTo(0.0024f);
        var drawn = actor.draw(far, Draws.of(Seed.of(2)), 0);
        assertThat(drawn.sum(-1, false).toFloats()).containsOnly(2f);
        var expected =
                p.get(0)
                        .mul(drawn.narrow(-1, 0, 3))
                        .sum(-1, false)
                        .log()
                        .add(p.get(1).mul(drawn.narrow(-1, 3, 4)).sum(-1, false).log());
        assertThat(actor.logProbability(p, drawn).allclose(expected, 1e-5, 1e-6)).isTrue();
    }

    @Test
    void wordsOneHotAreRowsOfTheFirstLayer() {
        var model = model(Form.V2024);
        var one = lesson(model, Tensor.zeros(1, 2), Tensor.zeros(1, 2));
        var same = model.perception.forward(one);
        var other =
                new Lesson(
                        one.symbols(),
                        one.images(),
                        Lesson.Text.of(Tensor.of(new long[] {7, 7}, 1, 2)),
                        one.rewards(),
                        one.first(),
                        one.last(),
                        one.terminal(),
                        one.before(),
                        one.start());
        assertThat(model.perception.forward(other).equal(same)).isFalse();
        var blind = model.perception.ofText(other.tokens());
        assertThat(blind.select(1, 0).equal(blind.select(1, 1))).isTrue();
    }

    @Test
    void textAloneTrainsTheWordsAndTheDynamicsOnly() {
        var model = model(Form.V2024);
        var tokens = Seed.of(5).integers(13, 6, 2);
        var state = model.rssm.initial(2);
        var result = WorldModelLoss.ofText(model, state, tokens, Draws.of(Seed.of(6)));
        assertThat(result.parts().keySet()).containsExactly("token", "dyn", "rep", "kl");
        result.total().backward();
        assertThat(model.named("rew", "con", "pol", "val").values()).noneMatch(Tensor::hasGrad);
        assertThat(model.named("dyn").get("dyn.priorlogit.weight").hasGrad()).isTrue();
    }

    @Test
    void wordsAheadAreGuessedFromThePriorNotFromWhatWasRead() {
        var model = model(Form.V2024);
        var tokens = Tensor.of(new long[] {3, 4, 5}, 3, 1);
        var other = Tensor.of(new long[] {3, 4, 9}, 3, 1);
        var draws = Draws.mostLikely();
        var a = WorldModelLoss.ofText(model, model.rssm.initial(1), tokens, draws).trace();
        var b = WorldModelLoss.ofText(model, model.rssm.initial(1), other, draws).trace();
        var guess = WorldModelLoss.wordsAhead(model, a, tokens, draws).toFloats();
        var again = WorldModelLoss.wordsAhead(model, b, tokens, draws).toFloats();
        assertThat(again).isEqualTo(guess);
    }

    @ParameterizedTest
    @CsvSource({
        "1m, 512, 64, 4",
        "12m, 2048, 256, 16",
        "25m, 3072, 384, 24",
        "50m, 4096, 512, 32",
        "100m, 6144, 768, 48",
        "200m, 8192, 1024, 64",
        "400m, 12288, 1536, 96"
    })
    void publishedSizesAreAboutAsLargeAsTheirNames(String name, int deter, int units, int classes) {
        var size = Size.named(name);
        assertThat(List.of(size.deter(), size.units(), size.classes()))
                .containsExactly(deter, units, classes);
        var senses = new Senses(0, true, 64, 0, new int[] {17}, -1);
        var outline =
                Module.outline(
                        () -> new Dynalang(Model.published(Form.V2024, name), senses, Seed.of(0)));
        double millions = outline.parameterCount() / 1e6;
        double named = Double.parseDouble(name.replace("m", ""));
        assertThat(millions).isBetween(0.6 * named, 1.6 * named);
    }

    @Test
    void unknownNamesAreAnsweredWithTheNearest() {
        assertThatThrownBy(() -> Size.named("12M")).hasMessageContaining("12m");
        assertThatThrownBy(() -> Worlds.open(new World("bin", "hint", View.SYMBOLS, Reading.TOKEN)))
                .hasMessageContaining("bins");
        assertThatThrownBy(() -> Worlds.open(BINS.with("hints"))).hasMessageContaining("hint");
        assertThatThrownBy(() -> new TextStream(DreamerRecipe.cartPole(), 1, 0))
                .hasMessageContaining("no text to learn from");
        var model = model(Form.V2024);
        var vocabulary = Worlds.open(BINS).vocabulary();
        assertThatThrownBy(() -> FreeText.from(model, vocabulary, "open a door", 3, Seed.of(1)))
                .hasMessageContaining("[a, door]");
    }

    @Test
    void aCheckpointOfAnotherSizeIsRefusedWithItsDifferences() {
        var small = model(Form.V2024);
        var senses = new Senses(9, true, 0, 14, new int[] {3}, -1);
        var other = new Dynalang(Model.published(Form.V2024, "nano"), senses, Seed.of(1));
        assertThatThrownBy(() -> small.load(other.stateDict()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("enc.mlp0.weight");
    }

    @Test
    void aTerminalMomentIsNeverAFirstOneAndFollowsItsActionsReward() {
        var world = new World("catch", "plain", View.SYMBOLS, Reading.NONE);
        var stage = Stage.open(world, 2, 3);
        int ends = 0;
        for (int t = 0; t < 40; t++) {
            for (int n = 0; n < 2; n++) {
                if (!stage.terminal()[n]) continue;
                ends++;
                assertThat(stage.first()[n]).isFalse();
                assertThat(stage.last()[n]).isTrue();
                assertThat(Math.abs(stage.rewards()[n])).isEqualTo(1f);
            }
            stage.step(new int[] {1, 1});
        }
        assertThat(ends).isGreaterThan(4);
    }

    @Test
    void stepsBetweenUpdatesFollowFromTheTrainRatio() {
        var training = DynalangConfig.laptop().training();
        assertThat(training.stepsPerUpdate()).isEqualTo(8 * 32 / 64.0);
        assertThat(training.updates() * training.stepsPerUpdate() + training.first())
                .isCloseTo(training.steps(), offset(8.0));
    }

    @Test
    void theStateOfAPlayerIsTheStateThatReplayedMomentsLeadTo() {
        var model = model(Form.V2024);
        var stage = Stage.open(BINS, 2, 1);
        var player = new Player(model, 2);
        player.act(stage, Seed.of(1));
        var first = player.stateDict().get("deter").copy();
        var fresh = model.rssm.imagine().deter(model.rssm.initial(2), Tensor.zeros(2, 3));
        assertThat(first.allclose(fresh, 1e-5, 1e-6)).isTrue();
        var state = new Rssm.State(first, player.stateDict().get("latents").copy());
        var action = player.stateDict().get("action").copy();
        stage.step(new int[] {0, 0});
        player.act(stage, Seed.of(2));
        var second = model.rssm.imagine().deter(state, action);
        assertThat(player.stateDict().get("deter").allclose(second, 1e-5, 1e-6)).isTrue();
    }

    @Test
    void aSentenceIsSeenWholeWhileItsWordsPass() {
        var stage = Stage.open(BINS.with(Reading.SENTENCE), 1, 1);
        assertThat(stage.senses().words()).isZero();
        assertThat(stage.senses().symbols()).isEqualTo(9 + 13);
        var before = stage.symbols().clone();
        stage.step(new int[] {0});
        assertThat(stage.symbols()).isEqualTo(before);
        int words = 0;
        for (int i = 9; i < 22; i++) words += (int) before[i];
        assertThat(words).isGreaterThan(4);
    }

    @Test
    void anExperienceThatHoldsNoSequenceIsRefused() {
        var laptop = DynalangConfig.laptop();
        assertThatThrownBy(() ->
                        new DynalangConfig(
                                laptop.world(),
                                laptop.model(),
                                laptop.training(),
                                new DynalangConfig.Experience(1000, 1, 0),
                                laptop.text(),
                                laptop.evaluation()))
                .hasMessageContaining("keep at least 16384");
    }
}
