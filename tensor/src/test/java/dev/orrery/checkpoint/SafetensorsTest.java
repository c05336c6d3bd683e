package dev.orrery.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {

    @TempDir Path folder;

    @Test
    void whatIsWrittenIsReadBack() {
        var file = folder.resolve("weights.safetensors");
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var type : DType.values())
            tensors.put(type.name(), Tensor.of(new long[] {0, 1, 1, 0, 1, 1}, 2, 3).to(type));
        tensors.put("scalar", Tensor.scalar(2.5, DType.F32));
        tensors.put("empty", Tensor.zeros(DType.F32, 0, 3));
        tensors.put("transposed", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).t());
        tensors.put("na\"me/ü", Tensor.of(new byte[] {1, -1}, 2));
        Safetensors.write(file, tensors, Map.of("format", "pt", "note", "a\nb"));

        var read = Safetensors.read(file);
        assertThat(read).containsOnlyKeys(tensors.keySet().toArray(String[]::new));
        read.forEach((name, tensor) -> {
            assertThat(tensor.dtype()).as(name).isEqualTo(tensors.get(name).dtype());
            assertThat(tensor.shape()).as(name).isEqualTo(tensors.get(name).shape());
            assertThat(tensor.toDoubles()).as(name).isEqualTo(tensors.get(name).toDoubles());
        });
        assertThat(Safetensors.inspect(file).getFirst().metadata()).containsEntry("note", "a\nb");
    }

    @Test
    void filesOfTheReferenceWriterAreWrittenBackToTheByte() throws IOException {
        var goldens = System.getProperty("orrery.goldens", "");
        var root = Path.of(goldens.isEmpty() ? "src/test/resources/fixtures" : goldens);
        try (var files = Files.walk(root)) {
            for (var file : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
                var copy = folder.resolve("copy.safetensors");
                var header = Safetensors.inspect(file).getFirst();
                try (var _ = TensorScope.open()) {
                    Safetensors.write(copy, Safetensors.read(file), header.metadata());
                }
                assertThat(Files.mismatch(file, copy)).as("%s", file).isEqualTo(-1);
            }
        }
    }

    @Test
    void equalMetadataMakesEqualFilesInEveryProcess() throws IOException {
        var file = folder.resolve("x.safetensors");
        var names = List.of("version", "system", "format", "base", "step", "seed", "data", "kind");
        var metadata = new HashMap<String, String>();
        for (var name : names) metadata.put(name, "x");
        Safetensors.write(file, Map.of(), Map.copyOf(metadata));
        assertThat(SafetensorsHeader.read(file).metadata().keySet())
                .containsExactlyElementsOf(names.stream().sorted().toList());
        var ordered = new LinkedHashMap<String, String>();
        for (var name : names) ordered.put(name, "x");
        Safetensors.write(file, Map.of(), ordered);
        assertThat(SafetensorsHeader.read(file).metadata().keySet())
                .containsExactlyElementsOf(names);
        Safetensors.write(file, Map.of(), SafetensorsHeader.read(file).metadata());
        assertThat(SafetensorsHeader.read(file).metadata().keySet())
                .containsExactlyElementsOf(names);
    }

    @Test
    void tensorsOutliveTheMapAndNeverChangeTheFile() throws IOException {
        var file = folder.resolve("weights.safetensors");
        Safetensors.write(file, Map.of("w", Tensor.arange(1000).to(DType.F32)));
        var before = Files.readAllBytes(file);
        Tensor view;
        try (var scope = TensorScope.open()) {
            view = scope.keep(Safetensors.read(file).get("w").narrow(0, 500, 2));
        }
        System.gc();
        assertThat(view.toFloats()).containsExactly(500, 501);
        view.add_(1.0);
        assertThat(view.toFloats()).containsExactly(501, 502);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        view.close();
    }

    @Test
    void filesBeyondTwoGigabytesAreMapped() throws IOException {
        long large = 3_000_000_000L;
        var header =
                ("{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
                                + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}  ")
                        .formatted(large, large, large, large + 4);
        var json = header.getBytes(StandardCharsets.UTF_8);
        var file = folder.resolve("large.safetensors");
        try (var sparse = new java.io.RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(8 + json.length + large + 4);
            sparse.write(
                    ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(json.length)
                            .array());
            sparse.write(json);
            sparse.seek(8 + json.length + large);
            sparse.writeInt(Integer.reverseBytes(Float.floatToIntBits(2.5f)));
        }
        try (var _ = TensorScope.open()) {
            var read = Safetensors.read(file);
            assertThat(read.get("a").numel()).isEqualTo(large);
            assertThat(read.get("a").narrow(0, large - 2, 2).toBytes()).containsExactly(0, 0);
            assertThat(read.get("b").item()).isEqualTo(2.5);
        }
    }

    @Test
    void filesLargerThanMemoryAreMapped() throws IOException {
        var system =
                (com.sun.management.OperatingSystemMXBean)
                        java.lang.management.ManagementFactory.getOperatingSystemMXBean();
        long each = 1L << 30, count = system.getTotalMemorySize() * 3 / 2 / each + 1;
        var header = new StringBuilder("{");
        for (long i = 0; i < count; i++) {
            header.append(
                    "%s\"t%d\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}"
                            .formatted(i == 0 ? "" : ",", i, each, i * each, (i + 1) * each));
        }
        header.append('}');
        while (header.length() % 8 != 0) header.append(' ');
        var json = header.toString().getBytes(StandardCharsets.UTF_8);
        var file = folder.resolve("huge.safetensors");
        try (var sparse = new java.io.RandomAccessFile(file.toFile(), "rw")) {
            sparse.write(
                    ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(json.length)
                            .array());
            sparse.write(json);
            sparse.setLength(8 + json.length + count * each);
            sparse.seek(8 + json.length + count * each - 1);
            sparse.write(7);
        }
        try (var _ = TensorScope.open()) {
            var last = Safetensors.read(file).get("t" + (count - 1));
            assertThat(last.narrow(0, each - 2, 2).toBytes()).containsExactly(0, 7);
        }
    }

    @Test
    void typesBeyondTensorsAreWidened() throws IOException {
        var header =
                "{\"u64\":{\"dtype\":\"U64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                        + "\"u32\":{\"dtype\":\"U32\",\"shape\":[1],\"data_offsets\":[8,12]},"
                        + "\"u16\":{\"dtype\":\"U16\",\"shape\":[1],\"data_offsets\":[12,14]},"
                        + "\"e4\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[14,18]},"
                        + "\"e5\":{\"dtype\":\"F8_E5M2\",\"shape\":[2],\"data_offsets\":[18,20]}}";
        var json = header.getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(8 + json.length + 20).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json).putLong(7).putInt(-1).putShort((short) -1);
        bytes.put((byte) 0x38).put((byte) 0x7e).put((byte) 0x81).put((byte) 0x7f);
        bytes.put((byte) 0x3c).put((byte) 0xfb);
        var file = Files.write(folder.resolve("wide.safetensors"), bytes.array());

        var read = Safetensors.read(file);
        assertThat(read.get("u64").toLongs()).containsExactly(7);
        assertThat(read.get("u32").toLongs()).containsExactly(4294967295L);
        assertThat(read.get("u16").toInts()).containsExactly(65535);
        assertThat(read.get("e4").toFloats()).containsExactly(1, 448, -0x1p-9f, Float.NaN);
        assertThat(read.get("e5").toFloats()).containsExactly(1, -57344);
    }

    @Test
    void shardsAreReadThroughTheirIndex() throws IOException {
        var tensors = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < 5; i++) tensors.put("layer." + i, Seed.of(i).normal(4, 8));
        Safetensors.writeShards(
                folder, tensors, Map.of("format", "pt"), Safetensors.AS_THEY_ARE, 300);
        assertThat(folder.resolve("model-00003-of-00003.safetensors")).exists();
        var read = Safetensors.read(folder);
        assertThat(read).containsOnlyKeys(tensors.keySet().toArray(String[]::new));
        read.forEach((name, t) -> assertThat(t.equal(tensors.get(name))).as(name).isTrue());

        var index = folder.resolve(ShardIndex.FILE_NAME);
        var good = Files.readString(index);
        Files.writeString(index, good.replace("\"layer.4\"", "\"layer.9\""));
        assertThatThrownBy(() -> Safetensors.read(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("layer.4")
                .hasMessageContaining("same place");
        Files.writeString(index, good.replace("model-00001-of-00003", "../model-00001-of-00003"));
        assertThatThrownBy(() -> Safetensors.read(folder)).hasMessageContaining("plain file name");
        Files.writeString(index, good);
        Files.delete(folder.resolve("model-00002-of-00003.safetensors"));
        assertThatThrownBy(() -> Safetensors.read(index)).hasMessageContaining("is missing");
    }

    @Test
    void noShardStaysIfNotAllCanBeWritten() throws IOException {
        var tensors = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < 3; i++) tensors.put("layer." + i, Seed.of(i).normal(4, 8));
        var inTheWay = folder.resolve("model-00003-of-00003.safetensors");
        Files.createDirectories(inTheWay.resolve("something"));
        assertThatThrownBy(() ->
                        Safetensors.writeShards(
                                folder, tensors, Map.of(), Safetensors.AS_THEY_ARE, 128))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(inTheWay.toString());
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(inTheWay);
        }
    }

    @Test
    void tensorsAreConvertedAsTheyAreWritten() {
        var file = folder.resolve("half.safetensors");
        var real = Tensor.of(new float[] {1, 2.5f, -3}, 3);
        Safetensors.write(
                file,
                Map.of("real", real, "whole", Tensor.of(new long[] {7}, 1)),
                Map.of(),
                type -> type == DType.F32 ? DType.BF16 : type);
        var read = Safetensors.read(file);
        assertThat(read.get("real").dtype()).isEqualTo(DType.BF16);
        assertThat(read.get("real").to(DType.F32).toFloats()).containsExactly(1, 2.5f, -3);
        assertThat(read.get("whole").toLongs()).containsExactly(7);
    }

    @Test
    void aFailedWriteNamesThePathAndLeavesTheOldFile() throws IOException {
        var file = folder.resolve("weights.safetensors");
        Safetensors.write(file, Map.of("w", Tensor.ones(3)));
        var before = Files.readAllBytes(file);
        assertThatThrownBy(() ->
                        AtomicFile.write(
                                file,
                                123456,
                                channel -> {
                                    channel.write(ByteBuffer.allocate(10));
                                    throw new IOException("No space left on device");
                                }))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("123456 bytes")
                .hasMessageContaining("No space left")
                .hasMessageContaining("bytes free there); free some space or choose");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
        assertThatThrownBy(() -> Safetensors.write(file.resolve("x"), Map.of()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("(a file is where a folder is needed); choose another");
    }

    @Test
    void everyFlippedBitOfACheckedFileIsFoundAndNamed() throws IOException {
        var file = folder.resolve("checked.safetensors");
        try (var _ = TensorScope.open()) {
            var tensors = new LinkedHashMap<String, Tensor>();
            tensors.put("model/weight", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
            tensors.put("model/none", Tensor.of(new float[0], 0, 4));
            tensors.put("steps", Tensor.of(new long[] {7}));
            Safetensors.writeChecked(file, tensors, Map.of("run", "a"));
            assertThat(Safetensors.read(file).get("steps").item()).isEqualTo(7);
        }
        var sound = Files.readAllBytes(file);
        var header = SafetensorsHeader.read(file);
        assertThat(Safetensors.check(header)).isTrue();
        for (var tensor : header.tensors()) {
            for (long bit = 8 * tensor.begin(); bit < 8 * tensor.end(); bit++) {
                var bytes = sound.clone();
                bytes[(int) (bit / 8)] ^= (byte) (1 << bit % 8);
                Files.write(file, bytes);
                assertThatThrownBy(() -> Safetensors.read(file))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining("'" + tensor.name() + "': has checksum")
                        .hasMessageNotContaining("\n");
            }
        }
    }

    @Test
    void aHeaderThatIsChangedNoLongerFitsItsChecksums() throws IOException {
        var file = folder.resolve("header.safetensors");
        try (var _ = TensorScope.open()) {
            Safetensors.writeChecked(
                    file, Map.of("w", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2)), Map.of());
        }
        var text = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        for (var change : new String[][] {{"F32", "I32"}, {"\"w\"", "\"v\""}, {"[2,2]", "[4,1]"}}) {
            assertThat(text).contains(change[0]);
            Files.writeString(
                    file,
                    text.replace(change[0], change[1]),
                    java.nio.charset.StandardCharsets.ISO_8859_1);
            assertThatThrownBy(() -> Safetensors.read(file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("has checksum");
        }
        var sums = SafetensorsHeader.read(file).metadata().get(Checksums.KEY);
        Files.writeString(
                file,
                text.replace(sums, "z" + sums.substring(1)),
                java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> Safetensors.read(file))
                .hasMessageContaining("does not hold a checksum for each tensor");
    }
}
