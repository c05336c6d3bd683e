package dev.orrery.lm.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig.Biases;
import dev.orrery.nn.Rotary;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Texts of a known form: each token from a list of its own, or all answered in one pass.
class SlotsTest {

    private static final int VOCABULARY = 30;

    private final TensorScope scope = TensorScope.open();
    private CausalLm lm = new CausalLm(config(), Seed.of(1));

    private static DecoderConfig config() {
        return new DecoderConfig(
                VOCABULARY,
                32,
                48,
                new DecoderConfig.Heads(4, 4, 8, Biases.NONE, false, Math.pow(8, -.5), 0),
                new DecoderConfig.Style(1e-6, false, Activation.SILU, false, false, false, 0),
                DecoderConfig.Positions.everywhere(Rotary.halves(8, 1e4), 2, 64),
                false);
    }

    @BeforeEach
    void stir() {
        try (var _ = Grad.disabled()) {
            lm.namedParameters()
                    .forEach((name, p) -> p.add_(Seed.of(4).split(name).normal(p.shape()), .3));
        }
    }

    @AfterEach
    void close() {
        lm.close();
        scope.close();
    }

    private Tensor prompt() {
        return lm.model().embed(Seed.of(5).integers(VOCABULARY, 3, 6));
    }

    @Test
    void onlyAllowedIdsAreWrittenAndWhatWasWishedElsewhereIsTold() {
        var mask = Tensor.ones(DType.I64, 3, 6);
        var slots = List.of(new long[] {7, 3}, new long[] {9}, new long[] {29, 0, 4});
        var found = Greedy.among(lm, prompt(), mask, 0, slots, Pick.LIKELIEST);
        var ids = found.ids().toLongs();
        var outside = found.outside(slots).toFloats();
        for (int b = 0; b < 3; b++) {
            for (int s = 0; s < 3; s++) {
                assertThat(slots.get(s)).contains(ids[3 * b + s]);
                var chances = found.logits().select(0, b).select(0, s).softmax(-1).toFloats();
                double inside =
                        LongStream.of(slots.get(s)).mapToDouble(i -> chances[(int) i]).sum();
                assertThat((double) outside[3 * b + s]).isCloseTo(1 - inside, within(1e-5));
                assertThat(chances[(int) ids[3 * b + s]])
                        .isEqualTo(
                                (float)
                                        LongStream.of(slots.get(s))
                                                .mapToDouble(i -> chances[(int) i])
                                                .max()
                                                .orElseThrow());
            }
        }
    }

    @Test
    void listsOfEverythingForbidNothing() {
        var mask = Tensor.ones(DType.I64, 3, 6);
        var all = LongStream.range(0, VOCABULARY).toArray();
        var slots = Collections.nCopies(4, all);
        var free = Greedy.of(lm, prompt(), mask, 0, 4);
        var bound = Greedy.among(lm, prompt(), mask, 0, slots, Pick.LIKELIEST);
        assertThat(bound.ids().toLongs()).isEqualTo(free.ids().toLongs());
        assertThat(bound.outside(slots).max().item()).isLessThan(1e-5);
    }

    @Test
    void slotsSeeEachOtherAndWhatComesBeforeDoesNotSeeThem() {
        try (var _ = Grad.disabled()) {
            var slots = Seed.of(6).normal(3, 4, 32);
            var others = Tensor.cat(List.of(slots.narrow(1, 0, 3), Seed.of(7).normal(3, 1, 32)), 1);
            var pass = DecoderPass.whole(10).slotted(4);
            var a = lm.model().forward(Tensor.cat(List.of(prompt(), slots), 1), pass);
            var b = lm.model().forward(Tensor.cat(List.of(prompt(), others), 1), pass);
            assertThat(difference(a, b, 0, 6)).isLessThan(1e-6);
            assertThat(difference(a, b, 6, 3)).isGreaterThan(1e-2);
            var causal = DecoderPass.whole(10);
            var c = lm.model().forward(Tensor.cat(List.of(prompt(), slots), 1), causal);
            var d = lm.model().forward(Tensor.cat(List.of(prompt(), others), 1), causal);
            assertThat(difference(c, d, 6, 3)).isLessThan(1e-6);
        }
    }

    private static double difference(Tensor a, Tensor b, long from, long length) {
        return a.narrow(1, from, length).sub(b.narrow(1, from, length)).abs().max().item();
    }
}
