package dev.orrery.data.clips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.DatasetException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClipsTest {

    private static final int H = 6, W = 5, SIZE = H * W * 3;

    /// Frames of few or many colours; each tells its episode and number in its first two bytes.
    static byte[][] frames(int episode, int count, int colours) {
        var random = new Random(31L * episode + colours);
        var frames = new byte[count][SIZE];
        for (int f = 0; f < count; f++) {
            for (int i = 0; i < SIZE; i++) frames[f][i] = (byte) random.nextInt(colours);
            frames[f][0] = (byte) episode;
            frames[f][1] = (byte) f;
            frames[f][2] = 0;
        }
        return frames;
    }

    static void add(ClipSink sink, String name, byte[][] frames, int... actions) {
        sink.begin(name);
        for (var frame : frames) sink.frame(frame);
        sink.end(actions);
    }

    private static MemoryClips some(int... lengths) {
        var gathering = MemoryClips.gather(H, W, 10, List.of());
        for (int i = 0; i < lengths.length; i++) add(gathering, "e" + i, frames(i, lengths[i], 3));
        return gathering.done();
    }

    @Test
    void framesComeBackAsTheyWereWithFewColoursAndWithMany() {
        for (int colours : new int[] {2, 6, 7, 256}) {
            var wanted = frames(1, 50, colours);
            var gathering = MemoryClips.gather(H, W, 10, List.of());
            add(gathering, "x", wanted);
            var clips = gathering.done();
            for (int first = 0; first < 50; first += 7) {
                int count = Math.min(20, 50 - first);
                var got = clips.frames(0, first, count);
                for (int f = 0; f < count; f++) {
                    assertThat(Arrays.copyOfRange(got, f * SIZE, (f + 1) * SIZE))
                            .as("%d colours a channel, frame %d", colours, first + f)
                            .isEqualTo(wanted[first + f]);
                }
            }
        }
    }

    @Test
    void anEpisodeThatGainsColoursHalfwayKeepsAllOfThem() {
        var few = frames(0, 20, 3);
        var many = frames(0, 20, 256);
        var all = new byte[40][];
        System.arraycopy(few, 0, all, 0, 20);
        System.arraycopy(many, 0, all, 20, 20);
        var gathering = MemoryClips.gather(H, W, 0, List.of());
        add(gathering, "x", all);
        add(gathering, "y", few);
        var clips = gathering.done();
        for (int f = 0; f < 40; f++) assertThat(clips.frames(0, f, 1)).isEqualTo(all[f]);
        assertThat(clips.frames(1, 19, 1)).isEqualTo(few[19]);
    }

    @Test
    void windowsNeverCrossTheEndOfAnEpisode() {
        var clips = some(9, 3, 4, 20, 2);
        var windows = ClipWindows.of(clips, 4);
        assertThat(windows.count()).isEqualTo(6 + 0 + 1 + 17);
        assertThat(windows.tooShort()).isEqualTo(2);
        for (long w = 0; w < windows.count(); w++) {
            var batch = windows.batch(w);
            var place = batch.places().getFirst();
            for (int t = 0; t < 4; t++) {
                assertThat(batch.rgb()[t * SIZE]).isEqualTo((byte) place.episode());
                assertThat(batch.rgb()[t * SIZE + 1]).isEqualTo((byte) (place.first() + t));
            }
        }
    }

    @Test
    void everyWindowIsDrawnAlike() {
        var windows = ClipWindows.of(some(5, 8), 4);
        var counts = new int[(int) windows.count()];
        for (long w : windows.draw(new Random(3), 7000)) counts[(int) w]++;
        assertThat(counts).hasSize(7);
        assertThat(IntStream.of(counts).min().orElseThrow()).isGreaterThan(850);
    }

    @Test
    void windowsLongerThanEveryEpisodeAreRefusedWithTheLongest() {
        assertThatThrownBy(() -> ClipWindows.of(some(5, 8), 9))
                .hasMessageContaining("9")
                .hasMessageContaining("the longest of 2 episodes has 8");
    }

    @Test
    void actionsStayWithTheirFrames() {
        var gathering = MemoryClips.gather(H, W, 10, List.of("stay", "left", "right"));
        add(gathering, "all", frames(0, 4, 3), 0, 1, 2, 1);
        add(gathering, "between", frames(1, 4, 3), 2, 2, 0);
        add(gathering, "none", frames(2, 4, 3));
        var clips = gathering.done();
        assertThat(clips.actions(0)).containsExactly(0, 1, 2, 1);
        assertThat(clips.actions(1)).containsExactly(2, 2, 0, Clips.UNKNOWN);
        assertThat(clips.actions(2)).containsOnly(Clips.UNKNOWN);
        assertThat(ClipWindows.of(clips, 2).batch(1, 3).actions()).containsExactly(1, 2, 2, 2);
    }

    @Test
    void actionsThatFitNoFrameOrNameAreRefused() {
        var gathering = MemoryClips.gather(H, W, 10, List.of("stay"));
        gathering.begin("x");
        for (var frame : frames(0, 5, 3)) gathering.frame(frame);
        assertThatThrownBy(() -> gathering.end(new int[] {0, 0}))
                .hasMessageContaining("5 frames and 2 actions");
        assertThatThrownBy(() -> gathering.end(new int[] {0, 0, 1, 0}))
                .hasMessageContaining("action 1");
        gathering.end(new int[] {0, 0, 0, 0});
        assertThat(gathering.done().actions(0)).containsExactly(0, 0, 0, 0, -1);
    }

    @Test
    void aSplitSharesNoEpisodeAndRepeatsWithItsSeed() {
        var clips = some(IntStream.generate(() -> 3).limit(20).toArray());
        var split = clips.split(new Random(7), 0.2);
        assertThat(split.heldOut().episodes()).hasSize(4);
        var names = new HashSet<>(split.training().episodes());
        names.addAll(split.heldOut().episodes());
        assertThat(names).hasSize(20);
        assertThat(clips.split(new Random(7), 0.2).heldOut().episodes())
                .isEqualTo(split.heldOut().episodes());
        assertThat(clips.split(new Random(8), 0.2).heldOut().episodes())
                .isNotEqualTo(split.heldOut().episodes());
        var held = split.heldOut();
        for (int e = 0; e < 4; e++)
            assertThat("e" + held.frames(e, 0, 1)[0]).isEqualTo(held.episodes().get(e).name());
    }

    @Test
    void oneEpisodeCannotBeSplit() {
        assertThatThrownBy(() -> some(30).split(new Random(1), 0.1)).hasMessageContaining("--cut");
    }

    @Test
    void aDroppedEpisodeLeavesNothing() {
        var gathering = MemoryClips.gather(H, W, 10, List.of());
        add(gathering, "a", frames(0, 40, 3));
        long before = gathering.bytes();
        gathering.begin("b");
        for (var frame : frames(1, 40, 256)) gathering.frame(frame);
        gathering.drop();
        assertThat(gathering.bytes()).isEqualTo(before);
        add(gathering, "c", frames(2, 3, 3));
        var clips = gathering.done();
        assertThat(clips.episodes()).extracting(Clip::name).containsExactly("a", "c");
        assertThat(clips.frames(1, 2, 1)).isEqualTo(frames(2, 3, 3)[2]);
    }

    @Test
    void theBudgetIsKept() {
        var gathering = MemoryClips.gather(H, W, 10, List.of(), 5_000);
        assertThatThrownBy(() -> add(gathering, "x", frames(0, 200, 256)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("5,000 bytes");
    }

    @Test
    void framesThatAreNotThereAreRefused() {
        var clips = some(5);
        assertThatThrownBy(() -> clips.frames(0, 3, 3)).hasMessageContaining("which has 5");
        assertThatThrownBy(() -> clips.frames(0, -1, 1)).hasMessageContaining("which has 5");
        assertThatThrownBy(() -> clips.frames(1, 0, 1)).hasMessageContaining("not 1");
        assertThatThrownBy(() -> clips.read(0, 0, 2, new byte[SIZE], 0))
                .hasMessageContaining("need");
    }
}
