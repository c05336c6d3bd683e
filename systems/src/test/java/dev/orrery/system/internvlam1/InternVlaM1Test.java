package dev.orrery.system.internvlam1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Question;
import dev.orrery.env.tabletop.Question.Target;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Words;
import dev.orrery.lm.Trace;
import dev.orrery.nn.Dropout;
import dev.orrery.nn.Module;
import dev.orrery.optim.AdamW;
import dev.orrery.policy.ActionChunks;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.policy.tabletop.SceneLabels;
import dev.orrery.system.internvlam1.InternVlaM1Config.Prompt;
import dev.orrery.system.internvlam1.InternVlaM1Config.Queries;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InternVlaM1Test {

    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    private static final InternVlaM1Config.Model SMALL = InternVlaM1RecipeTest.model();

    private static InternVlaM1Config config(InternVlaM1Config.Model model) {
        return InternVlaM1Config.smoke().with(model);
    }

    private static InternVlaM1Data data(InternVlaM1Config.Model model, int episodes) {
        var shown =
                Demonstrations.collect(
                        List.of(Family.REACH, Family.PICK), episodes, 5, Demonstrations.NOISE);
        return InternVlaM1Data.of(config(model), new FrameSource.Recorded(shown));
    }

    @Test
    void itLearnsTheAnswersAndActionsThatItIsShown() {
        try (var data = data(SMALL, 1);
                var trainee = new InternVlaM1Trainee(SMALL, Seed.of(1))) {
            var optimizer =
                    new AdamW(
                            trainee.namedParameters(), AdamW.Settings.of(4e-3).withBetas(.9, .95));
            var asked = data.reminders(8, Seed.of(2));
            var places =
                    IntStream.range(0, 8)
                            .mapToObj(i -> new ActionChunks.Place(i / 4, 2 * (i % 4)))
                            .toList();
            var batch = data.batch(places);
            double words = 0, actions = 0, first = 0;
            for (int step = 0; step < 90; step++) {
                try (var _ = TensorScope.open()) {
                    var said = trainee.ask(asked.lesson(), true, true, Seed.of(step));
                    var done = trainee.act(batch, 4, .3, Seed.of(step));
                    said.loss().add(done.loss()).backward();
                    optimizer.step();
                    optimizer.clearGradients();
                    words = said.report().get("asked");
                    actions = .9 * actions + .1 * done.report().get("loss");
                    if (step == 0) first = words;
                }
            }
            assertThat(first).as("at first it says anything").isGreaterThan(4);
            assertThat(words).as("then what it was told").isLessThan(2);
            assertThat(actions).as("noise that it finds").isLessThan(.8);
        }
    }

    @Test
    void framesThatAreActedOnAreAskedWhatTheyShowOnlyIfWanted() {
        try (var data = data(SMALL, 1);
                var trainee = new InternVlaM1Trainee(SMALL, Seed.of(1));
                var _ = TensorScope.open()) {
            var batch = data.batch(4, Seed.of(2));
            var silent = trainee.act(batch, 1, 0, Seed.of(3));
            assertThat(silent.report().metrics()).containsOnlyKeys("loss");
            var asked = trainee.act(batch, 1, .3, Seed.of(3));
            assertThat(asked.report().metrics())
                    .containsKeys("named", "mentioned", "gaze", "where", "way_points")
                    .containsEntry("loss", silent.report().get("loss"));
            assertThat(asked.loss().item()).isGreaterThan(silent.loss().item());
            var more = trainee.act(batch, 1, .6, Seed.of(3)).loss().item();
            double loss = silent.loss().item();
            assertThat((more - loss) / (asked.loss().item() - loss))
                    .as("twice the weight")
                    .isCloseTo(2, within(1e-3));
        }
    }

    @Test
    void onlyTheGradientIntoTheVisionLanguageModelIsScaled() {
        double whole = gradient(1, false), half = gradient(.5, false);
        assertThat(half / whole).isCloseTo(.5, within(1e-4));
        assertThat(gradient(0, false)).isZero();
        assertThat(gradient(.5, true)).as("the released manner leaves it whole").isPositive();
        double places = placesGradient(.5), wholePlaces = placesGradient(1);
        assertThat(places / wholePlaces).isCloseTo(1, within(1e-5));
    }

    private static InternVlaM1Config.Model scaled(double scale, boolean compat) {
        var q = SMALL.queries();
        return SMALL.with(new Queries(q.count(), q.width(), q.heads(), scale, compat, 0));
    }

    private double gradient(double scale, boolean compat) {
        return norm(scaled(scale, compat), true);
    }

    private double placesGradient(double scale) {
        return norm(scaled(scale, false), false);
    }

    /// The length of the action loss's gradient in one of the two towers.
    private static double norm(InternVlaM1Config.Model model, boolean vlm) {
        try (var _ = TensorScope.open();
                var data = data(model, 1);
                var trainee = new InternVlaM1Trainee(model, Seed.of(1))) {
            // the last layer starts at zero, and lets nothing through
            try (var _ = Grad.disabled()) {
                var last = trainee.model.expert().stateDict().get("final_layer.linear.weight");
                last.add_(Seed.of(3).normal(last.shape()));
            }
            trainee.act(data.batch(2, Seed.of(4)), 1, 0, Seed.of(5)).loss().backward();
            Module part = vlm ? trainee.model.vlm() : trainee.model.places().orElseThrow();
            return Math.sqrt(
                    part.parameters().stream()
                            .filter(Tensor::hasGrad)
                            .mapToDouble(p -> p.grad().square().sum().item())
                            .sum());
        }
    }

    @Test
    void boxesThatAreWrittenFirstReachTheActionExpert() {
        var model = SMALL.with(new Prompt(true, true));
        try (var data = data(model, 1);
                var m1 = new InternVlaM1(model, Seed.of(1));
                var _ = Grad.disabled()) {
            var batch = data.batch(2, Seed.of(2));
            var boxes = InternVlaM1.boxes(batch.labels());
            assertThat(boxes.shape()).containsExactly(2, 4);
            var told =
                    m1.condition(
                            batch.prompt(), Optional.of(boxes), Dropout.NONE, Trace.ofStates());
            assertThat(told.boxes().shape()).containsExactly(2, 4, 256);
            var other = boxes.add(1L);
            var moved =
                    m1.condition(
                            batch.prompt(), Optional.of(other), Dropout.NONE, Trace.ofStates());
            assertThat(told.z().sub(moved.z()).abs().max().item()).isPositive();
            var written = m1.box(batch.prompt()).toLongs();
            assertThat(written).hasSize(8);
            for (long id : written) {
                assertThat(id).isBetween((long) Words.location(0), (long) Words.location(63));
            }
            assertThat(m1.decide(batch.prompt()).shape()).containsExactly(2, 4, 32);
        }
    }

    @Test
    void trueBoxesLieAroundTheThingToActOn() {
        var labels =
                new SceneLabels(
                        Tensor.zeros(1),
                        Tensor.zeros(1),
                        Tensor.zeros(1),
                        Tensor.zeros(1),
                        Tensor.zeros(1),
                        Tensor.of(new float[] {.5f, .25f, 0, 0}, 1, 4),
                        Tensor.ones(1, 4));
        var box = InternVlaM1.boxes(labels).toLongs();
        assertThat(box)
                .containsExactly(
                        Words.location(29),
                        Words.location(13),
                        Words.location(34),
                        Words.location(18));
    }

    @Test
    void pointsInsideAndBoxesThatCoverHalfCount() {
        var point = new Target.Point(.5f, .5f);
        assertThat(GroundingExam.right(point, new float[] {.53f, .53f})).isTrue();
        assertThat(GroundingExam.right(point, new float[] {.5f, .56f})).isFalse();
        var box = new Target.Box(.4f, .4f, .5f, .5f);
        assertThat(GroundingExam.right(box, new float[] {.4f, .4f, .5f, .5f})).isTrue();
        assertThat(GroundingExam.right(box, new float[] {.42f, .42f, .5f, .5f})).isTrue();
        assertThat(GroundingExam.right(box, new float[] {.44f, .4f, .54f, .5f})).isFalse();
        assertThat(GroundingExam.right(box, new float[] {.5f, .5f, .4f, .4f}))
                .as("reversed")
                .isFalse();
        assertThatThrownBy(() -> GroundingExam.right(new Target.Words(), new float[0]))
                .hasMessage("only points and boxes are marked here");
    }

    @Test
    void everyInstructionOfEverySplitFitsIntoThePrompt() {
        var model = InternVlaM1Config.Model.tabletop();
        for (var split : Split.values()) {
            for (var start : split.starts()) {
                var text = SpatialPrompt.TABLETOP.text(start.phrase());
                var ids = model.lexicon().ids(text);
                assertThat(ids.length + 1)
                        .as(start.phrase())
                        .isLessThanOrEqualTo(model.io().textTokens());
                assertThat(ids).as(text).doesNotContain((long) Words.UNKNOWN);
            }
        }
    }

    @Test
    void theLaptopsNetworkIsSmallAndItsSecondTowerOptional() {
        var model = InternVlaM1Config.Model.tabletop();
        long all = Module.outline(() -> new InternVlaM1(model, Seed.of(1))).parameterCount();
        var alone = model.with(new InternVlaM1Config.Places(false, 64, 2));
        long less = Module.outline(() -> new InternVlaM1(alone, Seed.of(1))).parameterCount();
        assertThat(all).isBetween(1_500_000L, 3_000_000L);
        assertThat(less).isLessThan(all - 50_000);
    }

    @Test
    void stageOneAsksForPlacesAndTheVanillaArmForCaptions() {
        var laptop = InternVlaM1Config.laptop();
        assertThat(laptop.spatial().lessons().types())
                .containsExactly(
                        Question.Type.POINT,
                        Question.Type.BOX,
                        Question.Type.RELATION,
                        Question.Type.PATH);
        var vanilla = InternVlaM1Claim.vary(laptop, "vanilla");
        assertThat(vanilla.spatial().lessons().types()).containsExactly(Question.Type.CAPTION);
        assertThat(vanilla.spatial().labelled()).isFalse();
        assertThat(vanilla.spatial().steps()).isEqualTo(laptop.spatial().steps());
        assertThat(vanilla.spatial().batch()).isEqualTo(laptop.spatial().batch());
        assertThat(vanilla.acting().coTraining().present()).isFalse();
        assertThat(vanilla.model().prompt().spatial()).isFalse();
        assertThat(InternVlaM1Claim.vary(laptop, "full")).isEqualTo(laptop);
        for (var arm : List.of("spatial pretraining", "co-training", "boxes first", "flow")) {
            var varied = InternVlaM1Claim.vary(laptop, arm);
            assertThat(varied).isNotEqualTo(laptop);
            assertThat(varied.acting().steps()).isEqualTo(laptop.acting().steps());
            assertThat(varied.demonstrations()).isEqualTo(laptop.demonstrations());
        }
        assertThatThrownBy(() -> InternVlaM1Claim.vary(laptop, "other"))
                .hasMessage("internvla-m1 has no arm 'other'");
    }
}
