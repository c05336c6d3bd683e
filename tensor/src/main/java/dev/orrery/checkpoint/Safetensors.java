package dev.orrery.checkpoint;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// Named tensors in safetensors files, the format in which weights are exchanged.
///
/// Reading maps the file into memory without copying, whatever its size: a tensor's pages are
/// fetched when it is first used. The mapping stays while any tensor, or any view of one, lives,
/// and is given back after the last is freed. Changing such a tensor in place never changes the
/// file. (Files that the process may not write, and tensors that a foreign writer did not align,
/// are copied instead.) While mapped, a file must not be shortened by others; replace it by
/// renaming, as [#write] does. Tensors read inside a [TensorScope] belong to it, like any others.
///
/// Types beyond [DType] are widened: U16 to I32, U32 and U64 to I64, both 8-bit floats to F32.
///
/// Source: the safetensors format description; writing gives the same bytes as the reference
/// implementation.
public final class Safetensors {

    /// The key of the metadata under which [#writeChecked] keeps checksums.
    public static final String CHECKSUMS = Checksums.KEY;

    /// Tensors keep their types.
    public static final UnaryOperator<DType> AS_THEY_ARE = UnaryOperator.identity();

    static final String SINGLE = "model.safetensors";

    private Safetensors() {}

    /// Reads all tensors of `path`: a file, a shard index, or a folder holding `model.safetensors`
    /// or its shard index.
    ///
    /// @return tensors by name, in the order of the file
    /// @throws CheckpointException for a missing or malformed file, or one whose data do not fit
    ///   the checksums that [#writeChecked] put there
    public static Map<String, Tensor> read(Path path) {
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var header : inspect(path)) {
            if (header.tensors().isEmpty()) continue;
            var file = MappedFile.open(header);
            file.check(header);
            for (var entry : header.tensors()) tensors.put(entry.name(), file.tensor(entry));
        }
        return tensors;
    }

    /// What `path`, chosen as in [#read], holds, one header for each file, without touching the
    /// data.
    public static List<SafetensorsHeader> inspect(Path path) {
        var file = resolve(path);
        if (file.toString().endsWith(".json")) return ShardIndex.read(file).headers();
        return List.of(SafetensorsHeader.read(file));
    }

    /// Compares the data of a file with its checksums.
    ///
    /// @return whether it has any
    /// @throws CheckpointException naming the first tensor that differs
    public static boolean check(SafetensorsHeader header) {
        if (!Checksums.has(header)) return false;
        MappedFile.open(header).check(header);
        return true;
    }

    /// Writes tensors, wherever they are, to one file; see [#write(Path, Map, Map)].
    public static void write(Path file, Map<String, Tensor> tensors) {
        write(file, tensors, Map.of());
    }

    /// Writes tensors and metadata to one file, atomically: at any moment the file is either the
    /// old one or the new one, whole. Tensors are streamed one at a time. Checksums of other data
    /// in the metadata are left out.
    ///
    /// @throws CheckpointException when the file cannot be written
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        write(file, tensors, metadata, AS_THEY_ARE);
    }

    /// The same in other types; each tensor is converted when its turn comes.
    ///
    /// @param types the type in which one of a type is written
    public static void write(
            Path file,
            Map<String, Tensor> tensors,
            Map<String, String> metadata,
            UnaryOperator<DType> types) {
        var order = SafetensorsWriter.ordered(written(tensors, types));
        SafetensorsWriter.write(file, order, unchecked(metadata));
    }

    /// Writes tensors and metadata as [#write(Path, Map, Map)] does, with a checksum of each tensor
    /// in the metadata. [#read] compares them, so that a bit that flips on the disk is found.
    public static void writeChecked(
            Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        var order = SafetensorsWriter.ordered(written(tensors, AS_THEY_ARE));
        var checked = ordered(metadata);
        checked.put(CHECKSUMS, Checksums.of(order));
        SafetensorsWriter.write(file, order, checked);
    }

    /// Writes tensors to a folder as shards of at most `shardBytes` each (a larger tensor gets one
    /// of its own), named and indexed as public checkpoints are. The index is written last, and no
    /// shard stays if not all can be written.
    ///
    /// @param types as for a single file
    /// @throws CheckpointException when a file cannot be written
    public static void writeShards(
            Path folder,
            Map<String, Tensor> tensors,
            Map<String, String> metadata,
            UnaryOperator<DType> types,
            long shardBytes) {
        SafetensorsWriter.writeShards(
                folder, written(tensors, types), unchecked(metadata), shardBytes);
    }

    private static List<WrittenTensor> written(
            Map<String, Tensor> tensors, UnaryOperator<DType> types) {
        return tensors.entrySet().stream()
                .map(e ->
                        new WrittenTensor(
                                e.getKey(), e.getValue(), types.apply(e.getValue().dtype())))
                .toList();
    }

    /// Maps without an order have another one in every process; files of equal content are equal.
    private static Map<String, String> ordered(Map<String, String> metadata) {
        return metadata instanceof SequencedMap
                ? new LinkedHashMap<>(metadata)
                : new TreeMap<>(metadata);
    }

    private static Map<String, String> unchecked(Map<String, String> metadata) {
        var kept = ordered(metadata);
        kept.remove(CHECKSUMS);
        return kept;
    }

    /// Whether a folder holds `model.safetensors` or its shard index.
    static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(SINGLE))
                || Files.exists(folder.resolve(ShardIndex.FILE_NAME));
    }

    private static Path resolve(Path path) {
        if (!Files.isDirectory(path)) return path;
        var single = path.resolve(SINGLE);
        if (Files.exists(single)) return single;
        var index = path.resolve(ShardIndex.FILE_NAME);
        if (Files.exists(index)) return index;
        throw new CheckpointException(
                path,
                "",
                "holds neither %s nor %s".formatted(SINGLE, ShardIndex.FILE_NAME),
                "name the file to read");
    }
}
