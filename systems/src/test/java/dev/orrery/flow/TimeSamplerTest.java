package dev.orrery.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.Seed;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeSamplerTest {

    private static final int MANY = 200_000;

    @ParameterizedTest
    @CsvSource({"1.5,1", "1,3", "0.5,0.5", "0.2,0.9", "2,3", "5,1.5", "0.7,2.5", "3,0.4", "1,1"})
    void betaDrawsHaveTheMomentsOfBeta(double a, double b) {
        var random = new SplittableRandom(7);
        var beta = new BetaDraw(a, b);
        var draws = new double[MANY];
        for (int i = 0; i < MANY; i++) draws[i] = beta.next(random);
        double mean = a / (a + b), variance = a * b / ((a + b) * (a + b) * (a + b + 1));
        double third = mean * (a + 1) / (a + b + 1) * (a + 2) / (a + b + 2);
        assertThat(Arrays.stream(draws).boxed()).allMatch(x -> x >= 0 && x <= 1);
        assertThat(Arrays.stream(draws).average().orElseThrow()).isCloseTo(mean, within(0.004));
        assertThat(Arrays.stream(draws).map(x -> (x - mean) * (x - mean)).average().orElseThrow())
                .isCloseTo(variance, within(0.002));
        assertThat(Arrays.stream(draws).map(x -> x * x * x).average().orElseThrow())
                .isCloseTo(third, within(0.004));
    }

    @Test
    void piZeroTimesFavourNoiseAndStopShortOfTheData() {
        var times = TimeSampler.Beta.PI0.draw(MANY, Seed.of(1));
        assertThat(Arrays.stream(times).max().orElseThrow()).isLessThanOrEqualTo(0.999);
        assertThat(Arrays.stream(times).min().orElseThrow()).isGreaterThanOrEqualTo(0);
        // E[Beta(1.5, 1)] = 0.6 of noise.
        assertThat(mean(times)).isCloseTo(1 - (0.001 + 0.999 * 0.6), within(0.003));
    }

    @Test
    void stratifiedTimesFillEverySlice() {
        var times = new TimeSampler.Stratified().draw(64, Seed.of(3));
        var sorted = times.clone();
        Arrays.sort(sorted);
        for (int i = 0; i < 64; i++) {
            assertThat(sorted[i]).isBetween(i / 64d, (i + 1) / 64d);
        }
        assertThat(times).isNotEqualTo(sorted);
    }

    @Test
    void stratifiedTimesVaryLessThanUniformOnes() {
        double stratified = 0, uniform = 0;
        for (int k = 0; k < 200; k++) {
            stratified += square(mean(new TimeSampler.Stratified().draw(16, Seed.of(k))) - 0.5);
            uniform += square(mean(new TimeSampler.Uniform().draw(16, Seed.of(k))) - 0.5);
        }
        assertThat(stratified).isLessThan(uniform / 50);
    }

    @Test
    void logitNormalTimesHaveTheirMedianAtTheSigmoidOfTheMean() {
        var times = new TimeSampler.LogitNormal(1, 0.7).draw(MANY, Seed.of(2));
        Arrays.sort(times);
        assertThat(times[MANY / 2]).isCloseTo(1 / (1 + Math.exp(-1)), within(0.005));
    }

    @Test
    void cosMapTimesFollowTheirDensity() {
        var times = new TimeSampler.CosMap().draw(MANY, Seed.of(2));
        // P(t < x) = 2/π atan(x / (1 - x)); a quarter of the mass lies below tan(π/8) / (1 +
        // tan(π/8)).
        double edge = Math.tan(Math.PI / 8) / (1 + Math.tan(Math.PI / 8));
        assertThat(Arrays.stream(times).filter(t -> t < edge).count() / (double) MANY)
                .isCloseTo(0.25, within(0.005));
    }

    @Test
    void resolutionShiftMovesTimesTowardsNoise() {
        var plain = new TimeSampler.Uniform().draw(1000, Seed.of(4));
        var shifted = new TimeSampler.Shifted(new TimeSampler.Uniform(), 3).draw(1000, Seed.of(4));
        for (int i = 0; i < 1000; i++) {
            double noise = 1 - plain[i];
            assertThat(1 - shifted[i]).isCloseTo(3 * noise / (1 + 2 * noise), within(1e-12));
        }
    }

    @Test
    void equalSeedsGiveEqualTimes() {
        var sampler = TimeSampler.Beta.PI0;
        assertThat(sampler.draw(9, Seed.of(5))).isEqualTo(sampler.draw(9, Seed.of(5)));
        assertThat(sampler.draw(9, Seed.of(5))).isNotEqualTo(sampler.draw(9, Seed.of(6)));
    }

    @Test
    void settingsOfPublicPoliciesAreRead() {
        var settings =
                FlowSettings.parse(
                        """
                        {"type": "pi0", "num_inference_steps": 5, "time_sampling_beta_alpha": 2.0,
                         "time_sampling_scale": 0.99, "time_sampling_offset": 0.01,
                         "min_period": 0.01}
                        """);
        assertThat(settings.times()).isEqualTo(new TimeSampler.Beta(2, 1, 0.99, 0.01));
        assertThat(settings.grid()).isEqualTo(StepGrid.uniform(5));
        assertThat(settings.minPeriod()).isEqualTo(0.01);
        assertThat(settings.maxPeriod()).isEqualTo(4);
        assertThat(FlowSettings.parse("{}").times()).isEqualTo(TimeSampler.Beta.PI0);
        assertThatThrownBy(() -> FlowSettings.parse("{\"min_period\": \"short\"}"))
                .hasMessageContaining("'min_period'");
    }

    @Test
    void badSettingsAreNamed() {
        assertThatThrownBy(() -> new TimeSampler.Beta(0, 1, 0.999, 0.001))
                .hasMessageContaining("Beta(0.0, 1.0)");
        assertThatThrownBy(() -> new TimeSampler.Beta(1.5, 1, 1, 0.1))
                .hasMessageContaining("must stay in [0, 1]");
        assertThatThrownBy(() -> new TimeSampler.Uniform().draw(0, Seed.of(1)))
                .hasMessageContaining("at least 1");
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double square(double x) {
        return x * x;
    }
}
