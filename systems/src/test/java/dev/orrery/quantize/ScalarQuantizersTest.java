package dev.orrery.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.quantize.FiniteScalarQuantizer.Grid;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The quantisers that have no codebook to learn.
class ScalarQuantizersTest {

    private static FiniteScalarQuantizer finite(Grid grid, boolean clamped, Integer... levels) {
        return new FiniteScalarQuantizer(
                new FiniteScalarQuantizer.Config(List.of(levels), grid, clamped));
    }

    @ParameterizedTest
    @CsvSource({"OFFSET, false", "OFFSET, true", "SYMMETRIC, false", "SYMMETRIC, true"})
    void idsGiveTheEmbeddingBackAndEveryCodeIsReached(Grid grid, boolean clamped) {
        var quantizer = finite(grid, clamped, 4, 3, 5);
        var quantized = quantizer.forward(Seed.of(1).normal(4000, 3).mul(2.0));
        assertThat(quantizer.lookup(quantized.ids()).allclose(quantized.embedding(), 0, 1e-6))
                .isTrue();
        assertThat(LongStream.of(quantized.ids().toLongs()).distinct().count()).isEqualTo(60);
        assertThat(quantizer.codes().shape()).containsExactly(60, 3);
        assertThat(quantizer.codes().abs().max().item()).isEqualTo(1, within(1e-6));
    }

    @Test
    void hugeInputsStayInsideTheCodebook() {
        var quantizer = finite(Grid.OFFSET, false, 1000, 999);
        var ids = quantizer.forward(Tensor.of(new float[] {99, 99, -99, -99}, 2, 2)).ids();
        assertThat(ids.toLongs()).containsExactly(998_999, 0);
    }

    @Test
    void theFirstChannelIsTheFastestDigit() {
        var quantizer = finite(Grid.SYMMETRIC, true, 2, 3);
        var corners = Tensor.of(new float[] {-1, -1, 1, -1, -1, 1, 1, 1}, 4, 2);
        assertThat(quantizer.forward(corners).ids().toLongs()).containsExactly(0, 1, 4, 5);
    }

    @Test
    void levelsThatCannotBeAreNamed() {
        assertThatThrownBy(() -> finite(Grid.OFFSET, false, 2, 5))
                .hasMessageContaining("3 to 1000");
        assertThatThrownBy(() -> finite(Grid.SYMMETRIC, false, 1))
                .hasMessageContaining("2 to 1000");
        assertThatThrownBy(() -> finite(Grid.OFFSET, false, 5, 5).forward(Tensor.zeros(1, 3)))
                .hasMessageContaining("(..., 2), got F32[1, 3]");
    }

    @Test
    void signsAreTheBitsOfTheId() {
        var quantizer = new LookupFreeQuantizer(LookupFreeQuantizer.Config.of(3));
        var x = Tensor.of(new float[] {0.5f, -2, 0.1f, -1, 0, 3}, 2, 3);
        var signs = quantizer.forward(x);
        assertThat(signs.ids().toLongs()).containsExactly(5, 1);
        assertThat(signs.embedding().toFloats())
                .containsExactly(new float[] {1, -1, 1, -1, -1, 1}, within(1e-6f));
        assertThat(quantizer.lookup(signs.ids()).allclose(signs.embedding(), 0, 1e-6)).isTrue();
    }

    @Test
    void diverseCodesHaveALowerLossThanOneCodeForAll() {
        var quantizer = new LookupFreeQuantizer(LookupFreeQuantizer.Config.of(2));
        var all = quantizer.forward(Tensor.of(new float[] {1, 1, 1, -1, -1, 1, -1, -1}, 4, 2));
        var one = quantizer.forward(Tensor.ones(4, 2));
        assertThat(all.batchEntropy().item()).isEqualTo(Math.log(4), within(1e-3));
        assertThat(one.batchEntropy().item()).isEqualTo(0, within(1e-3));
        assertThat(all.loss().item()).isLessThan(one.loss().item());
    }

    @Test
    void sphericalCodesLieOnTheSphere() {
        var quantizer =
                new LookupFreeQuantizer(
                        new LookupFreeQuantizer.Config(
                                4, 1, 1, true, LookupFreeQuantizer.Objective.usual()));
        var signs = quantizer.forward(Seed.of(1).normal(7, 4));
        assertThat(signs.embedding().square().sum(-1, false).allclose(Tensor.ones(7), 0, 1e-5))
                .isTrue();
    }

    @Test
    void paddingIsOutOfTheLoss() {
        var quantizer = new LookupFreeQuantizer(LookupFreeQuantizer.Config.of(3));
        var x = Seed.of(1).normal(1, 5, 3);
        var mask = Tensor.of(new boolean[] {true, true, true, false, false}, 1, 5);
        var loss = quantizer.forward(x, mask).loss().item();
        assertThat(loss)
                .isEqualTo(quantizer.forward(x.narrow(1, 0, 3)).loss().item(), within(1e-6));
        assertThat(loss).isNotCloseTo(quantizer.forward(x).loss().item(), within(1e-6));
    }
}
