package dev.orrery.fidelity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Dice;
import dev.orrery.env.platformer.Level;
import dev.orrery.tensor.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// The metric is put to the test: real clips are near real clips, and the more they are spoilt the
/// farther.
class VideoFeaturesTest {

    private static final int FRAMES = 8, SIDE = 32;
    private static final List<PlatformerClip> CLIPS =
            PlatformerClip.collect(e -> 700_001 + 2 * e, 64, FRAMES, false);
    private static final RandomVideoFeatures FEATURES = new RandomVideoFeatures();
    private static final FeatureCloud REAL = cloud(c -> c.clip().resized(32, 32));

    private static FeatureCloud cloud(Function<PlatformerClip, Clip> look) {
        return FeatureCloud.of(FEATURES.of(CLIPS.stream().map(look).toList()));
    }

    private static double distance(Function<PlatformerClip, Clip> spoil) {
        return FrechetDistance.between(REAL, cloud(spoil));
    }

    @AfterAll
    static void free() {
        FEATURES.close();
    }

    private static Clip reordered(Clip clip, IntUnaryOperator from) {
        return Clip.of(IntStream.range(0, clip.frames()).map(from).mapToObj(clip::frame).toList());
    }

    private static Clip blurred(Clip clip, double deviation) {
        var across = smeared(clip, deviation, 0, 1);
        return smeared(across, deviation, 1, 0);
    }

    private static Clip smeared(Clip clip, double deviation, int down, int right) {
        var rgb = new byte[clip.rgb().length];
        int reach = (int) Math.ceil(3 * deviation);
        for (int i = 0; i < rgb.length; i++) {
            int c = i % 3, x = i / 3 % SIDE, y = i / 3 / SIDE % SIDE, t = i / clip.frameBytes();
            double sum = 0, all = 0;
            for (int k = -reach; k <= reach; k++) {
                double w = Math.exp(-k * k / (2 * deviation * deviation));
                int row = Math.clamp(y + k * down, 0, SIDE - 1),
                        at = Math.clamp(x + k * right, 0, SIDE - 1);
                sum += w * clip.at(t, row, at, c);
                all += w;
            }
            rgb[i] = (byte) Math.round(sum / all);
        }
        return new Clip(clip.frames(), SIDE, SIDE, rgb);
    }

    private static Clip shuffled(Clip clip, double share, Dice dice) {
        var order = IntStream.range(0, clip.frames()).toArray();
        for (int i = order.length - 1; i > 0; i--) {
            int j = dice.nextInt(i + 1);
            if (dice.chance(share)) {
                int kept = order[i];
                order[i] = order[j];
                order[j] = kept;
            }
        }
        return reordered(clip, t -> order[t]);
    }

    @Test
    void theWeightsAreTheSameEverywhere() {
        assertThat(FEATURES.hash()).isEqualTo("b4a7be76d9907083");
        try (var again = new RandomVideoFeatures()) {
            var two = CLIPS.subList(0, 2).stream().map(PlatformerClip::clip).toList();
            assertThat(again.of(two)).isDeepEqualTo(FEATURES.of(two));
            assertThat(again.of(two)[0]).hasSize(256);
        }
    }

    @Test
    void twoHalvesOfRealClipsAreNear() {
        var one = new ArrayList<Clip>();
        var other = new ArrayList<Clip>();
        for (int i = 0; i < CLIPS.size(); i++) {
            (i % 2 == 0 ? one : other).add(CLIPS.get(i).clip().resized(32, 32));
        }
        double halves = FEATURES.distance(one, other);
        assertThat(FrechetDistance.between(REAL, REAL)).isLessThan(1e-6);
        assertThat(halves).isLessThan(0.05 * spread());
        assertThat(halves).isLessThan(distance(c -> blurred(c.clip().resized(32, 32), 4)));
    }

    private static double spread() {
        double spread = 0;
        for (int d = 0; d < REAL.dims(); d++) {
            spread += REAL.covariance()[d * (REAL.dims() + 1)];
        }
        return spread;
    }

    /// The distance of the least, a middle and the greatest severity: each above `least`, and each
    /// above the one before.
    private static void assertRises(double least, double... distances) {
        assertThat(distances).isSorted();
        assertThat(distances[0]).isGreaterThan(least);
        assertThat(distances[2]).isGreaterThan(1.2 * distances[0]);
    }

    @Test
    void blurRaisesIt() {
        assertRises(
                1e-3,
                distance(c -> blurred(c.clip().resized(32, 32), 0.5)),
                distance(c -> blurred(c.clip().resized(32, 32), 1)),
                distance(c -> blurred(c.clip().resized(32, 32), 2)));
    }

    @Test
    void freezingRaisesIt() {
        assertRises(1e-4, frozen(6), frozen(3), frozen(0));
    }

    private static double frozen(int last) {
        return distance(c -> reordered(c.clip().resized(32, 32), t -> Math.min(t, last)));
    }

    @Test
    void anotherOrderOfTheSameFramesRaisesIt() {
        assertRises(1e-3, disordered(0.25), disordered(0.5), disordered(1));
        assertThat(distance(c -> reordered(c.clip().resized(32, 32), t -> FRAMES - 1 - t)))
                .as("backwards")
                .isGreaterThan(1e-3);
    }

    private static double disordered(double share) {
        var dice = new Dice(7);
        return distance(c -> shuffled(c.clip().resized(32, 32), share, dice));
    }

    @Test
    void wrongColoursRaiseIt() {
        assertRises(1e-3, recoloured(0.25), recoloured(0.5), recoloured(1));
    }

    private static double recoloured(double share) {
        var dice = new Dice(8);
        return distance(c ->
                c.clip(dice.chance(share) ? (c.theme() + 1) % Level.THEMES : c.theme())
                        .resized(32, 32));
    }

    @Test
    void aProbeLearnsToSeeAndTellsOrderToo() {
        UnaryOperator<Clip> tiny = c -> c.resized(16, 16);
        var training = new ProbeVideoFeatures.Training(80, 8, 160);
        try (var probe =
                ProbeVideoFeatures.train(
                        training, e -> 800_001 + 2 * e, FRAMES, tiny, Seed.of(4))) {
            var explained = probe.explained(CLIPS);
            assertThat(explained[ProbeVideoFeatures.TARGETS.indexOf("scroll")])
                    .as("share of the scroll's variance, on other levels")
                    .isGreaterThan(0.2);
            assertThat(probe.hash()).isNotEqualTo(FEATURES.hash());
            var clips = CLIPS.stream().map(c -> tiny.apply(c.clip())).toList();
            var back = clips.stream().map(c -> reordered(c, t -> FRAMES - 1 - t)).toList();
            assertThat(probe.distance(clips, back)).isGreaterThan(1e-3);
        }
    }

    @Test
    void clipsOfDifferentLengthAreRefused() {
        var clip = CLIPS.getFirst().clip();
        assertThatThrownBy(() -> FEATURES.of(List.of(clip, clip.slice(0, 4))))
                .hasMessageContaining("got 8 and 4 frames");
    }
}
