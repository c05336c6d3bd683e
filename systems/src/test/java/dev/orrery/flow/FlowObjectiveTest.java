package dev.orrery.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FlowObjectiveTest {

    static Stream<FlowPath> paths() {
        return Stream.of(
                new FlowPath.Linear(),
                new FlowPath.Linear(0.01),
                new FlowPath.VariancePreserving(),
                new FlowPath.Trigonometric());
    }

    @ParameterizedTest
    @MethodSource("paths")
    void velocitiesAreTheSlopeOfThePath(FlowPath path) {
        double h = 1e-5;
        for (double t : new double[] {0.05, 0.3, 0.5, 0.9, 0.97}) {
            FlowPath.Coefficients now = path.at(t), before = path.at(t - h), after = path.at(t + h);
            assertThat((after.alpha() - before.alpha()) / (2 * h))
                    .isCloseTo(now.alphaRate(), within(1e-5));
            assertThat((after.sigma() - before.sigma()) / (2 * h))
                    .isCloseTo(now.sigmaRate(), within(1e-4));
        }
    }

    @ParameterizedTest
    @MethodSource("paths")
    void pathsRunFromNoiseToData(FlowPath path) {
        assertThat(path.at(0).alpha()).isCloseTo(0, within(0.01));
        assertThat(path.at(0).sigma()).isCloseTo(1, within(1e-3));
        assertThat(path.at(1).alpha()).isCloseTo(1, within(1e-3));
        assertThat(path.at(1).sigma()).isCloseTo(0, within(0.011));
    }

    @Test
    void diffusionPathsKeepTheirVariance() {
        for (double t = 0; t <= 1; t += 0.05) {
            for (var path :
                    new FlowPath[] {
                        new FlowPath.VariancePreserving(), new FlowPath.Trigonometric()
                    }) {
                var c = path.at(t);
                assertThat(c.alpha() * c.alpha() + c.sigma() * c.sigma())
                        .isCloseTo(1, within(1e-12));
            }
        }
    }

    @Test
    void onTheStraightPathTheTargetHasItsConditionalForm() {
        double s = 0.01;
        Tensor x0 = Seed.of(1).normal(6, 2, 3), x1 = Seed.of(2).normal(6, 2, 3);
        var times = new TimeSampler.Uniform().draw(6, Seed.of(3));
        var point = new FlowPath.Linear(s).point(x0, x1, times);
        var t = PerSample.of(times, x0);
        var conditional = x1.sub(point.x().mul(1 - s)).div(t.mul(-(1 - s)).add(1));
        assertThat(conditional.allclose(point.velocity(), 1e-4, 1e-4)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void predictionsTurnIntoEachOther(Prediction kind) {
        Tensor x0 = Seed.of(1).normal(4, 3), x1 = Seed.of(2).normal(4, 3);
        paths().forEach(path -> {
            for (double t : new double[] {0.2, 0.5, 0.9}) {
                var times = new double[] {t, t, t, t};
                var point = path.point(x0, x1, times);
                var output = kind.fromVelocity(path, point.velocity(), point.x(), t);
                var truth =
                        switch (kind) {
                            case VELOCITY -> point.velocity();
                            case DATA -> x1;
                            case NOISE -> x0;
                            case SCORE -> x0.div(-path.at(t).sigma());
                        };
                assertThat(output.allclose(truth, 1e-3, 1e-3)).as("%s %s", path, t).isTrue();
                assertThat(
                                kind.toVelocity(path, output, point.x(), t)
                                        .allclose(point.velocity(), 1e-3, 1e-3))
                        .as("%s %s", path, t)
                        .isTrue();
            }
        });
    }

    @Test
    void singularEndsStayFinite() {
        var x = Seed.of(1).normal(3, 2);
        for (var kind : Prediction.values()) {
            for (double t : new double[] {0, 1}) {
                paths().forEach(path -> {
                    assertThat(kind.toVelocity(path, x, x, t).isfinite().all().item()).isEqualTo(1);
                    assertThat(kind.fromVelocity(path, x, x, t).isfinite().all().item())
                            .isEqualTo(1);
                });
            }
        }
    }

    @Test
    void theOtherClockTurnsTimesAndSigns() {
        Tensor x0 = Seed.of(1).normal(3, 2), x1 = Seed.of(2).normal(3, 2);
        var times = new double[] {0.1, 0.5, 0.8};
        var one = FlowObjective.rectified().batch(x0, x1, times);
        var zero = FlowObjective.rectified().withDataAt(DataAt.ZERO).batch(x0, x1, times);
        assertThat(one.time().toDoubles()).containsExactly(0.1, 0.5, 0.8);
        assertThat(zero.time().toDoubles()).containsExactly(0.9, 0.5, 1 - 0.8);
        assertThat(one.x().equal(zero.x())).isTrue();
        assertThat(one.target().allclose(x1.sub(x0), 1e-6, 1e-6)).isTrue();
        assertThat(zero.target().allclose(x0.sub(x1), 1e-6, 1e-6)).isTrue();
        VelocityField foreign = (x, t) -> x.mul(t);
        var house = VelocityField.of(DataAt.ZERO, foreign);
        assertThat(house.at(x0, 0.25).allclose(x0.mul(-0.75), 1e-6, 1e-6)).isTrue();
    }

    @Test
    void aZeroAnswerCostsOnePlusTheVarianceOfTheData() {
        int n = 4000;
        var data = Seed.of(4).normal(n, 2).mul(1.5);
        var noise = Seed.of(5).normal(n, 2);
        var objective = FlowObjective.rectified();
        var batch = objective.batch(noise, data, new TimeSampler.Uniform().draw(n, Seed.of(6)));
        var loss = objective.loss(Tensor.zerosLike(data), batch, LossMask.everything());
        double square = DataCheck.of(data).variance();
        assertThat(LossByTime.ofZero(objective.path(), 0.3, square))
                .isCloseTo(1 + square, within(1e-9));
        assertThat(loss.item()).isCloseTo(1 + 2.25, within(0.15));
    }

    @Test
    void lossByTimeSeesWhereTheLossIs() {
        var byTime = new LossByTime(new FlowPath.Linear());
        assertThat(byTime.isEmpty()).isTrue();
        byTime.add(new double[] {0.05, 0.95, 1}, new float[] {2, 1, 3}, 1);
        assertThat(byTime.isEmpty()).isFalse();
        assertThat(byTime.mean(0)).isEqualTo(2);
        assertThat(byTime.mean(9)).isEqualTo(2);
        assertThat(byTime.meanOfZero(9)).isEqualTo(2);
        assertThat(byTime.shareOfZero()).isEqualTo(1);
        assertThat(byTime.toString()).contains("0.9: 2.000 (2.00)");
    }

    @Test
    void paddingNeverCounts() {
        var errors = Tensor.of(new float[] {1, 100, 3, 100, 100, 100, 5, 100}, 2, 2, 2);
        var steps = Tensor.of(new boolean[] {true, true, false, true}, 2, 2);
        var mask = LossMask.steps(steps, 3).and(LossMask.dims(1, 2));
        assertThat(mask.mean(errors).item()).isEqualTo(3);
        assertThat(mask.perSample(errors).toFloats()).containsExactly(2, 5);
        assertThat(LossMask.dims(1, 2).mean(errors).item()).isCloseTo(27.25, within(1e-5));
        assertThat(LossMask.everything().mean(errors).item()).isCloseTo(63.625, within(1e-4));
    }

    @Test
    void troubleIsNamed() {
        var data = Tensor.of(new float[] {1, Float.NaN, 2, Float.NaN}, 2, 2);
        assertThatThrownBy(() ->
                        FlowObjective.rectified()
                                .batch(Tensor.zeros(2, 2), data, new double[] {0.5, 0.5}))
                .hasMessageContaining("feature 1 has 2 NaN in batch of shape [2, 2]");
        assertThatThrownBy(() ->
                        FlowObjective.rectified()
                                .batch(
                                        Tensor.zeros(2, 2),
                                        Tensor.zeros(2, 2),
                                        new double[] {0.5, 1.01}))
                .hasMessageContaining("1.01");
        assertThatThrownBy(() -> LossMask.steps(Tensor.zeros(2, 3), 3))
                .hasMessageContaining("all zero");
        assertThatThrownBy(() -> DataAt.ONE.require(DataAt.ZERO, "model.safetensors"))
                .hasMessageContaining("model.safetensors was trained with data at ZERO");
        assertThat(DataCheck.of(Tensor.full(40, 3, 2)).warning())
                .hasValueSatisfying(w -> assertThat(w).contains("not normalised").contains("40.0"));
        assertThat(DataCheck.of(Seed.of(1).normal(30, 2)).warning()).isEmpty();
        assertThatThrownBy(() -> DataAt.parse("up")).hasMessageContaining("one or zero");
    }
}
