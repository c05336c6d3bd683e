package dev.orrery.policy.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.tabletop.Projector;
import dev.orrery.env.tabletop.Question;
import dev.orrery.env.tabletop.QuestionCorpus;
import dev.orrery.env.tabletop.Scene;
import dev.orrery.optim.AdamW;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.Test;

class GazeTest {

    private static final int BATCH = 4, WIDTH = 16, ABOVE = 64;
    private static final Seed SEED = Seed.of(11);

    @Test
    void whoLooksWhereItShouldLosesNothing() {
        try (var _ = TensorScope.open()) {
            var labels = labels();
            var right = Gaze.of(looking(labels, 0), labels);
            var wrong = Gaze.of(looking(labels, 1), labels);
            assertThat(right.hit().item()).isCloseTo(1, within(1e-5));
            assertThat(right.loss().item()).isCloseTo(0, within(1e-5));
            assertThat(wrong.hit().item()).isLessThan(.5);
            assertThat(wrong.loss().item()).isGreaterThan(1);
        }
    }

    @Test
    void aLayerOfFewerHeadsLooksWithThoseItHas() {
        try (var _ = TensorScope.open()) {
            var labels = labels();
            var two = Gaze.of(looking(labels, 0).narrow(1, 0, 2), labels);
            assertThat(two.hit().item()).isCloseTo(1, within(1e-5));
            var near = Gaze.near(Tensor.full(.5, BATCH, 1, 3, SceneLabels.PATCHES));
            assertThat(near.item()).isCloseTo(Math.log(2), within(1e-5));
        }
    }

    @Test
    void everyPatchKnowsWhereOnTheTableItsThingLies() {
        try (var _ = TensorScope.open()) {
            var sheet = new SceneLabels.Sheet(1);
            var scene = scene(0);
            sheet.point(0, scene, 0);
            var labels = sheet.labels();
            var where = labels.where().toFloats();
            var names = labels.names().toLongs();
            int button = SceneLabels.NAMES.indexOf("button");
            for (int i = 0; i < SceneLabels.PATCHES; i++) {
                if (names[i] != 1 + button) continue;
                float x = scene.button().x(), y = scene.button().y();
                float fromX = i < ABOVE ? .5f : scene.gripper().x();
                float fromY = i < ABOVE ? .5f : scene.gripper().y();
                assertThat(where[2 * i]).isCloseTo((x - fromX) / .2f, within(1e-4f));
                assertThat(where[2 * i + 1]).isCloseTo((y - fromY) / .2f, within(1e-4f));
            }
            assertThat(names).contains(1L + button);
            assertThat(labels.hands().sum().item()).isEqualTo(1);
        }
    }

    @Test
    void placesAreLearnedFromTokensThatKnowThem() {
        try (var _ = TensorScope.open()) {
            var labels = labels();
            var patches = SEED.split("patches").normal(BATCH, SceneLabels.PATCHES, WIDTH);
            var tokens = SEED.split("token").normal(BATCH, 2, WIDTH);
            var places = new Places(WIDTH, SEED);
            var before = places.forward(patches, tokens, labels).distances();
            var optimizer = new AdamW(places.parameters(), 1e-2);
            for (int step = 0; step < 200; step++) {
                try (var _ = TensorScope.open()) {
                    places.forward(patches, tokens, labels).loss().backward();
                    optimizer.step();
                    optimizer.clearGradients();
                }
            }
            var after = places.forward(patches, tokens, labels).distances();
            before.forEach((name, loss) -> assertThat(after.get(name)).as(name).isLessThan(loss));
            assertThat(after.get("way_points")).isLessThan(.2 * before.get("way_points"));
        }
    }

    private static Scene scene(int b) {
        var question = QuestionCorpus.sample(Question.Type.CAPTION, SEED.split(b).key());
        return new Projector().scene(question);
    }

    private static SceneLabels labels() {
        var sheet = new SceneLabels.Sheet(BATCH);
        for (int b = 0; b < BATCH; b++) sheet.point(b, scene(b), (b + .5f) / BATCH);
        return sheet.labels();
    }

    /// Heads that share their gaze among what they should see, or what the head after them should.
    private static Tensor looking(SceneLabels labels, int shift) {
        long[] mentions = labels.mentions().toLongs(), hands = labels.hands().toLongs();
        int patches = SceneLabels.PATCHES;
        var gaze = new float[BATCH * Gaze.HEADS * patches];
        for (int b = 0; b < BATCH; b++) {
            for (int head = 0; head < Gaze.HEADS; head++) {
                int at = (b * Gaze.HEADS + (head + shift) % Gaze.HEADS) * patches;
                int count = 0;
                for (int i = 0; i < patches; i++) {
                    int from = b * patches + i;
                    boolean meant =
                            switch (head) {
                                case 0 -> i < ABOVE && mentions[from] == 1;
                                case 1 -> i < ABOVE && mentions[from] == 2;
                                case 2 -> hands[from] == 1;
                                default -> i >= ABOVE && mentions[from] == 1;
                            };
                    gaze[at + i] = meant ? 1 : 0;
                    if (meant) count++;
                }
                for (int i = 0; i < patches && count > 1; i++) gaze[at + i] /= count;
            }
        }
        return Tensor.of(gaze, BATCH, Gaze.HEADS, 1, patches);
    }
}
