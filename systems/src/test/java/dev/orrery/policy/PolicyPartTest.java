package dev.orrery.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyPartTest {

    private static final Statistics STATISTICS =
            Statistics.of(List.of(new float[] {0, 5}, new float[] {2, 5}, new float[] {4, 5}));

    @Test
    void statisticsAreThoseOfTheRows() {
        assertThat(STATISTICS.mean()).containsExactly(2, 5);
        assertThat(STATISTICS.std()[0]).isCloseTo(Math.sqrt(8.0 / 3), within(1e-12));
        assertThat(STATISTICS.q01()[0]).isCloseTo(0.04, within(1e-12));
        assertThat(STATISTICS.q99()[0]).isCloseTo(3.96, within(1e-12));
    }

    @Test
    void aConstantDimensionIsRefusedUnlessDeclared() {
        assertThatThrownBy(() -> STATISTICS.preflight("action", Set.of()))
                .hasMessageContaining("action")
                .hasMessageContaining("dimension 1")
                .hasMessageContaining("or declare it constant");
        STATISTICS.preflight("action", Set.of(1));
    }

    @Test
    void aNumberThatIsNotFiniteIsNamed() {
        assertThatThrownBy(() -> Statistics.of(List.of(new float[] {1}, new float[] {Float.NaN})))
                .hasMessageContaining("row 1, dimension 0");
        assertThatThrownBy(
                        () -> ActionChunks.of(List.<float[][]>of(new float[][] {{Float.NaN}}), 2))
                .hasMessageContaining("episode 0, frame 0");
    }

    @Test
    void bothNormalisersUndoThemselvesAndPadWithZeros() {
        var spread =
                Statistics.of(List.of(new float[] {0, -3}, new float[] {2, 9}, new float[] {4, 1}));
        for (var normalizer :
                List.of(
                        Normalizer.zScore(spread, Normalizer.OPENPI_EPSILON),
                        Normalizer.quantiles(spread, Normalizer.OPENPI_EPSILON))) {
            var values = new float[] {1.25f, 7.5f};
            var normalised = normalizer.normalise(values, 4);
            assertThat(normalised).hasSize(4).endsWith(0f, 0f);
            assertThat(normalizer.restore(normalised)).containsExactly(values, within(1e-5f));
        }
        var bulk = Normalizer.quantiles(spread, Normalizer.OPENPI_EPSILON);
        assertThat(bulk.normalise(new float[] {(float) spread.q01()[0], 0}, 2)[0])
                .isCloseTo(-1, within(1e-5f));
        assertThat(bulk.normalise(new float[] {(float) spread.q99()[0], 0}, 2)[0])
                .isCloseTo(1, within(1e-5f));
    }

    @Test
    void aStateThatIsTooLongIsRefused() {
        var normalizer = Normalizer.identity(33);
        assertThatThrownBy(() -> normalizer.normalise(new float[33], 32))
                .hasMessageContaining("33 values")
                .hasMessageContaining("width 32");
        assertThatThrownBy(() -> normalizer.normalise(new float[4], 32))
                .hasMessageContaining("statistics of 33 dimensions");
    }

    @Test
    void deltaActionsLeaveGrippersAbsolute() {
        var delta = DeltaActions.of(2, -1);
        var relative = delta.encode(new float[] {5, 6, 1}, new float[] {1, 2, 9});
        assertThat(relative).containsExactly(4, 4, 1);
        assertThat(delta.decode(relative, new float[] {1, 2, 9})).containsExactly(5, 6, 1);
    }

    @Test
    void thePromptOfPi05TellsTheStateInBins() {
        assertThat(StatePrompt.of(" pick_up\nit ", new float[] {-1, 0, 0.999f, 1.5f, -1.2f}))
                .isEqualTo("Task: pick up it, State: 0 128 255 255 -1;\nAction: ");
        assertThatThrownBy(() -> StatePrompt.clean(" \n")).hasMessageContaining("prompt is empty");
    }

    private static Observation observation(String... cameras) {
        var images = new LinkedHashMap<String, Image>();
        for (var camera : cameras) {
            images.put(camera, new Image(1, 1, new byte[3]));
        }
        return new Observation(images, new float[0], "go");
    }

    @Test
    void aMissingCameraIsMaskedAndAnUnknownOneIsNamed() {
        var map = new CameraMap(CameraMap.PI0, Map.of("base_0_rgb", "front"));
        var pictures = map.arrange(observation("front"));
        assertThat(pictures.get(0)).isPresent();
        assertThat(pictures.get(1)).isEmpty();
        assertThatThrownBy(() -> new CameraMap(CameraMap.PI0, Map.of("front", "front")))
                .hasMessageContaining("'front'")
                .hasMessageContaining("base_0_rgb");
        assertThatThrownBy(() -> map.arrange(observation("side"))).hasMessageContaining("side");
        assertThatThrownBy(
                        () -> new CameraMap(CameraMap.PI0, Map.of()).arrange(observation("front")))
                .hasMessageContaining("cameraMap");
    }

    @Test
    void windowsPastTheEndRepeatTheLastActionAsPadding() {
        var chunks =
                ActionChunks.of(
                        List.of(new float[][] {{1}, {2}}, new float[][] {}, new float[][] {{3}}),
                        3);
        assertThat(chunks.size()).isEqualTo(3);
        assertThat(chunks.place(2)).isEqualTo(new ActionChunks.Place(2, 0));
        var window = chunks.window(chunks.place(1));
        assertThat(window.actions()).isDeepEqualTo(new float[][] {{2}, {2}, {2}});
        assertThat(window.padding()).containsExactly(false, true, true);
    }

    /// Predicts the number of the call, three steps ahead.
    private static ChunkPolicy counting(List<Integer> calls) {
        return (_, _) -> {
            calls.add(calls.size());
            float n = calls.size();
            return new float[][] {{n}, {n + .1f}, {n + .2f}};
        };
    }

    @Test
    void theQueueAsksAgainAfterTheExecutedActions() {
        var calls = new ArrayList<Integer>();
        var policy = ChunkExecutor.queue(counting(calls), 2);
        policy.reset(1);
        var seen = observation("front");
        assertThat(policy.act(seen)).containsExactly(1f);
        assertThat(policy.act(seen)).containsExactly(1.1f);
        assertThat(policy.act(seen)).containsExactly(2f);
        assertThat(calls).hasSize(2);
        var greedy = ChunkExecutor.queue(counting(calls), 4);
        assertThatThrownBy(() -> greedy.act(seen)).hasMessageContaining("at most 3");
    }

    @Test
    void theEnsembleAveragesAllPredictionsForNow() {
        var policy = ChunkExecutor.ensemble(counting(new ArrayList<>()), 0);
        policy.reset(1);
        var seen = observation("front");
        assertThat(policy.act(seen)[0]).isCloseTo(1f, within(1e-6f));
        assertThat(policy.act(seen)[0]).isCloseTo((1.1f + 2) / 2, within(1e-6f));
        assertThat(policy.act(seen)[0]).isCloseTo((1.2f + 2.1f + 3) / 3, within(1e-6f));
        assertThat(policy.act(seen)[0]).isCloseTo((2.2f + 3.1f + 4) / 3, within(1e-6f));
        var old = ChunkExecutor.ensemble(counting(new ArrayList<>()), 50);
        old.reset(1);
        old.act(seen);
        assertThat(old.act(seen)[0]).isCloseTo(1.1f, within(1e-4f));
    }

    @Test
    void theNextChunkTakesOverWhereItsOwnTimeIs() {
        var frozen = new ArrayList<Integer>();
        var calls = new ArrayList<Integer>();
        ChunkPolicy counting =
                (_, held) -> {
                    frozen.add(held.frozen());
                    calls.add(held.actions().length);
                    float n = calls.size();
                    return new float[][] {{n}, {n + .1f}, {n + .2f}, {n + .3f}};
                };
        try (var policy = new RealTimeExecutor(counting, 3, 1)) {
            policy.reset(1);
            var taken = new ArrayList<Float>();
            for (int i = 0; i < 6; i++) {
                taken.add(policy.act(observation("front"))[0]);
            }
            assertThat(taken).containsExactly(1f, 1.1f, 1.2f, 2.1f, 2.2f, 3.1f);
            assertThat(frozen).startsWith(0, 1, 1);
            assertThat(calls).startsWith(0, 2, 2);
        }
        assertThatThrownBy(() -> new RealTimeExecutor(counting, 2, 2))
                .hasMessageContaining("0 to 1");
    }

    @Test
    void noActionIsSkippedOrRepeatedHoweverLongTheDelay() {
        ChunkPolicy clock =
                (seen, held) -> {
                    assertThat(held.frozen()).isLessThanOrEqualTo(held.actions().length);
                    var chunk = new float[5][];
                    for (int i = 0; i < chunk.length; i++) {
                        chunk[i] = new float[] {seen.state()[0] + i};
                    }
                    return chunk;
                };
        for (int execute = 1; execute <= 5; execute++) {
            for (int delay = 0; delay < execute; delay++) {
                try (var policy = new RealTimeExecutor(clock, execute, delay)) {
                    policy.reset(1);
                    for (int now = 0; now < 20; now++) {
                        var seen = new Observation(new LinkedHashMap<>(), new float[] {now}, "go");
                        assertThat(policy.act(seen))
                                .as("execute %d, delay %d", execute, delay)
                                .containsExactly(now);
                    }
                }
            }
        }
    }
}
