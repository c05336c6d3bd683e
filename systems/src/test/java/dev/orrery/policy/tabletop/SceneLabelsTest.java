package dev.orrery.policy.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.tabletop.Direction;
import dev.orrery.env.tabletop.Projector;
import dev.orrery.env.tabletop.Question;
import dev.orrery.env.tabletop.QuestionCorpus;
import dev.orrery.env.tabletop.Scene;
import dev.orrery.env.tabletop.Task;
import dev.orrery.env.tabletop.Words;
import dev.orrery.tensor.TensorScope;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class SceneLabelsTest {

    private static final Scene SCENE =
            new Projector().scene(QuestionCorpus.sample(Question.Type.CAPTION, 5));

    @Test
    void aGoalBesideABlockIsAPlaceWhereThatBlockIsNot() {
        var first = SCENE.blocks().getFirst();
        var last = SCENE.blocks().getLast();
        for (var side : Direction.values()) {
            var task = new Task.Beside(first.kind(), side, last.kind());
            float[] plain = places(new SceneLabels.Sheet(1), task);
            float[] told = places(SceneLabels.Sheet.tellingSides(1), task);
            assertThat(plain).containsExactly(first.x(), first.y(), last.x(), last.y());
            assertThat(told[0]).isEqualTo(first.x());
            assertThat(told[2] - last.x())
                    .isCloseTo(.14f * (float) Math.cos(side.angle()), within(1e-5f));
            assertThat(told[3] - last.y())
                    .isCloseTo(.14f * (float) Math.sin(side.angle()), within(1e-5f));
        }
    }

    @Test
    void aPushInADirectionHasAGoalOnlyWhereSidesAreTold() {
        var block = SCENE.blocks().getFirst();
        var task = new Task.PushDir(block.kind(), Direction.LEFT);
        assertThat(places(new SceneLabels.Sheet(1), task))
                .containsExactly(block.x(), block.y(), 0, 0);
        assertThat(places(SceneLabels.Sheet.tellingSides(1), task)[2])
                .isCloseTo(block.x() - .14f, within(1e-5f));
    }

    @Test
    void halfOfTheQuestionsAreAboutSidesAndAllSidesAreAsked() {
        var asked = new HashSet<String>();
        int sides = 0, count = 400;
        for (int i = 0; i < count; i++) {
            try (var _ = TensorScope.open()) {
                var sheet = SceneLabels.Sheet.tellingSides(1);
                var text = sheet.point(0, SCENE, (i + .5f) / count);
                boolean plain = text.startsWith("point to");
                float[] known = sheet.labels().known().toFloats();
                // a side is a goal, a thing something to act on
                assertThat(known)
                        .containsExactly(
                                plain ? 1 : 0, plain ? 1 : 0, !plain ? 1 : 0, !plain ? 1 : 0);
                assertThat(Words.unknown(text)).isEmpty();
                if (!plain) asked.add(text.substring(0, text.indexOf(" the ")));
                sides += plain ? 0 : 1;
            }
        }
        // fewer than half, as no place outside the table is asked for
        assertThat(sides).isBetween(count / 3, count / 2);
        assertThat(asked)
                .containsExactlyInAnyOrder(
                        "point left of", "point right of", "point above", "point below");
    }

    private static float[] places(SceneLabels.Sheet sheet, Task task) {
        try (var _ = TensorScope.open()) {
            sheet.instruct(0, SCENE, task, "");
            return sheet.labels().places().toFloats();
        }
    }
}
