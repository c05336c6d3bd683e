package dev.orrery.data.clips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.DatasetException;
import dev.orrery.data.Mutations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrvTest {

    private static final int H = 6, W = 5;

    @TempDir Path folder;

    private Path written() {
        var file = folder.resolve("some.orv");
        try (var writer = OrvWriter.create(file, H, W, 12.5, List.of("stay", "gehe links"))) {
            ClipsTest.add(writer, "wenig", ClipsTest.frames(0, 37, 3), new int[37]);
            writer.begin("weg");
            for (var frame : ClipsTest.frames(9, 33, 9)) writer.frame(frame);
            writer.drop();
            ClipsTest.add(writer, "viel", ClipsTest.frames(1, 20, 256));
            ClipsTest.add(writer, "eins", ClipsTest.frames(2, 1, 3), 1);
            writer.finish();
        }
        return file;
    }

    @Test
    void whatIsWrittenIsRead() {
        try (var clips = OrvClips.open(written())) {
            assertThat(clips.episodes())
                    .containsExactly(
                            new Clip("wenig", 37), new Clip("viel", 20), new Clip("eins", 1));
            assertThat(clips.fps()).isEqualTo(12.5);
            assertThat(clips.actionNames()).containsExactly("stay", "gehe links");
            assertThat(clips.actions(0)).hasSize(37).containsOnly(0);
            assertThat(clips.actions(1)).hasSize(20).containsOnly(Clips.UNKNOWN);
            assertThat(clips.actions(2)).containsExactly(1);
            for (int e = 0; e < 3; e++) {
                var wanted =
                        ClipsTest.frames(e, clips.episodes().get(e).frames(), e == 1 ? 256 : 3);
                for (int f = 0; f < wanted.length; f++)
                    assertThat(clips.frames(e, f, 1)).isEqualTo(wanted[f]);
            }
        }
    }

    @Test
    void theLayoutIsTheDocumentedOne() throws Exception {
        var bytes = Files.readAllBytes(written());
        assertThat(new String(bytes, 0, 8)).isEqualTo("ORVCLIPS");
        assertThat(Arrays.copyOfRange(bytes, 8, 16)).containsExactly(1, 0, 16, 0, H, 0, W, 0);
        assertThat(new String(bytes, bytes.length - 8, 8)).isEqualTo("ORVINDEX");
        var tail = java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        long at = tail.getLong(bytes.length - 32), length = tail.getLong(bytes.length - 24);
        assertThat(at + length).isEqualTo(bytes.length - 32);
        assertThat(tail.getInt((int) at)).isEqualTo(2);
    }

    @Test
    void aStoppedWriterLeavesNothingUnderTheName() {
        var file = folder.resolve("x.orv");
        try (var writer = OrvWriter.create(file, H, W, 0, List.of())) {
            ClipsTest.add(writer, "a", ClipsTest.frames(0, 5, 3));
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anExistingFileIsNeverWrittenOver() {
        var file = written();
        assertThatThrownBy(() -> OrvWriter.create(file, H, W, 0, List.of()))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("choose another name");
    }

    @Test
    void aFileThatIsCutOffIsRefusedWhereverItEnds() throws Exception {
        var bytes = Files.readAllBytes(written());
        var file = folder.resolve("cut.orv");
        for (int length = 0; length < bytes.length; length += 97) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> OrvClips.open(file).close())
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("cut.orv");
        }
    }

    @Test
    void aFlippedBitInFramesIsNamed() throws Exception {
        var file = written();
        var bytes = Files.readAllBytes(file);
        bytes[OrvLayout.HEAD + 20] ^= 4;
        Files.write(file, bytes);
        try (var clips = OrvClips.open(file)) {
            assertThatThrownBy(() -> clips.frames(0, 0, 1))
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("'wenig', frames from 0 on fail their checksum");
            assertThat(clips.frames(2, 0, 1)).isEqualTo(ClipsTest.frames(2, 1, 3)[0]);
        }
    }

    @Test
    void hostileFilesEndInAMessageAndAllocateLittle() throws Exception {
        var good = Files.readAllBytes(written());
        var file = folder.resolve("bad.orv");
        var mutations = new Mutations(20261128);
        for (int round = 0; round < 300; round++) {
            var bytes = mutations.bytes(good);
            if (round % 2 == 0) seal(bytes);
            Files.write(file, bytes);
            mutations.read(() -> readAll(file), round);
        }
        assertThat(mutations.refused()).isGreaterThan(150);
    }

    /// Makes the index's checksum right, as someone with intent would.
    private static void seal(byte[] bytes) {
        if (bytes.length < 64) return;
        var in = java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        long at = in.getLong(bytes.length - 32), length = in.getLong(bytes.length - 24);
        if (at < 32 || length < 0 || at + length != bytes.length - 32) return;
        in.putInt(
                bytes.length - 16,
                OrvLayout.crc(
                        Arrays.copyOf(bytes, 32),
                        Arrays.copyOfRange(bytes, (int) at, (int) (at + length))));
    }

    private static void readAll(Path file) {
        try (var clips = OrvClips.open(file)) {
            for (int e = 0; e < Math.min(5, clips.episodes().size()); e++) {
                clips.actions(e);
                int n = clips.episodes().get(e).frames();
                if (n > 0) clips.frames(e, Math.min(n - 1, 17), 1);
            }
        }
    }

    @Test
    void windowsReadTheSameFromDiskAsFromMemory() {
        var gathering = MemoryClips.gather(H, W, 12.5, List.of("stay", "gehe links"));
        ClipsTest.add(gathering, "wenig", ClipsTest.frames(0, 37, 3), new int[37]);
        ClipsTest.add(gathering, "viel", ClipsTest.frames(1, 20, 256));
        ClipsTest.add(gathering, "eins", ClipsTest.frames(2, 1, 3), 1);
        var memory = ClipWindows.of(gathering.done(), 8);
        try (var clips = OrvClips.open(written())) {
            var disk = ClipWindows.of(clips, 8);
            var windows = disk.draw(new java.util.Random(5), 40);
            assertThat(disk.batch(windows).rgb()).isEqualTo(memory.batch(windows).rgb());
            assertThat(disk.batch(windows).actions()).isEqualTo(memory.batch(windows).actions());
        }
    }
}
