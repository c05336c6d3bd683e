package dev.orrery.policy.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.tabletop.Projector;
import dev.orrery.env.tabletop.Question;
import dev.orrery.env.tabletop.QuestionCorpus;
import dev.orrery.env.tabletop.Words;
import dev.orrery.optim.AdamW;
import dev.orrery.policy.tabletop.Grounding.Reference;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.Test;

class GroundingTest {

    private static final int WIDTH = 16, BATCH = 4;
    private static final Seed SEED = Seed.of(11);

    @Test
    void aPromptsLastTokenLearnsToPointToWhatIsMeant() {
        try (var _ = TensorScope.open()) {
            var grounding = new Grounding(WIDTH, Reference.POINTED, SEED);
            var labels = labels();
            var reading = reading(labels);
            var before = grounding.look(reading, labels);
            var optimizer = new AdamW(grounding.parameters(), 1e-2);
            for (int step = 0; step < 60; step++) {
                try (var _ = TensorScope.open()) {
                    grounding.look(reading, labels).loss().backward();
                    optimizer.step();
                    optimizer.clearGradients();
                }
            }
            var after = grounding.look(reading, labels);
            assertThat(after.loss().item()).isLessThan(before.loss().item());
            assertThat(after.mentioned().item()).isGreaterThan(0.9);
        }
    }

    @Test
    void picturesInWhichNothingIsMeantTeachNoPointing() {
        try (var _ = TensorScope.open()) {
            var labels = new SceneLabels.Sheet(BATCH).labels();
            var found = new Grounding(WIDTH, Reference.POINTED, SEED).look(reading(labels), labels);
            assertThat(found.loss().item()).isFinite();
            assertThat(found.mentioned().item()).isZero();
        }
    }

    @Test
    void namingCountsAsMuchAsIsSaid() {
        try (var _ = TensorScope.open()) {
            var labels = labels();
            var losses = new double[3];
            for (int i = 0; i < losses.length; i++) {
                var grounding = new Grounding(WIDTH, Reference.MARKED, 1 + i, SEED);
                losses[i] = grounding.look(reading(labels), labels).loss().item();
            }
            assertThat(losses[1] - losses[0]).isPositive();
            assertThat(losses[2] - losses[1]).isCloseTo(losses[1] - losses[0], within(1e-4));
        }
    }

    private static SceneLabels labels() {
        var sheet = new SceneLabels.Sheet(BATCH);
        for (int b = 0; b < BATCH; b++) {
            var question = QuestionCorpus.sample(Question.Type.CAPTION, SEED.split(b).key());
            sheet.point(b, new Projector().scene(question), (b + .5f) / BATCH);
        }
        return sheet.labels();
    }

    /// Random patches; the prompt's token is what lies in the first patch that is meant.
    private static Grounding.Reading reading(SceneLabels labels) {
        var patches = SEED.split("patches").normal(BATCH, SceneLabels.PATCHES, WIDTH);
        var meant = labels.mentions().eq(1L).to(DType.F32);
        var first = meant.argmax(1, false).view(BATCH, 1, 1).expand(BATCH, 1, WIDTH);
        var words = SEED.split("words").normal(Words.size(), WIDTH);
        return new Grounding.Reading(
                patches,
                patches,
                patches.gather(1, first).squeeze(1),
                ids -> words.indexSelect(0, ids.reshape(-1)).view(ids.size(0), ids.size(1), WIDTH));
    }
}
