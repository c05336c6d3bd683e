package dev.orrery.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsHeaderTest {

    @TempDir Path folder;

    @Test
    void listsTensorsInTheOrderOfTheirData() throws IOException {
        var file =
                file(
                        "{\"__metadata__\":{\"format\":\"pt\"},"
                                + "\"b\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[24,32]},"
                                + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}   ",
                        32);
        var header = SafetensorsHeader.read(file);
        assertThat(header.metadata()).containsExactly(java.util.Map.entry("format", "pt"));
        assertThat(header.tensors())
                .extracting(StoredTensor::name, StoredTensor::type, StoredTensor::shape)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", StoredType.F32, List.of(2L, 3L)),
                        org.assertj.core.groups.Tuple.tuple("b", StoredType.I64, List.of()));
        assertThat(header.bytes()).isEqualTo(32);
    }

    @Test
    void emptyTensorsAndEmptyFilesAreAllowed() throws IOException {
        assertThat(SafetensorsHeader.read(file("{}", 0)).tensors()).isEmpty();
        var empty =
                "{\"e\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[0,0]},"
                        + "\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
        assertThat(SafetensorsHeader.read(file(empty, 1)).tensors()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}|9|after the last",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}|7|has 7 bytes of data",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}|8|data_offsets [8, 0]",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}|8|12 bytes",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}|8|negative",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-0],\"data_offsets\":[0,0]}}|0|negative",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}|8|whole numbers",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}}|8|whole numbers",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[[2]],\"data_offsets\":[0,8]}}|8|whole numbers",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}|8|needs an array",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":null,\"data_offsets\":[0,8]}}|8|found null",
                "{\"a\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}}|8|unknown dtype",
                "{\"a\":{\"dtype\":\"f32\",\"shape\":[2],\"data_offsets\":[0,8]}}|8|unknown dtype",
                "{\"a\":{\"dtype\":7,\"shape\":[2],\"data_offsets\":[0,8]}}|8|needs a string",
                "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}|8|no dtype",
                "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}|4|no shape",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}|8|two data_offsets",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}|8|two data_offsets",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,9]}}|8|more than 2",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}|8|unknown field 'x'",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}|0|overflows",
                "{\"a\":{\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,0]}}|0|overflows",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[18446744073709551616],\"data_offsets\":[0,0]}}|0|64 bits",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}|3|overlaps",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}|2|overlaps",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[3,5]}}|5|hole",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}|3|hole",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}|1|uplicate",
                "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}|1|uplicate",
                "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}|0|uplicate",
                "{\"__metadata__\":{\"a\":1}}|0|needs a string",
                "{\"__metadata__\":{\"a\":null}}|0|needs a string",
                "{\"__metadata__\":[]}|0|needs an object",
                "{\"__metadata__\":null}|0|needs an object",
                "{\"a\":[]}|0|needs an object",
                "{\"a\":{}}|0|no dtype",
                "[]|0|does not start with '{'",
                "{} x|0|strict JSON",
                "{}{}|0|goes on",
                "{|0|strict JSON",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],}}|1|strict JSON",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[01],\"data_offsets\":[0,1]}}|1|strict JSON",
                "{'a':1}|0|strict JSON",
                "{/**/}|0|strict JSON",
                "{\"\\ud800\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}|1|strict JSON",
            })
    void refusesEveryMalformedHeader(String json, int data, String problem) throws IOException {
        refused(file(json, data), problem);
    }

    @Test
    void refusesLengthsThatTheFileCannotHold() throws IOException {
        refused(raw(new byte[0]), "fewer than a header's 8");
        refused(raw(new byte[7]), "fewer than a header's 8");
        refused(file(" {}", 0), "does not start with '{'");
        refused(raw(length(0)), "does not start with '{'");
        refused(raw(length(Long.MIN_VALUE)), "9223372036854775808 bytes");
        refused(raw(length(-1)), "18446744073709551615 bytes");
        refused(raw(length(100_000_001)), "the format allows 100000000");
        refused(raw(length(100_000_000)), "has 0 after the length");
        refused(folder, "is a folder");
        refused(folder.resolve("none.safetensors"), "does not exist");
    }

    @Test
    void refusesTextThatIsNotUtf8() throws IOException {
        refused(file(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}, 0), "strict JSON");
        var wide = "{}".getBytes(StandardCharsets.UTF_16LE);
        refused(file(wide, 0), "strict JSON");
    }

    @Test
    void aHostileHeaderCostsLittleMemory() throws IOException {
        assertCheap(file("{\"a\":" + "[".repeat(1_000_000), 0), "an array");
        assertCheap(hugeRepeated("[", 90_000_000), "an array");
        assertCheap(hugeEntries(), "10 MB");
        assertCheap(hugeName(), "strict JSON");
    }

    private static void assertCheap(Path file, String problem) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        refused(file, problem);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64L << 20);
    }

    @Test
    void aDamagedFileIsEitherReadOrRefusedInOneLine() throws IOException {
        var good = Files.readAllBytes(good());
        long seed = new SplittableRandom().nextLong();
        System.err.println("header fuzz seed " + seed);
        var random = new SplittableRandom(seed);
        int header = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong() + 8;
        for (int i = 0; i < 3000; i++) {
            var bad = good.clone();
            if (i % 3 == 0) bad = Arrays.copyOf(good, random.nextInt(good.length));
            else
                for (int flips = 1 + random.nextInt(3); flips > 0; flips--)
                    bad[random.nextInt(header)] ^= (byte) (1 << random.nextInt(8));
            var file = raw(bad);
            try {
                for (var tensor : SafetensorsHeader.read(file).tensors())
                    assertThat(tensor.end()).isLessThanOrEqualTo(bad.length);
                assertThat(i % 3).as("a truncated file was accepted").isNotZero();
            } catch (CheckpointException e) {
                assertThat(e.getMessage()).startsWith(file.toString()).doesNotContain("\n");
            }
        }
    }

    private Path good() throws IOException {
        return file(
                "{\"__metadata__\":{\"format\":\"pt\"},"
                        + "\"b\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[24,32]},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}",
                32);
    }

    private static void refused(Path file, String problem) {
        assertThatThrownBy(() -> SafetensorsHeader.read(file))
                .isInstanceOf(CheckpointException.class)
                .message()
                .startsWith(file.toString())
                .doesNotContain("\n")
                .contains(problem);
    }

    private Path hugeRepeated(String piece, int count) throws IOException {
        return stream(
                count + 5L,
                out -> {
                    out.write("{\"a\":".getBytes(StandardCharsets.US_ASCII));
                    var block = piece.repeat(1000).getBytes(StandardCharsets.US_ASCII);
                    for (int i = 0; i < count / 1000; i++) out.write(block);
                });
    }

    private Path hugeEntries() throws IOException {
        var last = "\"z\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}";
        int count = 1_000_000;
        return stream(
                1 + count * 61L + last.length(),
                out -> {
                    out.write('{');
                    for (int i = 0; i < count; i++)
                        out.write(
                                "\"t%07d\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},    "
                                        .formatted(i)
                                        .substring(0, 61)
                                        .getBytes(StandardCharsets.US_ASCII));
                    out.write(last.getBytes(StandardCharsets.US_ASCII));
                });
    }

    private Path hugeName() throws IOException {
        return stream(
                50_000_002L,
                out -> {
                    out.write("{\"".getBytes(StandardCharsets.US_ASCII));
                    var block = "n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
                    for (int i = 0; i < 50_000; i++) out.write(block);
                });
    }

    private interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    private Path stream(long headerLength, Body body) throws IOException {
        var file = Files.createTempFile(folder, "huge", ".safetensors");
        try (var out = new java.io.BufferedOutputStream(Files.newOutputStream(file))) {
            out.write(length(headerLength));
            body.writeTo(out);
        }
        return file;
    }

    private Path file(String json, int data) throws IOException {
        return file(json.getBytes(StandardCharsets.UTF_8), data);
    }

    private Path file(byte[] header, int data) throws IOException {
        var all = ByteBuffer.allocate(8 + header.length + data).order(ByteOrder.LITTLE_ENDIAN);
        return raw(all.putLong(header.length).put(header).array());
    }

    private Path raw(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("bad.safetensors"), bytes);
    }

    private static byte[] length(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    }
}
