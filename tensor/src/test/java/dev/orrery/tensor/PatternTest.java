package dev.orrery.tensor;

import static dev.orrery.tensor.Axis.axis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternTest {

    private final Tensor x = Tensor.arange(120).reshape(2, 3, 4, 5);

    @Test
    void axesMergeSplitAndMove() {
        assertThat(x.rearrange("b t s d -> (b t) s d").shape()).containsExactly(6, 4, 5);
        assertThat(x.rearrange("b t s d -> s d b t").equal(x.permute(2, 3, 0, 1))).isTrue();
        var merged = x.rearrange("b t s d -> (b s) (d t)");
        assertThat(merged.rearrange("(b s) (d t) -> b t s d", axis("s", 4), axis("t", 3)).equal(x))
                .isTrue();
    }

    @Test
    void onesComeAndGo() {
        assertThat(x.rearrange("b t s d -> b t 1 s d").shape()).containsExactly(2, 3, 1, 4, 5);
        var one = Tensor.ones(2, 1, 3);
        assertThat(one.rearrange("b 1 d -> b d").shape()).containsExactly(2, 3);
        assertThatIllegalArgumentException().isThrownBy(() -> x.rearrange("b 1 s d -> b s d"));
    }

    @Test
    void emptyAxesPass() {
        assertThat(Tensor.ones(0, 4).rearrange("b d -> (b d)").shape()).containsExactly(0);
    }

    @Test
    void gradientsFlowThrough() {
        var leaf = Tensor.ones(2, 6).requiresGrad_(true);
        leaf.rearrange("b (n d) -> n b d", axis("n", 3)).sum().backward();
        assertThat(leaf.grad().toFloats()).containsOnly(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    b t s d                 | needs one '->'
                    b t s -> b t s          | needs 3 axes
                    b t s d -> b t s        | same names on both sides
                    b t s d -> b t s d e    | same names on both sides
                    b b s d -> b s d        | names an axis twice
                    b (t s d -> b t s d     | leaves a parenthesis open
                    b t) s d -> b t s d     | never opened
                    b ((t) s) d e -> b t s d e | nests parentheses
                    b t s d! -> b t s d!    | not an axis name
                    b t s (e f) -> b t s e f | more than one unknown length
                    """)
    void mistakesQuoteThePattern(String pattern, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.rearrange(pattern))
                .withMessageContaining("\"" + pattern + "\"")
                .withMessageContaining(message);
    }

    @Test
    void lengthsThatDoNotDivideQuotePatternAndShape() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.rearrange("b t s (n d) -> b t s n d", axis("n", 2)))
                .withMessageContaining("b t s (n d)")
                .withMessageContaining("[2, 3, 4, 5]")
                .withMessageContaining("axis 3 has length 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.rearrange("b t s d -> b t s d", axis("t", 7)))
                .withMessageContaining("[2, 3, 4, 5]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.rearrange("b t s d -> b t s d", axis("q", 7)))
                .withMessageContaining("no axis 'q'");
    }
}
