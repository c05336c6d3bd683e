package dev.orrery.system.rt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Plan;
import dev.orrery.env.tabletop.Words;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.policy.ActionChunks;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.policy.tabletop.QuestionBatches;
import dev.orrery.system.rt2.ActionString.Reason;
import dev.orrery.system.rt2.ActionString.Unreadable;
import dev.orrery.system.rt2.RtTwoConfig.Actions;
import dev.orrery.system.rt2.RtTwoConfig.Kind;
import dev.orrery.system.rt2.RtTwoConfig.Text;
import dev.orrery.system.rt2.RtTwoConfig.Tokens;
import dev.orrery.system.rt2.RtTwoConfig.Training;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RtTwoTest {

    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void free() {
        scope.close();
    }

    @Test
    void everyIntegerComesBackAndValuesLieWithinHalfAStep() {
        var bins = new ActionBins(List.of(-1.0, 0.0), List.of(1.0, 2.5));
        for (int b = 0; b < ActionBins.COUNT; b++) {
            var back = bins.write(bins.read(new int[] {b, b}));
            assertThat(back.bins()).containsExactly(b, b);
            assertThat(back.clipped()).isZero();
        }
        for (float value = -1; value <= 1; value += .0137f) {
            float[] read = bins.read(bins.write(new float[] {value, 1}).bins());
            assertThat(read[0]).isCloseTo(value, within(2 / 510f + 1e-6f));
        }
        // halves go up, where taking the floor would lose half a step
        assertThat(bins.write(new float[] {(float) (-1 + 2 * .5 / 255 + 1e-6), 0}).bins()[0])
                .isEqualTo(1);
        var out = bins.write(new float[] {3, -1});
        assertThat(out.bins()).containsExactly(255, 0);
        assertThat(out.clipped()).isEqualTo(2);
    }

    @Test
    void boundsAndActionsThatDoNotFitAreNamed() {
        assertThatThrownBy(() -> new ActionBins(List.of(1.0), List.of(1.0)))
                .hasMessageContaining("dimension 0 reaches from 1.0 to 1.0");
        assertThatThrownBy(() -> new ActionBins(List.of(Double.NaN), List.of(1.0)))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> new ActionBins(List.of(0.0), List.of()))
                .hasMessageContaining("1 lowest and 0 highest");
        var bins = new ActionBins(List.of(-1.0), List.of(1.0));
        assertThatThrownBy(() -> bins.write(new float[2])).hasMessageContaining("2 values");
        assertThatThrownBy(() -> bins.write(new float[] {Float.NaN})).hasMessageContaining("NaN");
        assertThatThrownBy(() -> bins.read(new int[] {256})).hasMessageContaining("256");
        for (double share : new double[] {0, 1, Double.NaN}) {
            assertThatThrownBy(
                            () -> new Training(1, 1, 1, 1, Training.Data.CO_FINE_TUNE, share, 0, 0))
                    .hasMessageContaining("training.robot is " + share);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0 128 91 241 5 101 127, TOO_FEW",
        "0 128 91 241 5 101 127 255 3, TOO_MANY",
        "2 128 91 241 5 101 127 255, FLAG",
        "0 128 91 256 5 101 127 255, OUT_OF_RANGE",
        "0 128 91 -3 5 101 127 255, NOT_AN_INTEGER",
        "move 128 91 3 5 101 127 255, NOT_AN_INTEGER",
        "0 99999999999 91 3 5 101 127 255, NOT_AN_INTEGER"
    })
    void answersThatAreNoActionSayWhyAndGiveNoPart(String text, Reason why) {
        var parsed = ActionString.parse(text, 8);
        assertThat(parsed).isEqualTo(new Unreadable(why, text, 8));
        assertThat(parsed.toString()).contains(text, "8 integers");
    }

    @Test
    void anActionIsReadAsItWasWritten() {
        var said = (ActionString.Said) ActionString.parse(" 1 128 91 241 5 101 127 255", 8);
        assertThat(said.terminate()).isTrue();
        assertThat(said.actions()).containsExactly(128, 91, 241, 5, 101, 127, 255);
        assertThat(said).hasToString("1 128 91 241 5 101 127 255");
        assertThat(ActionString.parse("", 8)).isEqualTo(new Unreadable(Reason.TOO_FEW, "", 8));
    }

    @ParameterizedTest
    @EnumSource
    void tokensOfIntegersComeBackInEveryMode(Tokens mode) {
        var model = Small.model().with(Actions.of(4, 1, mode));
        var words = RtTwoWords.of(model, List.of("push the red star"));
        for (int i = 0; i < ActionBins.COUNT; i++) {
            assertThat(words.integers().integer(words.integers().id(i))).hasValue(i);
        }
        var stored = RtTwoWords.stored(model, words.integers().ids());
        var said = (ActionString.Said) ActionString.parse("0 0 137 255 64", 5);
        var ids = words.answer("", said);
        assertThat(ids).endsWith(Words.END).hasSize(6).isEqualTo(stored.answer("", said));
        assertThat(words.text(ids)).isEqualTo("0 0 137 255 64");
        assertThat(words.parse(ids, 5)).isEqualTo(said);
        var planned = words.answer("go to the red star", said);
        assertThat(words.text(planned)).isEqualTo("plan go to the red star action 0 0 137 255 64");
        assertThat(words.parse(planned, 5)).isEqualTo(said);
        var slots = words.slots(5);
        assertThat(slots.get(0)).containsExactly(words.integers().id(0), words.integers().id(1));
        assertThat(slots.get(1)).hasSize(256);
    }

    @Test
    void aVocabularyThatSplitsIntegersIsRefused() {
        var digits =
                new IntegerTokens.Speller() {
                    @Override
                    public long[] write(String text) {
                        return text.length() < 3
                                ? new long[] {Long.parseLong(text)}
                                : text.chars().mapToLong(c -> c - '0').toArray();
                    }

                    @Override
                    public String read(long id) {
                        return Long.toString(id);
                    }
                };
        assertThatThrownBy(() -> IntegerTokens.words(digits, 300))
                .hasMessageContaining("156 of 256 integers")
                .hasMessageContaining("'100' is [1, 0, 0]")
                .hasMessageContaining("OVERWRITE_LEAST_USED");
        assertThatThrownBy(() ->
                        IntegerTokens.stored(
                                dev.orrery.policy.ActionTokenizer.Mode.LEAST_USED,
                                300,
                                new long[3]))
                .hasMessageContaining("3 stored ids");
    }

    @Test
    void theWordsThatIntegersOverwriteAreTold() {
        var counts = new TreeMap<Long, Long>(Map.of(299L, 5L, 40L, 1L, 41L, 9L));
        var kept = new TreeMap<Long, String>(Map.of(0L, "<pad>"));
        var all = IntegerTokens.leastUsed(257, kept, counts);
        // 256 of 257 ids: all but the kept one
        assertThat(all.lost()).containsExactly(Map.entry(40L, 1L), Map.entry(41L, 9L));
        assertThat(all.ids()).doesNotContain(0L);
        assertThatThrownBy(() -> IntegerTokens.leastUsed(256, kept, counts))
                .hasMessageContaining("only 255 of 256 ids");
        var few = Small.model().with(new Text(300, 24, 0));
        var least = few.with(Actions.of(4, 1, Tokens.OVERWRITE_LEAST_USED));
        var words = RtTwoWords.of(least, List.of("push the red star", "push the blue disc"));
        assertThat(words.integers().lost().size()).isLessThan(9);
        assertThatThrownBy(() -> RtTwoWords.of(few, List.of())).hasMessageContaining("cannot hold");
    }

    private static RtTwoData data(RtTwoConfig config, int episodes) {
        var shown = Demonstrations.collect(List.of(Family.PICK), episodes, 7, Demonstrations.NOISE);
        return RtTwoData.of(config, new FrameSource.Recorded(shown));
    }

    @Test
    void robotFramesAndQuestionsStandInOneBatch() {
        try (var data = data(Small.config(), 3)) {
            var picks = data.mixture(5).next(24);
            var batch = data.batch(picks);
            long robots = picks.stream().filter(p -> p.source() == RtTwoData.ROBOT).count();
            assertThat(robots).isBetween(5L, 19L);
            assertThat(batch.robots()).isEqualTo((int) robots);
            var slots = batch.slots().toLongs();
            assertThat(Arrays.stream(slots).filter(s -> s == 1).count()).isEqualTo(robots);
            assertThat(Arrays.stream(slots).filter(s -> s == 2).count()).isEqualTo(4 * robots);
            long[] ids = batch.lesson().answer().toLongs(), values = batch.integers().toLongs();
            for (int i = 0; i < ids.length; i++) {
                if (slots[i] > 0) {
                    assertThat(ids[i]).isEqualTo(data.words().integers().id((int) values[i]));
                }
            }
        }
    }

    @Test
    void theFlagIsSetFromTheFrameThatReachesTheGoal() {
        var shown = Demonstrations.collect(List.of(Family.PICK), 1, 7, 0).getFirst();
        try (var data = RtTwoData.of(Small.config(), new FrameSource.Recorded(List.of(shown)))) {
            for (int t = 0; t < shown.length(); t++) {
                var batch = data.frames(List.of(new ActionChunks.Place(0, t)));
                assertThat(batch.integers().toLongs()[0]).isEqualTo(t >= shown.successAt() ? 1 : 0);
                assertThat(batch.clipped()).isZero();
            }
        }
    }

    @Test
    void noInstructionNamesWhatOnlyQuestionsMayName() {
        var shown = Demonstrations.collect(Family.CORE, 40, 7, Demonstrations.NOISE);
        var config = Small.config();
        try (var data = RtTwoData.of(config, new FrameSource.Recorded(shown))) {
            assertThat(data.instructions()).hasSizeGreaterThan(200);
            assertThat(RtTwoData.leaked(data.instructions())).isEmpty();
            var asked = RtTwoData.questions(config, data.words());
            var questions =
                    java.util.stream.LongStream.range(0, 400)
                            .mapToObj(seed -> asked.question(seed).text())
                            .toList();
            assertThat(RtTwoData.leaked(questions)).isNotEmpty();
        }
        assertThat(RtTwoData.leaked(List.of("put the Red Cube in the tray", "lift the red disc")))
                .containsExactly("put the Red Cube in the tray");
    }

    @Test
    void constrainedAnswersKeepTheirFormHoweverLittleWasLearned() {
        var config = Small.model();
        var words = RtTwoWords.of(config, List.of());
        try (var model = new RtTwo(config, words, Seed.of(1));
                var _ = Grad.disabled();
                var data = data(Small.config(), 1)) {
            var prompt = data.frames(Small.frames(1, 6)).lesson().prompt();
            var answers = model.answer(prompt, Pick.LIKELIEST);
            assertThat(answers).hasSize(6);
            for (var answer : answers) {
                assertThat(answer.said().bins()).hasSize(4).allMatch(i -> i >= 0 && i < 256);
                assertThat(answer.outside()).isBetween(.3, 1.0);
                assertThat(answer.plan()).isEmpty();
            }
            // whoever may say anything, and has learned nothing, says no action
            assertThat(model.say(prompt))
                    .allSatisfy(said -> assertThat(said).isInstanceOf(Unreadable.class));
            // an answer does not depend on its company
            var alone = data.frames(Small.frames(1, 1)).lesson().prompt();
            assertThat(model.answer(alone, Pick.LIKELIEST).getFirst().said())
                    .isEqualTo(answers.getFirst().said());
        }
    }

    @Test
    void aPlanEndsInAnActionWhetherOrNotTheModelEndsIt() {
        var config = Small.model().with(new Text(512, 24, 4));
        var words = RtTwoWords.of(config, List.of());
        try (var model = new RtTwo(config, words, Seed.of(1));
                var _ = Grad.disabled();
                var data = data(Small.config().with(config), 1)) {
            var answers =
                    model.answer(data.frames(Small.frames(1, 3)).lesson().prompt(), Pick.LIKELIEST);
            for (var answer : answers) {
                assertThat(answer.said().bins()).hasSize(4);
                assertThat(answer.plan()).isNotNull();
            }
            var batch = data.frames(Small.frames(1, 1));
            assertThat(words.text(batch.lesson().answer().toLongs())).startsWith("plan go to the");
        }
        var shown = Demonstrations.collect(List.of(Family.PICK), 1, 7, 0).getFirst();
        assertThat(words.lexicon().unknown(Plan.of(shown, 0))).isEmpty();
    }

    @Test
    void theFlagEndsAnEpisodeTheSecondTimeInARow() {
        var rule = new StopRule(10);
        assertThat(rule.after(true, 1)).isFalse();
        assertThat(rule.after(false, 1)).isFalse();
        assertThat(rule.after(true, 1)).isFalse();
        assertThat(rule.after(true, 1)).isTrue();
        assertThat(rule.after(false, 1)).isTrue();
        rule.reset();
        assertThat(rule.after(false, 9)).isFalse();
        assertThat(rule.after(false, 1)).isFalse();
        assertThat(rule.after(false, 1)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aHandfulOfFramesAndQuestionsIsLearnedByHeart(Kind kind) {
        var config = Small.config().with(Small.model().with(kind));
        try (var data = data(config, 2)) {
            var words = data.words();
            var weights = Seed.of(3);
            var frames = data.frames(Small.frames(2, 4));
            try (var trainee = new RtTwoTrainee(config.model(), words, weights)) {
                var optimizer =
                        AdamW.grouped(
                                ParameterGroup.decayMatrices(trainee.namedParameters()),
                                AdamW.Settings.of(4e-3).withBetas(.9, .95));
                var batch = kind == Kind.VLM ? data.batch(mixed(data)) : frames;
                double error = 1;
                for (int step = 0; step < 150; step++) {
                    try (var _ = TensorScope.open()) {
                        error = trainee.learn(batch, 0, 0).get("loss");
                        optimizer.step();
                        optimizer.clearGradients();
                    }
                }
                assertThat(error).isLessThan(.2);
                if (trainee.model instanceof RtTwo model) answersAll(data, model);
            }
        }
    }

    private static List<dev.orrery.data.Mixture.Pick> mixed(RtTwoData data) {
        return data.mixture(5).next(12);
    }

    private static void answersAll(RtTwoData data, RtTwo model) {
        try (var _ = Grad.disabled()) {
            var batch = data.batch(mixed(data));
            var lesson = batch.lesson();
            var lost = model.loss(batch, 0);
            assertThat(lost.right().item()).isGreaterThan(.9);
            assertThat(lost.outside().item()).isLessThan(.1);
            assertThat(lost.error().item()).isLessThan(.05);
            var truth = lesson.answer().toLongs();
            var said = lost.logits().argmax(-1, false).toLongs();
            int wrong = 0, counted = 0;
            for (int i = 0; i < truth.length; i++) {
                if (truth[i] == Words.PAD) continue;
                counted++;
                wrong += truth[i] == said[i] ? 0 : 1;
            }
            assertThat(wrong).isLessThan(counted / 10);
            // greedy answers of the robot's rows are the ones that were taught
            var answers = model.answer(lesson.prompt(), Pick.LIKELIEST);
            var slots = batch.slots().toLongs();
            var integers = batch.integers().toLongs();
            int width = slots.length / answers.size(), same = 0, robots = 0;
            for (int b = 0; b < answers.size(); b++) {
                if (slots[b * width] != 1) continue;
                robots++;
                var taught = new int[5];
                for (int i = 0; i < 5; i++) taught[i] = (int) integers[b * width + i];
                same += Arrays.equals(answers.get(b).said().integers(), taught) ? 1 : 0;
            }
            assertThat(same).isGreaterThan(robots / 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void integersNearTheRightOneCountWhereTheLossSaysSo(Kind kind) {
        var config = Small.config();
        config = config.with(config.model().with(kind));
        try (var data = data(config, 1);
                var _ = Grad.disabled()) {
            try (var model = RtTwoTrainee.model(config.model(), data.words(), Seed.of(1))) {
                var frames = data.frames(Small.frames(1, 4));
                double exact = model.loss(frames, 0).all().item();
                assertThat(model.loss(frames, .01).all().item()).isCloseTo(exact, within(1e-5));
                assertThat(model.loss(frames, 3).all().item())
                        .isNotCloseTo(exact, within(1e-5))
                        .isCloseTo(exact, within(1.0));
            }
        }
    }

    @Test
    void aConvolutionRefusesQuestionsAndPlans() {
        var config = Small.config();
        try (var data = data(config, 1)) {
            var film = Small.model().with(Kind.FILM_CONV);
            try (var model = new FilmConv(film, data.words(), Seed.of(1))) {
                assertThatThrownBy(() -> model.loss(data.batch(mixed(data)), 0))
                        .hasMessageContaining("questions, which a convolution cannot answer");
            }
            assertThatThrownBy(() ->
                            new FilmConv(film.with(new Text(512, 24, 4)), data.words(), Seed.of(1)))
                    .hasMessageContaining("plan");
            assertThatThrownBy(() -> new RtTwo(film, data.words(), Seed.of(1)))
                    .hasMessageContaining("FILM_CONV");
        }
    }

    @Test
    void promptsThatAreTooLongAndBoundsOfAnotherRobotAreRefused() {
        var config = Small.config();
        assertThatThrownBy(() -> data(config.with(Small.model().with(new Text(512, 9, 0))), 1))
                .hasMessageContaining("the model reads 8")
                .hasMessageContaining("model.text.prompt=");
        assertThatThrownBy(() ->
                        data(
                                config.with(
                                        Small.model().with(Actions.of(7, 1, Tokens.INTEGER_WORDS))),
                                1))
                .hasMessageContaining("4 values")
                .hasMessageContaining("7 dimensions");
    }

    @Test
    void theBatchedQuestionsOfTheProbeAreAlwaysTheSame() {
        var config = Small.config();
        try (var data = data(config, 1);
                var model = new RtTwo(config.model(), data.words(), Seed.of(2))) {
            QuestionBatches questions = RtTwoData.questions(config, data.words());
            var probe = new QuestionProbe(questions, 99);
            var report = probe.report(model, 70);
            assertThat(probe.report(model, 70)).isEqualTo(report);
            assertThat(report.get("question_accuracy")).isBetween(0.0, .3);
            assertThat(report.metrics()).containsKey("question_accuracy/point");
        }
    }

    @Test
    void presetsSayWhatTheyCompare() {
        var laptop = RtTwoConfig.laptop();
        var tuned = laptop.fineTuned();
        assertThat(tuned.training().steps()).isEqualTo(9000);
        assertThat(tuned.training().robotSamples())
                .isCloseTo(laptop.training().robotSamples(), within(1e-6));
        var paper = RtTwoConfig.paper();
        assertThat(paper.model().actions().integers()).isEqualTo(8);
        assertThat(laptop.planned().model().text().plan()).isGreaterThan(9);
        assertThat(RtTwoWords.prompt("press the button"))
                .isEqualTo("what action should the robot take to press the button");
    }
}
