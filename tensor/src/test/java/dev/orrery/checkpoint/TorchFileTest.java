package dev.orrery.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The files in `torch/` were written by PyTorch 2.13.
class TorchFileTest {

    private static final Path FILES = Path.of("src/test/resources/torch");

    private final TensorScope scope = TensorScope.open();

    @TempDir private Path folder;

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void everyTypeAndEveryViewIsReadAsItWas() {
        var all = Weights.read(FILES.resolve("state.bin"));
        assertThat(all.keySet())
                .containsExactly(
                        "net.weight",
                        "net.turned",
                        "net.column",
                        "half",
                        "brain",
                        "double",
                        "steps",
                        "bytes",
                        "flags",
                        "i32",
                        "none",
                        "u16");
        var weight = all.get("net.weight");
        assertThat(weight.shape()).containsExactly(3, 4);
        assertThat(weight.toFloats()[0]).isEqualTo(1.5409960746765137f);
        assertThat(all.get("net.turned").toFloats())
                .isEqualTo(weight.t().contiguous().toFloats())
                .hasSize(12);
        assertThat(all.get("net.column").toFloats())
                .isEqualTo(weight.select(1, 1).contiguous().toFloats());
        assertThat(all.get("half").dtype()).isEqualTo(DType.F16);
        assertThat(all.get("half").toFloats()).containsExactly(0, 1, 2, 3, 4);
        assertThat(all.get("brain").dtype()).isEqualTo(DType.BF16);
        assertThat(all.get("brain").toFloats()).containsExactly(1.5f, -2f);
        assertThat(all.get("double").toDoubles()).containsExactly(1 / 3.0);
        assertThat(all.get("steps").shape()).isEmpty();
        assertThat(all.get("steps").toLongs()).containsExactly(7);
        assertThat(all.get("bytes").to(DType.I64).toLongs()).containsExactly(1, 255);
        assertThat(all.get("flags").toBooleans()).containsExactly(true, false);
        assertThat(all.get("i32").to(DType.I64).toLongs()).containsExactly(-3);
        assertThat(all.get("none").shape()).containsExactly(0, 4);
        assertThat(all.get("u16").to(DType.I64).toLongs()).containsExactly(65_535);
    }

    @Test
    void whatLiesAroundAStateDictIsLeftOutAndNothingIsRun() {
        var all = Weights.read(FILES.resolve("trained.pt"));
        assertThat(all.keySet()).containsExactly("a.weight", "list.0", "list.1");
        assertThat(all.get("list.1").toFloats()).containsExactly(3, 3);
    }

    @Test
    void headersSayWhatIsThereWithoutReadingIt() {
        var header = Weights.inspect(FILES.resolve("state.bin")).getFirst();
        assertThat(header.tensors()).hasSize(12);
        var column = header.tensors().get(2);
        assertThat(column.shape()).containsExactly(3L);
        assertThat(column.type()).isEqualTo(StoredType.F32);
        assertThat(column.elements()).isEqualTo(3);
    }

    @Test
    void changingATensorLeavesTheFileAlone() throws IOException {
        var copy = folder.resolve("pytorch_model.bin");
        Files.copy(FILES.resolve("state.bin"), copy);
        var before = Files.readAllBytes(copy);
        Weights.read(folder).get("net.weight").fill_(9);
        assertThat(Files.readAllBytes(copy)).isEqualTo(before);
        assertThat(Weights.read(copy).get("net.weight").toFloats()[0]).isNotEqualTo(9);
    }

