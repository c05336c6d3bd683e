package dev.orrery.policy.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Demonstration;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.policy.tabletop.DemonstrationChecks.Answer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class DemonstrationChecksTest {

    private static final List<Demonstration> SHOWN =
            Demonstrations.collect(List.of(Family.REACH, Family.PICK), 2, 3, Demonstrations.NOISE);

    /// Answers with what was shown, changed.
    private static Function<List<Observation>, List<Answer>> like(Function<float[], float[]> made) {
        var rest = new ArrayDeque<float[]>();
        for (var demonstration : SHOWN) {
            for (int t = 0; t < demonstration.length(); t += 5) {
                var action = new float[4];
                demonstration.action(t, action, 0);
                for (int d = 0; d < 4; d++) action[d] = Math.clamp(action[d], -1, 1);
                rest.add(action);
            }
        }
        return observations ->
                observations.stream()
                        .map(_ -> new Answer(made.apply(rest.removeFirst()), .25))
                        .toList();
    }

    @Test
    void whoDoesWhatWasShownIsNotOff() {
        var found = DemonstrationChecks.frames(SHOWN, like(action -> action));
        assertThat(found.error()).isCloseTo(0, within(1e-6));
        assertThat(found.still()).isZero();
        assertThat(found.outside()).isEqualTo(.25);
    }

    @Test
    void whoKeepsStillWhereOthersMoveIsFound() {
        var found =
                DemonstrationChecks.frames(SHOWN, like(a -> new float[] {.01f, 0, -.01f, a[3]}));
        assertThat(found.still()).isEqualTo(1);
        assertThat(found.error()).isGreaterThan(.2);
    }

    @Test
    void whoMovesElsewhereDoesNotKeepStill() {
        var found = DemonstrationChecks.frames(SHOWN, like(a -> new float[] {0, .2f, 0, a[3]}));
        assertThat(found.still()).isZero();
    }
}
