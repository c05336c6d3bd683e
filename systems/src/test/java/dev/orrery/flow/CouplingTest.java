package dev.orrery.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CouplingTest {

    private final Seed seed = Seed.of(9);

    @Test
    void minibatchTransportIsAPermutationThatShortensTheWay() {
        Tensor noise = seed.split(1).normal(200, 3), data = seed.split(2).normal(200, 3).add(1);
        var coupling = Coupling.minibatchOt();
        assertThat(coupling.pair(noise, data, seed))
                .containsExactlyInAnyOrder(IntStream.range(0, 200).toArray());
        double before = data.sub(noise).square().mean().item();
        double after = data.sub(coupling.couple(noise, data, seed)).square().mean().item();
        assertThat(after).isLessThan(0.6 * before);
    }

    @Test
    void independentCouplingLeavesTheNoiseAlone() {
        var noise = seed.normal(5, 2);
        assertThat(new Coupling.Independent().couple(noise, noise, seed)).isSameAs(noise);
    }

    @Test
    void pairsNeverCrossConditions() {
        Tensor noise = seed.split(1).normal(90, 2), data = seed.split(2).normal(90, 2);
        var labels = IntStream.range(0, 90).map(i -> i % 3).toArray();
        var pairs = Coupling.minibatchOt(labels).pair(noise, data, seed);
        assertThat(pairs).containsExactlyInAnyOrder(IntStream.range(0, 90).toArray());
        for (int i = 0; i < 90; i++) assertThat(labels[pairs[i]]).isEqualTo(labels[i]);
    }

    @Test
    void continuousConditionsAreRefused() {
        assertThatThrownBy(() -> Coupling.minibatchOtWithin(seed.normal(64, 2)))
                .hasMessageContaining("continuous");
        var classes = Tensor.of(new long[] {0, 1, 0, 1, 1, 0}, 6);
        assertThat(Coupling.minibatchOtWithin(classes)).isInstanceOf(Coupling.MinibatchOt.class);
    }

    @Test
    void largeBatchesFollowTheEntropicPlan() {
        int n = 600;
        Tensor noise = seed.split(1).normal(n, 2), data = seed.split(2).normal(n, 2);
        var pairs = Coupling.minibatchOt().pair(noise, data, seed);
        double exact = data.square().mean().item();
        double after =
                data.sub(
                                noise.indexSelect(
                                        0,
                                        Tensor.of(
                                                Arrays.stream(pairs).asLongStream().toArray(), n)))
                        .square()
                        .mean()
                        .item();
        assertThat(after).isLessThan(0.3 * exact);
        assertThat(Arrays.stream(pairs).distinct().count()).isGreaterThan(n / 3);
    }

    @Test
    void energyDistanceKnowsClosedFormsAndItself() {
        var point = EnergyDistance.to(new float[] {0, 0}, 2);
        assertThat(point.from(new float[] {3, 4})).isCloseTo(10, within(1e-9));
        assertThat(point.from(new float[] {0, 0})).isZero();
        var cloud = EnergyDistance.to(seed.split(1).normals(2000), 2);
        double floor = cloud.from(seed.split(2).normals(2000));
        var moved = seed.split(3).normals(2000);
        for (int i = 0; i < moved.length; i += 2) moved[i] += 0.5f;
        assertThat(floor).isBetween(0.0, 0.01);
        assertThat(cloud.from(moved)).isGreaterThan(5 * floor);
        var solid = EnergyDistance.to(new float[] {0, 0, 0}, 3);
        assertThat(solid.from(new float[] {1, 2, 2})).isCloseTo(6, within(1e-9));
    }

    @Test
    void slicedWassersteinMeasuresAShift() {
        var cloud = seed.normals(3000);
        var moved = cloud.clone();
        for (int i = 0; i < moved.length; i += 3) moved[i] += 2;
        // Along a random line in three dimensions a unit shift shows as √(1/3) of its length.
        assertThat(new SlicedWasserstein(400, seed).between(cloud, moved, 3))
                .isCloseTo(2 / Math.sqrt(3), within(0.08));
    }
}
