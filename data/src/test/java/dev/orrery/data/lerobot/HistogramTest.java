package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;

class HistogramTest {

    private static Histogram of(double... values) {
        var out = new Histogram();
        for (double value : values) out.add(value);
        return out;
    }

    @Test
    void fewDistinctValuesGiveExactQuantiles() {
        var histogram = of(3, 1, -2, 1, Double.NaN, 0.1f, -0.0, 0.0);
        assertThat(histogram.count()).isEqualTo(7);
        assertThat(histogram.width()).isZero();
        assertThat(histogram.quantile(0.01)).isEqualTo(-2);
        assertThat(histogram.quantile(0.5)).isEqualTo(0.1f);
        assertThat(histogram.quantile(0.99)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 1e-7, 1e12})
    void partsInAnyOrderGiveTheQuantilesOfTheWhole(double scale) {
        long seed = 20_261_122;
        var random = new SplittableRandom(seed);
        var values = new double[60_000];
        for (int i = 0; i < values.length; i++)
            values[i] = scale * (random.nextGaussian() + (i % 7 == 0 ? 50 : 0));
        var whole = of(values);
        var parts = new Histogram();
        int[] ends = {0, 17, 40_000, 40_001, values.length};
        for (int p = ends.length - 2; p >= 0; p--)
            parts.merge(of(Arrays.copyOfRange(values, ends[p], ends[p + 1])));
        assertThat(parts.toJson()).isEqualTo(whole.toJson());
        assertThat(Histogram.parse(whole.toJson()).toJson()).isEqualTo(whole.toJson());
        Arrays.sort(values);
        double range = values[values.length - 1] - values[0];
        assertThat(whole.width()).isPositive().isLessThan(range / 1000);
        for (double share : EpisodeStats.QUANTILES.values()) {
            assertThat(whole.quantile(share))
                    .as("seed %d, share %s", seed, share)
                    .isCloseTo(EpisodeStats.quantile(values, share), within(whole.width()));
        }
    }

    @Test
    void oneOutlierCostsOneBin() {
        var random = new SplittableRandom(1);
        var histogram = new Histogram();
        for (int i = 0; i < 20_000; i++) histogram.add(random.nextDouble());
        double width = histogram.width();
        histogram.add(1e6);
        assertThat(histogram.width()).isLessThanOrEqualTo(2 * width);
        assertThat(histogram.quantile(0.5)).isCloseTo(0.5, within(0.02));
    }

    @Test
    void whatIsNoHistogramIsRefused() {
        var json = of(1, 2).toJson();
        json.put("width", 0.3);
        assertThatThrownBy(() -> Histogram.parse(json))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Histogram.parse(JsonNodeFactory.instance.objectNode()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