    @Test
    void foldersPreferSafetensorsAndShardsAreReadByTheirIndex() throws IOException {
        Files.copy(FILES.resolve("state.bin"), folder.resolve("one.bin"));
        Files.copy(FILES.resolve("trained.pt"), folder.resolve("two.bin"));
        var index = folder.resolve("pytorch_model.bin.index.json");
        Files.writeString(
                index, "{\"weight_map\": {\"half\": \"one.bin\", \"a.weight\": \"two.bin\"}}");
        assertThat(Weights.isAt(folder)).isTrue();
        assertThat(Weights.read(folder)).containsKeys("half", "a.weight", "net.weight");
        Files.writeString(index, "{\"weight_map\": {\"halves\": \"one.bin\"}}");
        assertThatThrownBy(() -> Weights.read(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("halves")
                .hasMessageContaining("in none of the shards");
        Safetensors.write(folder.resolve("model.safetensors"), Map.of("only", Tensor.ones(1)));
        assertThat(Weights.read(folder)).containsOnlyKeys("only");
    }

    @Test
    void whatWasReadIsWrittenAgainAsOneSafetensorsFile() {
        assertThat(Weights.safe(Path.of("pytorch_model-00002-of-00002.bin")))
                .isEqualTo("model.safetensors");
        assertThat(Weights.safe(Path.of("model-00002-of-00002.safetensors")))
                .isEqualTo("model-00002-of-00002.safetensors");
    }

    @Test
    void filesThatAreNoneAreRefusedByName() throws IOException {
        wrong(FILES.resolve("missing.pt"), "does not exist");
        wrong(FILES.resolve("old.pt"), "is no zip file", "save it again");
        wrong(FILES.resolve("opaque.pt"), "holds no tensors");
        wrong(changed(all -> all.remove("state/data.pkl")), "holds no data.pkl");
        wrong(changed(all -> all.remove("state/data/0")), "net.weight", "data/0, which is missing");
        wrong(
                changed(all -> all.put("state/data/0", new byte[8])),
                "net.weight",
                "has 8 bytes of its 12 numbers");
        wrong(
                changed(all -> all.put("state/byteorder", "big".getBytes(StandardCharsets.UTF_8))),
                "byteorder");
        var whole = Files.readAllBytes(FILES.resolve("state.bin"));
        for (int length : new int[] {0, 1, 100, whole.length / 2, whole.length - 1}) {
            var cut = folder.resolve("cut-%d.bin".formatted(length));
            Files.write(cut, java.util.Arrays.copyOf(whole, length));
            wrong(cut, "is no zip file");
        }
    }

    @Test
    void damagedPicklesAreRefusedWhateverTheByte() throws IOException {
        var pickle = entries(FILES.resolve("state.bin")).get("state/data.pkl");
        for (int at = 0; at < pickle.length; at += 7) {
            var damaged = pickle.clone();
            damaged[at] ^= 0x55;
            var file = changed(all -> all.put("state/data.pkl", damaged));
            try (var _ = TensorScope.open()) {
                Weights.read(file);
            } catch (CheckpointException e) {
                assertThat(e).hasMessageContaining(file.getFileName().toString());
            }
            Files.delete(file);
        }
    }

    private static void wrong(Path file, String... parts) {
        assertThatThrownBy(() -> Weights.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(parts);
    }

    private static Map<String, byte[]> entries(Path file) throws IOException {
        var all = new LinkedHashMap<String, byte[]>();
        try (var zip = new ZipFile(file.toFile())) {
            for (var entry : zip.stream().toList())
                all.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
        }
        return all;
    }

    private interface Change {
        void to(Map<String, byte[]> entries);
    }

    private Path changed(Change change) throws IOException {
        var all = entries(FILES.resolve("state.bin"));
        change.to(all);
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var entry : all.entrySet()) {
                var stored = new ZipEntry(entry.getKey());
                var sum = new CRC32();
                sum.update(entry.getValue());
                stored.setMethod(ZipEntry.STORED);
                stored.setSize(entry.getValue().length);
                stored.setCrc(sum.getValue());
                zip.putNextEntry(stored);
                zip.write(entry.getValue());
            }
        }
        var file = Files.createTempFile(folder, "changed", ".bin");
        Files.write(file, bytes.toByteArray());
        return file;
    }
}
