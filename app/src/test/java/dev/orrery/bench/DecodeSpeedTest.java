package dev.orrery.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.bench.DecodeSpeed.Weights;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecodeSpeedTest {

    @ParameterizedTest
    @EnumSource(Weights.class)
    void bytesAreCountedAndFiguresFollowFromThem(Weights weights) {
        var shape = DecodeSpeed.shape(96, 64, 128, 4, 2, 16, 2);
        var result = DecodeSpeed.measure(shape, weights, 1e9, 2);
        // embedding, then attention and feed-forward of two layers; each row has a scale in int8,
        // of two bytes or four as what multiplies it wants
        long products = 96 * 64 + 2 * (64 * 64 + 2 * 32 * 64 + 64 * 64 + 3 * 64 * 128);
        long norms = 5 * 64, rows = 96 + 2 * (64 + 32 + 32 + 64 + 128 + 128 + 64);
        assertThat(result.bytes())
                .isIn(
                        switch (weights) {
                            case F32 -> List.of(4 * (products + norms));
                            case BF16 -> List.of(2 * (products + norms));
                            case INT8 -> List.of(products + 2 * rows, products + 4 * rows);
                        });
        assertThat(result.predicted()).isEqualTo(1e9 / result.bytes());
        assertThat(result.gigabytes()).isEqualTo(result.tokens() * result.bytes() / 1e9);
        assertThat(result.tokens()).isPositive();
        assertThat(result.batch()).isPositive();
    }

    @org.junit.jupiter.api.Test
    void theBillionIsOne() {
        var shape = DecodeSpeed.billion();
        try (var lm =
                dev.orrery.nn.Module.outline(() ->
                        new dev.orrery.lm.decoder.CausalLm(shape, dev.orrery.tensor.Seed.of(0)))) {
            assertThat(lm.parameterCount()).isEqualTo(1_235_814_400L);
        }
    }
}
