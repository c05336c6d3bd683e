package dev.orrery.data.clips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.DatasetException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenDumpTest {

    @TempDir Path folder;

    private void write(int frames, int... segments) throws Exception {
        Files.writeString(
                folder.resolve("metadata.json"),
                "{\"num_images\": %d, \"s\": 2, \"token_dtype\": \"uint32\", \"hz\": 30}"
                        .formatted(frames));
        var tokens = ByteBuffer.allocate(16 * frames).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 4 * frames; i++) tokens.putInt(262_144 * (i % 2) - i);
        Files.write(folder.resolve("video.bin"), tokens.array());
        var ids = ByteBuffer.allocate(4 * segments.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int id : segments) ids.putInt(id);
        Files.write(folder.resolve("segment_ids.bin"), ids.array());
    }

    @Test
    void windowsStayWithinOneRecording() throws Exception {
        write(8, 3, 3, 3, 3, 4, 4, 9, 9);
        try (var dump = TokenDump.open(folder)) {
            assertThat(dump.windows(2, 1)).containsExactly(0, 1, 2, 4, 6);
            assertThat(dump.windows(2, 2)).containsExactly(0, 1);
            assertThat(dump.windows(4, 1)).containsExactly(0);
            assertThatThrownBy(() -> dump.windows(5, 1)).hasMessageContaining("no recording");
        }
    }

    @Test
    void recordingsThatRepeatANumberLaterAreNotJoined() throws Exception {
        write(5, 1, 1, 2, 1, 1);
        try (var dump = TokenDump.open(folder)) {
            assertThat(dump.windows(3, 2)).isEmpty();
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("no recording has 3 frames");
        }
    }

    @Test
    void tokensAreUnsigned() throws Exception {
        write(3, 0, 0, 0);
        try (var dump = TokenDump.open(folder)) {
            assertThat(dump.window(0, 2, 2))
                    .containsExactly(
                            0,
                            262_143,
                            (1L << 32) - 2,
                            262_141,
                            (1L << 32) - 8,
                            262_135,
                            (1L << 32) - 10,
                            262_133);
        }
    }

    @Test
    void filesThatDoNotFitTheMetadataAreNamed() throws Exception {
        write(3, 0, 0);
        assertThatThrownBy(() -> TokenDump.open(folder))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("segment_ids.bin")
                .hasMessageContaining("has 8 bytes; 3 frames need 12");
        Files.delete(folder.resolve("video.bin"));
        assertThatThrownBy(() -> TokenDump.open(folder))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("video.bin");
        Files.writeString(folder.resolve("metadata.json"), "{\"num_images\": -3}");
        assertThatThrownBy(() -> TokenDump.open(folder)).hasMessageContaining("num_images is -3");
    }
}
