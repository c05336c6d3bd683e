package dev.orrery.data.clips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.orrery.data.DatasetException;
import dev.orrery.data.Mutations;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JasmineChunksTest {

    private static final long[] KEY = {
        0x2f696c6567656952L, 0x0a7364726f636572L, 0x2f696c6567656952L, 0x0a7364726f636572L
    };

    /// The first 64 bytes of every Riegeli file, from its specification.
    private static final String SIGNATURE =
            "83af70d10d884a3f0000000000000000400000000000000091bac23c9287e1a9"
                    + "0000000000000000e19f13c0e9b1c37273000000000000000000000000000000";

    /// `pickle.dumps` of Python 3.11.7 and NumPy 2.4 of {"raw_video": 24 bytes from 0 on,
    /// "sequence_length": 2, "actions": numpy.array([3, 1])}, by protocol.
    private static final Map<Integer, String> PICKLES =
            Map.of(
                    4,
                    "gASV4gAAAAAAAAB9lCiMCXJhd192aWRlb5RDGAABAgMEBQYHCAkKCwwNDg8QERITFBUWF5SMD3NlcXVlbmNlX2xlbmd0aJRLAowHYWN0aW9uc5SMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5SMBW51bXB5lIwHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsChZRoCIwFZHR5cGWUk5SMAmk4lImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGKJQxADAAAAAAAAAAEAAAAAAAAAlHSUYnUu",
                    5,
                    "gAWVzQAAAAAAAAB9lCiMCXJhd192aWRlb5RDGAABAgMEBQYHCAkKCwwNDg8QERITFBUWF5SMD3NlcXVlbmNlX2xlbmd0aJRLAowHYWN0aW9uc5SME251bXB5Ll9jb3JlLm51bWVyaWOUjAtfZnJvbWJ1ZmZlcpSTlCiWEAAAAAAAAAADAAAAAAAAAAEAAAAAAAAAlIwFbnVtcHmUjAVkdHlwZZSTlIwCaTiUiYiHlFKUKEsDjAE8lE5OTkr/////Sv////9LAHSUYksChZSMAUOUdJRSlHUu");

    /// The same of {"raw_video": 12 zeros, "sequence_length": numpy.int64(1), "video_file_name":
    /// "a.mp4", "actions": [numpy.int32(7)]}.
    private static final String SCALARS =
            "gASV8wAAAAAAAAB9lCiMCXJhd192aWRlb5RDDAAAAAAAAAAAAAAAAJSMD3NlcXVlbmNlX2xlbmd0aJSMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAZzY2FsYXKUk5SMBW51bXB5lIwFZHR5cGWUk5SMAmk4lImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGJDCAEAAAAAAAAAlIaUUpSMD3ZpZGVvX2ZpbGVfbmFtZZSMBWEubXA0lIwHYWN0aW9uc5RdlGgGaAmMAmk0lImIh5RSlChLA2gNTk5OSv////9K/////0sAdJRiQwQHAAAAlIaUUpRhdS4=";

    @TempDir Path folder;

    private static byte[] pickle(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    /// A record as jasmine's scripts make it, of any length.
    private static byte[] record(int frames, int side, int seed) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 4, '}', '('});
        out.writeBytes(new byte[] {(byte) 0x8c, 9});
        out.writeBytes("raw_video".getBytes(StandardCharsets.US_ASCII));
        var video = new byte[frames * side * side * 3];
        new java.util.Random(seed).nextBytes(video);
        out.write('B');
        out.writeBytes(little(4).putInt(video.length).array());
        out.writeBytes(video);
        out.writeBytes(new byte[] {(byte) 0x8c, 15});
        out.writeBytes("sequence_length".getBytes(StandardCharsets.US_ASCII));
        out.write('M');
        out.writeBytes(little(2).putShort((short) frames).array());
        out.writeBytes(new byte[] {'u', '.'});
        return out.toByteArray();
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Writes ArrayRecord as its specification says, one record a chunk.
    private static byte[] file(boolean zstd, byte[]... records) {
        var out = new Riegeli();
        for (var record : records) out.chunk(zstd, 0, record);
        long footer = out.length();
        out.chunk(zstd, 0, new byte[] {10, 0});
        out.fillBlock();
        var postscript = new ByteArrayOutputStream();
        postscript.write(8);
        varint(postscript, footer);
        postscript.write(16);
        varint(postscript, 0x71930e704fdae05eL);
        out.chunk(false, 0, postscript.toByteArray());
        out.fillBlock();
        return out.bytes.toByteArray();
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        while ((value & ~0x7fL) != 0) {
            out.write((int) (value & 0x7f | 0x80));
            value >>>= 7;
        }
        out.write((int) value);
    }

    private static final class Riegeli {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Riegeli() {
            bytes.writeBytes(HexFormat.of().parseHex(SIGNATURE));
        }

        long length() {
            return bytes.size();
        }

        private void put(byte[] data) {
            for (byte b : data) {
                if (bytes.size() % 65_536 == 0) bytes.writeBytes(new byte[24]);
                bytes.write(b);
            }
        }

        void chunk(boolean zstd, int padding, byte[] record) {
            var data = new ByteArrayOutputStream();
            var size = new ByteArrayOutputStream();
            varint(size, record.length);
            var sizes = packed(zstd, size.toByteArray());
            data.write(zstd ? 'z' : 0);
            varint(data, sizes.length);
            data.writeBytes(sizes);
            data.writeBytes(packed(zstd, record));
            var head = little(40);
            head.putLong(8, data.size()).putLong(16, HighwayHash.of(data.toByteArray(), KEY));
            head.putLong(24, 1L << 8 | 'r').putLong(32, record.length);
            head.putLong(0, HighwayHash.of(Arrays.copyOfRange(head.array(), 8, 40), KEY));
            put(head.array());
            put(data.toByteArray());
            put(new byte[padding]);
        }

        private static byte[] packed(boolean zstd, byte[] data) {
            if (!zstd) return data;
            var out = new ByteArrayOutputStream();
            varint(out, data.length);
            out.writeBytes(Zstd.compress(data));
            return out.toByteArray();
        }

        /// A padding chunk up to the next block.
        void fillBlock() {
            int left = 65_536 - bytes.size() % 65_536;
            if (left == 65_536) return;
            if (left < 40) throw new AssertionError("no room for a chunk's head");
            var head = little(40);
            head.putLong(8, left - 40).putLong(24, 'p');
            head.putLong(16, HighwayHash.of(new byte[left - 40], KEY));
            head.putLong(0, HighwayHash.of(Arrays.copyOfRange(head.array(), 8, 40), KEY));
            put(head.array());
            put(new byte[left - 40]);
        }
    }

    @Test
    void theHashIsThatOfTheSpecification() {
        var signature = HexFormat.of().parseHex(SIGNATURE);
        var in = ByteBuffer.wrap(signature).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(HighwayHash.of(Arrays.copyOfRange(signature, 8, 24), KEY))
                .isEqualTo(in.getLong(0));
        assertThat(HighwayHash.of(Arrays.copyOfRange(signature, 32, 64), KEY))
                .isEqualTo(in.getLong(24));
        assertThat(HighwayHash.of(new byte[0], KEY)).isEqualTo(in.getLong(40));
    }

    @Test
    void picklesOfPythonGiveTheirData() {
        PICKLES.forEach((protocol, text) -> {
            var map = (Map<?, ?>) Pickle.read(pickle(text));
            assertThat((byte[]) map.get("raw_video")).hasSize(24).startsWith(0, 1, 2);
            assertThat(map.get("sequence_length")).isEqualTo(2L);
            assertThat(map.get("actions")).as("protocol %d", protocol).isEqualTo(List.of(3L, 1L));
        });
        var map = (Map<?, ?>) Pickle.read(pickle(SCALARS));
        assertThat(map.get("sequence_length")).isEqualTo(1L);
        assertThat(map.get("actions")).isEqualTo(List.of(7L));
        assertThat(map.get("video_file_name")).isEqualTo("a.mp4");
    }

    @Test
    void aPickleThatWantsToRunSomethingIsRefusedByName() {
        var evil = "cos\nsystem\n(\u008c\u0004truetR.".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> Pickle.read(evil))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("asks for os.system");
        var sly = "cnumpy.f2py\ncompile\n.".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> Pickle.read(sly)).hasMessageContaining("numpy.f2py.compile");
    }

    @Test
    void recordsBecomeEpisodes() throws Exception {
        for (boolean zstd : new boolean[] {false, true}) {
            // Long enough to be interrupted by block headers.
            var file = folder.resolve("data_%s.array_record".formatted(zstd));
            Files.write(
                    file, file(zstd, record(40, 30, 1), pickle(PICKLES.get(4)), record(3, 30, 2)));
            assertThatThrownBy(() ->
                            JasmineChunks.survey(file, 30, 30)
                                    .write(
                                            MemoryClips.gather(
                                                    30, 30, 0, List.of("0", "1", "2", "3")),
                                            _ -> {}))
                    .hasMessageContaining("episode 1 has 2 frames in 24 bytes");
            Files.write(file, file(zstd, record(40, 30, 1), record(3, 30, 2)));
            var chunks = JasmineChunks.survey(file, 0, 0);
            assertThat(chunks.height()).isEqualTo(30);
            assertThat(chunks.frames()).isEqualTo(43);
            try (var clips = ClipFiles.open(file, ClipOptions.asTheyAre(), 10 << 20, _ -> {})) {
                assertThat(clips.episodes()).extracting(Clip::frames).containsExactly(40, 3);
                var wanted = new byte[40 * 2700];
                new java.util.Random(1).nextBytes(wanted);
                assertThat(clips.frames(0, 0, 40)).isEqualTo(wanted);
            }
        }
    }

    @Test
    void actionsComeWithTheirEpisode() throws Exception {
        var file = folder.resolve("a.array_record");
        Files.write(file, file(true, pickle(PICKLES.get(4)), pickle(PICKLES.get(5))));
        try (var clips = ClipFiles.open(folder, ClipOptions.asTheyAre(), 1 << 20, _ -> {})) {
            assertThat(clips.height()).isEqualTo(2);
            assertThat(clips.actionNames()).containsExactly("0", "1", "2", "3");
            assertThat(clips.actions(1)).containsExactly(3, 1);
        }
    }

    @Test
    void damagedFilesEndInAMessage() throws Exception {
        var good = file(true, record(4, 8, 1), pickle(PICKLES.get(5)));
        var file = folder.resolve("bad.array_record");
        var mutations = new Mutations(77);
        for (int round = 0; round < 100; round++) {
            Files.write(file, mutations.bytes(good));
            mutations.read(() -> JasmineChunks.survey(file, 8, 8), round);
        }
        assertThat(mutations.refused()).isGreaterThan(20);
        var pickles = new Mutations(78);
        for (int round = 0; round < 300; round++) {
            var bytes = pickles.bytes(pickle(PICKLES.get(4)));
            pickles.read(() -> Pickle.read(bytes), round);
        }
        assertThat(pickles.refused()).isGreaterThan(100);
    }
}
