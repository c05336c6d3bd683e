package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FigureTest {

    @Test
    void budgetsBoundFromTheSideThatIsWorse() {
        assertThat(Figure.atLeast("a", "frames/s", 10, 10).met()).isTrue();
        assertThat(Figure.atLeast("a", "frames/s", 9, 10).met()).isFalse();
        assertThat(Figure.atMost("a", "s", 2.1, 2).met()).isFalse();
        assertThat(Figure.atMost("a", "s", Double.NaN, 2).met()).isFalse();
    }
}
