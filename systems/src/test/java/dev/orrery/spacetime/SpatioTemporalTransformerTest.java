package dev.orrery.spacetime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SpatioTemporalTransformerTest {

    private static final int CONTEXT = 6;
    private static final TokenGrid GRID = new TokenGrid(1, 2, 3);

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static SpatioTemporalTransformer transformer(SpatioTemporalBlock.Config block) {
        var config = new SpatioTemporalTransformer.Config(block, 3, GRID, CONTEXT, 5, 4);
        var transformer = new SpatioTemporalTransformer(config, Seed.of(1));
        for (var parameter : transformer.parameters()) {
            parameter.detach().mul_(3);
        }
        return transformer;
    }

    private static SpatioTemporalTransformer transformer() {
        return transformer(SpatioTemporalBlock.Config.of(16, 2));
    }

    private static Tensor frames(int count) {
        return Seed.of(2).normal(2, count, GRID.tokens(), 5);
    }

    private static double distance(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item();
    }

    @Test
    void noFrameSeesTheFuture() {
        var transformer = transformer();
        var video = frames(CONTEXT);
        var before = transformer.forward(video);
        for (int t = 1; t < CONTEXT; t++) {
            var other =
                    Tensor.cat(
                            java.util.List.of(
                                    video.narrow(1, 0, t),
                                    Seed.of(3).normal(2, CONTEXT - t, GRID.tokens(), 5)),
                            1);
            var after = transformer.forward(other);
            assertThat(distance(after.narrow(1, 0, t), before.narrow(1, 0, t))).isLessThan(1e-5);
            assertThat(distance(after.narrow(1, t, 1), before.narrow(1, t, 1))).isGreaterThan(1e-2);
        }
    }

    @Test
    void everyFrameSeesAllEarlierOnes() {
        var transformer = transformer();
        var video = frames(CONTEXT);
        var before = transformer.forward(video);
        var other = video.copy();
        other.select(1, 0).select(1, 2).copy_(Seed.of(7).normal(2, 5));
        var after = transformer.forward(other);
        for (int t = 0; t < CONTEXT; t++) {
            for (int s = 0; s < GRID.tokens(); s++) {
                assertThat(
                                distance(
                                        after.select(1, t).select(1, s),
                                        before.select(1, t).select(1, s)))
                        .as("frame %d token %d", t, s)
                        .isGreaterThan(1e-4);
            }
        }
    }

    @Test
    void withoutTimeFramesAreAlone() {
        var transformer = transformer(SpatioTemporalBlock.Config.of(16, 2).alone());
        assertThat(transformer.namedParameters().keySet())
                .noneMatch(name -> name.contains("temporal.") || name.contains("temporal_norm"));
        var video = frames(3);
        var other = video.copy();
        other.select(1, 0).copy_(Seed.of(7).normal(2, GRID.tokens(), 5));
        assertThat(
                        distance(
                                transformer.forward(other).narrow(1, 1, 2),
                                transformer.forward(video).narrow(1, 1, 2)))
                .isZero();
    }

    @Test
    void aCacheChangesNothing() {
        for (var block :
                java.util.List.of(
                        SpatioTemporalBlock.Config.of(16, 2),
                        new SpatioTemporalBlock.Config(
                                16, 2, 12, 2, true, SpatioTemporalBlock.Time.CAUSAL),
                        SpatioTemporalBlock.Config.of(16, 2).alone())) {
            var transformer = transformer(block);
            var video = frames(CONTEXT);
            var whole = transformer.forward(video);
            try (var cache = transformer.cache()) {
                var first = transformer.append(video.narrow(1, 0, 3), cache);
                assertThat(distance(first, whole.narrow(1, 0, 3))).isLessThan(1e-4);
                for (int t = 3; t < CONTEXT; t++) {
                    transformer.after(Seed.of(t).normal(2, 1, GRID.tokens(), 5), cache);
                    var again = transformer.after(video.narrow(1, t, 1), cache);
                    assertThat(cache.frames()).isEqualTo(t);
                    var kept = transformer.append(video.narrow(1, t, 1), cache);
                    assertThat(distance(again, whole.narrow(1, t, 1))).isLessThan(1e-4);
                    assertThat(distance(kept, whole.narrow(1, t, 1))).isLessThan(1e-4);
                }
                cache.truncate(2);
                var back = transformer.append(video.narrow(1, 2, 4), cache);
                assertThat(distance(back, whole.narrow(1, 2, 4))).isLessThan(1e-4);
            }
        }
    }

    @Test
    void namesAreThoseOfCheckpoints() {
        assertThat(transformer().stateDict().keySet())
                .contains(
                        "blocks.0.spatial.q.weight",
                        "blocks.0.spatial.o.bias",
                        "blocks.2.temporal.v.weight",
                        "blocks.1.ffn.0.weight",
                        "blocks.1.ffn.2.bias",
                        "positions.spatial",
                        "positions.temporal",
                        "head.weight");
    }

    @Test
    void firstWeightsAreSmallAndBiasesZero() {
        var config =
                new SpatioTemporalTransformer.Config(
                        SpatioTemporalBlock.Config.of(64, 2), 1, GRID, CONTEXT, 50, 40);
        var transformer = new SpatioTemporalTransformer(config, Seed.of(5));
        transformer
                .stateDict()
                .forEach((name, tensor) -> {
                    if (name.endsWith("bias")) {
                        assertThat(tensor.abs().max().item()).as(name).isZero();
                    } else if (tensor.rank() == 2 && !name.startsWith("positions")) {
                        assertThat(tensor.std(false).item()).as(name).isBetween(0.018, 0.022);
                    }
                });
    }

    @Test
    void tooManyFramesAreNamed() {
        var transformer = transformer();
        assertThatThrownBy(() -> transformer.forward(frames(7)))
                .hasMessage(
                        "7 frames after 0 do not fit the context of 6; give fewer, or train with a"
                                + " longer context");
        assertThatThrownBy(() -> transformer.forward(Tensor.zeros(1, 2, 6, 5)))
                .hasMessage("frames are F32[1, 2, 6, 5]; needs (B, T, 7, 5)");
    }

    @Test
    void patchesAreCutAndJoined() {
        var patches = new Patches(2, 4, 6, 3);
        var video = Seed.of(4).uniform(2, 3, 4, 6, 3);
        var cut = patches.split(video);
        assertThat(cut.shape()).containsExactly(2, 3, 6, 12);
        var second = video.narrow(2, 0, 2).narrow(3, 2, 2).reshape(2, 3, 12);
        assertThat(distance(cut.select(2, 1), second)).isZero();
        assertThat(distance(patches.join(cut), video)).isZero();
    }

    @Test
    void patchesThatDoNotFitAreAnsweredWithWhatWould() {
        assertThatThrownBy(() -> new Patches(4, 70, 64, 3))
                .hasMessage(
                        "video height 70 is not a multiple of patch 4; crop to 68, pad to 72 or use"
                                + " patch 5");
    }

    @Test
    void framesAfterKnownOnesComeOutAsAfterACacheOfThem() {
        var transformer = transformer();
        var known = frames(CONTEXT - 1);
        var guessed = Seed.of(8).normal(2, CONTEXT - 1, GRID.tokens(), 5);
        var all = transformer.afterEach(known, guessed);
        try (var cache = transformer.cache()) {
            for (int t = 0; t < CONTEXT - 1; t++) {
                transformer.append(known.narrow(1, t, 1), cache);
                var one = transformer.after(guessed.narrow(1, t, 1), cache);
                assertThat(distance(all.narrow(1, t, 1), one)).as("frame %d", t).isLessThan(1e-4);
            }
        }
    }

    @Test
    void everyKnownFrameNeedsAGuess() {
        assertThatThrownBy(() -> transformer().afterEach(frames(3), frames(2)))
                .hasMessageContaining("2 guessed frames beside 3 known ones");
    }
}
