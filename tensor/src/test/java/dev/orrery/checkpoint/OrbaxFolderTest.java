package dev.orrery.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Folders that Orbax 0.12 and TensorStore 0.1.85 wrote, see the README beside them.
class OrbaxFolderTest {

    private static final String NUMBER = "params.PaliGemma.img.embedding.bias.value";

    @TempDir Path folder;

    private static Path written(String name) throws Exception {
        return Path.of(OrbaxFolderTest.class.getResource("/orbax/" + name).toURI());
    }

    /// A copy that may be damaged.
    private Path copy(String name) throws Exception {
        var from = written(name);
        var to = folder.resolve(name);
        try (var files = Files.walk(from)) {
            for (var file : (Iterable<Path>) files::iterator) {
                var other = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) Files.createDirectories(other);
                else Files.copy(file, other);
            }
        }
        return to;
    }

    private static byte[] bits(Tensor tensor) {
        return tensor.numel() == 0
                ? new byte[0]
                : tensor.contiguous().segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    private static void requireEqual(Map<String, Tensor> read, Map<String, Tensor> wanted) {
        assertThat(read.keySet()).containsExactlyInAnyOrderElementsOf(wanted.keySet());
        wanted.forEach((name, tensor) -> {
            assertThat(read.get(name).dtype()).as(name).isEqualTo(tensor.dtype());
            assertThat(read.get(name).shape()).as(name).isEqualTo(tensor.shape());
            assertThat(bits(read.get(name))).as(name).isEqualTo(bits(tensor));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"ocdbt", "zarr3", "plain"})
    void aTreeComesBackBitForBit(String name) throws Exception {
        try (var _ = TensorScope.open()) {
            var wanted = Safetensors.read(written("values.safetensors"));
            var read = Weights.read(written(name));
            requireEqual(read, wanted);
            assertThat(read.get("params/PaliGemma/llm/embedder/input_embedding/value").dtype())
                    .isEqualTo(DType.BF16);
            var header = Weights.inspect(written(name)).getFirst();
            assertThat(header.tensors()).hasSize(wanted.size());
            var words =
                    header.tensors().stream()
                            .filter(t -> t.name().equals("params/words/value"))
                            .findFirst()
                            .orElseThrow();
            assertThat(words.type()).isEqualTo(StoredType.U32);
            assertThat(words.shape()).containsExactly(2L);
            assertThat(words.bytes()).isEqualTo(8);
        }
    }

    /// Small nodes in a tree of several floors and six versions, and numbered manifests without
    /// compression: Fortran order, every codec, shards, chunks that are not stored.
    @ParameterizedTest
    @ValueSource(strings = {"generations", "numbered"})
    void theNewestVersionOfAStoreComesBack(String name) throws Exception {
        try (var _ = TensorScope.open()) {
            requireEqual(
                    Weights.read(written(name)), Safetensors.read(written(name + ".safetensors")));
        }
    }

    @Test
    void aTreeIsFoundWhereItsFolderLies() throws Exception {
        var tree = copy("ocdbt");
        var checkpoint = Files.createDirectories(folder.resolve("checkpoint"));
        assertThat(Weights.isAt(checkpoint)).isFalse();
        Files.move(tree, checkpoint.resolve("params"));
        assertThat(Weights.isAt(checkpoint)).isTrue();
        assertThat(Weights.inspect(checkpoint).getFirst().tensors()).hasSize(14);
    }

    @Test
    void whatIsKeptReplacesAnArray() throws Exception {
        try (var _ = TensorScope.open()) {
            var kept =
                    Weights.read(
                            written("ocdbt"),
                            (name, tensor) ->
                                    tensor.dtype() == DType.F32
                                            ? Map.of(name + "!", tensor.to(DType.BF16))
                                            : Map.of());
            assertThat(kept).hasSize(7).containsKey("params/list/1/value!");
            assertThat(kept.values()).allMatch(t -> t.dtype() == DType.BF16);
        }
    }

    private static void requireRefused(Path tree, String... words) {
        try (var _ = TensorScope.open()) {
            var thrown =
                    assertThatThrownBy(() -> Weights.read(tree))
                            .isInstanceOf(CheckpointException.class);
            for (var word : words) thrown.hasMessageContaining(word);
        }
    }

    private static List<Path> data(Path tree) throws IOException {
        try (var files = Files.walk(tree)) {
            return files.filter(f -> f.getParent().endsWith("d")).sorted().toList();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0; starts with",
                "4; its header says",
                "12; does not have its checksum",
                "40; does not have its checksum",
            })
    void aManifestWithAnyBitChangedIsRefused(int at, String problem) throws Exception {
        var tree = copy("ocdbt");
        var file = tree.resolve("manifest.ocdbt");
        var bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.write(file, bytes);
        requireRefused(tree, "manifest.ocdbt: 'manifest'", problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "12; 7; is of version 7",
                "13; 9; is compressed by method 9",
            })
    void unknownVersionsAndMethodsAreNamed(int at, int value, String problem) throws Exception {
        var tree = copy("ocdbt");
        var file = tree.resolve("manifest.ocdbt");
        var bytes = Files.readAllBytes(file);
        bytes[at] = (byte) value;
        signed(bytes);
        Files.write(file, bytes);
        requireRefused(tree, "manifest", problem);
    }

    private static void signed(byte[] block) {
        var sum = new CRC32C();
        sum.update(block, 0, block.length - 4);
        ByteBuffer.wrap(block)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(block.length - 4, (int) sum.getValue());
    }

    @Test
    void cutOffManifestsAndFilesAreRefused() throws Exception {
        var tree = copy("ocdbt");
        var file = tree.resolve("manifest.ocdbt");
        var whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            requireRefused(tree, "manifest");
        }
        Files.write(file, whole);
        var root = data(tree).getFirst();
        Files.write(root, Arrays.copyOf(Files.readAllBytes(root), 50));
        requireRefused(tree, root.getFileName().toString(), "has 50 bytes");
        Files.delete(root);
        requireRefused(tree, root.getFileName().toString(), "is missing");
    }

    /// Whatever byte of a database is changed, reading it ends with the numbers or a plain refusal.
    @ParameterizedTest
    @ValueSource(strings = {"generations", "zarr3"})
    void noDamageEndsInAnythingElse(String name) throws Exception {
        var tree = copy(name);
        int refused = 0;
        for (var data : data(tree)) {
            var whole = Files.readAllBytes(data);
            for (int at = 0; at < whole.length; at += 151) {
                var bytes = whole.clone();
                bytes[at] ^= (byte) (1 + at % 255);
                Files.write(data, bytes);
                try (var _ = TensorScope.open()) {
                    Weights.read(tree);
                } catch (CheckpointException _) {
                    refused++;
                }
            }
            Files.write(data, whole);
        }
        assertThat(refused).isGreaterThan(10);
    }

    @Test
    void filesOutsideTheFolderAreNotRead() throws Exception {
        var tree = Files.createDirectories(folder.resolve("tree"));
        Files.writeString(folder.resolve("other"), "x".repeat(100));
        var body = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        body.put(new byte[16]).put(new byte[] {0, 0, 0, 0, 0});
        body.put((byte) 1).put((byte) 8).put((byte) 0);
        body.put("../other".getBytes(StandardCharsets.UTF_8));
        body.put(new byte[] {1, 1, 0, 0, 0, 50, 1, 0, 0}).putLong(0).put((byte) 0);
        Files.write(tree.resolve("manifest.ocdbt"), block(0x0cdb3a2a, body.flip()));
        requireRefused(tree, "names the file '../other', which is not in the folder");
    }

    private static byte[] block(int magic, ByteBuffer body) {
        var bytes = ByteBuffer.allocate(14 + body.remaining() + 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(Integer.reverseBytes(magic)).putLong(bytes.capacity()).putShort((short) 0);
        bytes.put(body);
        signed(bytes.array());
        return bytes.array();
    }

    private void requireRefusedAfter(String file, Map<String, String> edits, String... words)
            throws Exception {
        var tree = copy("plain");
        var changed = Files.readString(tree.resolve(file));
        for (var edit : edits.entrySet()) {
            assertThat(changed).contains(edit.getKey());
            changed = changed.replace(edit.getKey(), edit.getValue());
        }
        Files.writeString(tree.resolve(file), changed);
        requireRefused(tree, words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "\"<f4\"; \">f4\"; '>f4' is not read",
                "\"<f4\"; \"<c8\"; '<c8' is not read",
                "\"zstd\"; \"blosc\"; 'blosc' is not read",
                "\"zarr_format\":2; \"zarr_format\":1; zarr_format is 1",
                "\"chunks\":[5]; \"chunks\":[0]; chunks are [0]",
                "\"chunks\":[5]; \"chunks\":[5,5]; chunks are [5, 5]",
                "\"shape\":[5]; \"shape\":[-5]; shape has -5",
                "\"shape\":[5]; \"shape\":[99999999999999]; is more than",
                "\"shape\":[5]; \"shape\":[4]; has the shape [5]",
                "\"shape\":[5]; \"shape\":[6]; is missing",
                "\"filters\":null; \"filters\":[{}]; filters are set",
                "\"chunks\":[5]; \"chunks\":[6]; ends too early",
                "\"<f4\"; \"<f2\"; goes on after its last number",
                "{; [; is not",
            })
    void aDescriptionThatIsNotUnderstoodIsRefused(String old, String now, String problem)
            throws Exception {
        requireRefusedAfter(NUMBER + "/.zarray", Map.of(old, now), NUMBER, problem);
    }

    @Test
    void treesThatDifferFromWhatIsStoredAreRefused() throws Exception {
        var other = Map.of("\"bias\"", "\"bios\"");
        requireRefusedAfter(
                "_METADATA",
                other,
                "params.PaliGemma.img.embedding.bios.value",
                "no such array is stored");
    }

    @Test
    void arraysThatTheTreeDoesNotNameAreRefused() throws Exception {
        var tree = copy("plain");
        var more = Files.createDirectories(tree.resolve("more"));
        Files.copy(tree.resolve(NUMBER + "/.zarray"), more.resolve(".zarray"));
        requireRefused(tree, "_METADATA", "'more'", "is not in the tree");
    }

    @Test
    void chunksThatAreNotThereAreRefusedWhereAllAreStored() throws Exception {
        var tree = copy("plain");
        Files.delete(tree.resolve(NUMBER + "/0"));
        requireRefused(tree, NUMBER + "/0", "is missing");
    }

    @Test
    void packedNumbersThatAreDamagedAreRefused() throws Exception {
        var tree = copy("plain");
        Files.write(tree.resolve(NUMBER + "/0"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        requireRefused(tree, NUMBER + "/0", "cannot be read");
    }

    @Test
    void treesOfOldAreRefusedByName() throws Exception {
        var tree = copy("generations");
        Files.write(tree.resolve("checkpoint"), new byte[] {(byte) 0x80});
        requireRefused(tree, "checkpoint", "MessagePack");
    }

    @Test
    void aFolderWithoutArraysIsRefused() throws Exception {
        var tree = Files.createDirectories(folder.resolve("empty"));
        Files.writeString(tree.resolve("_METADATA"), "{\"tree_metadata\": {}}");
        requireRefused(tree, "holds no arrays");
    }
}
