package dev.orrery.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.data.Mixture.Pick;
import dev.orrery.data.Mixture.Source;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MixtureTest {

    private static Mixture of(double robot, long seed) {
        return Mixture.of(
                List.of(new Source("robot", robot, 500), Source.endless("questions", 1 - robot)),
                seed);
    }

    @Test
    void sourcesAreDrawnByTheirWeights() {
        var picks = of(.6, 3).next(20_000);
        assertThat(picks.stream().filter(p -> p.source() == 0).count() / 20_000.0)
                .isCloseTo(.6, within(.02));
    }

    @Test
    void theItemsOfASourceDoNotDependOnTheOthers() {
        var few = items(of(.3, 3).next(400), 0);
        var many = items(of(.9, 3).next(400), 0);
        assertThat(many.subList(0, few.size())).isEqualTo(few);
        assertThat(items(of(.5, 3).only(0, few.size()), 0)).isEqualTo(few);
        assertThat(items(of(.3, 4).next(400), 0)).doesNotContainSubsequence(few.subList(0, 3));
        assertThat(items(of(.3, 3).next(400), 1)).doesNotContainAnyElementsOf(few);
    }

    private static List<Long> items(List<Pick> picks, int source) {
        return picks.stream().filter(p -> p.source() == source).map(Pick::seed).toList();
    }

    @Test
    void aRestoredMixtureGoesOnAsIfItHadNotStopped() {
        var whole = of(.6, 3);
        var all = new ArrayList<Pick>();
        for (int i = 0; i < 20; i++) all.addAll(whole.next(7));
        var first = of(.6, 3);
        var pieces = new ArrayList<>(first.next(63));
        var second = of(.6, 3);
        second.restore(first.state());
        pieces.addAll(second.next(77));
        assertThat(pieces).isEqualTo(all);
        assertThat(second.state()).isEqualTo(whole.state());
        assertThat(second.drawn()[0] + second.drawn()[1]).isEqualTo(140);
        assertThatThrownBy(() -> second.restore(new long[2]))
                .hasMessageContaining("2 numbers")
                .hasMessageContaining("needs 3");
    }

    @Test
    void wrongMixturesAreRefusedByName() {
        for (double weight : new double[] {0, 1, -.5, 1.5, Double.NaN}) {
            assertThatThrownBy(() -> Source.endless("robot", weight))
                    .hasMessageContaining("'robot'")
                    .hasMessageContaining("between 0 and 1");
        }
        assertThatThrownBy(() -> new Source("questions", .4, 0))
                .hasMessageContaining("'questions'")
                .hasMessageContaining("empty");
        var half = Source.endless("a", .5);
        assertThatThrownBy(() -> Mixture.of(List.of(half, Source.endless("b", .4)), 1))
                .hasMessageContaining("sum to 0.9");
        assertThatThrownBy(() -> Mixture.of(List.of(half, half), 1))
                .hasMessageContaining("different names");
        assertThatThrownBy(() -> Mixture.of(List.of(half), 1)).hasMessageContaining("two or more");
    }
}
