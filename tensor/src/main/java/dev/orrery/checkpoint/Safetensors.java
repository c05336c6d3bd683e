package dev.orrery.checkpoint;

import dev.orrery.tensor.Device;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

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

    private static final int ALIGNMENT = 8;
    private static final long PIECE = 256L << 20;
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
        var kept = ordered(metadata);
        kept.remove(CHECKSUMS);
        write(file, order(tensors), kept);
    }

    /// Maps without an order have another one in every process; files of equal content are equal.
    private static Map<String, String> ordered(Map<String, String> metadata) {
        return metadata instanceof SequencedMap
                ? new LinkedHashMap<>(metadata)
                : new TreeMap<>(metadata);
    }

    private static void write(
            Path file, List<Map.Entry<String, Tensor>> order, Map<String, String> metadata) {
        var header = header(file, order, metadata);
        long bytes = header.length;
        for (var entry : order) bytes += size(entry.getValue());
        AtomicFile.write(
                file,
                bytes,
                channel -> {
                    put(channel, ByteBuffer.wrap(header));
                    for (var entry : order) put(channel, entry.getValue());
                });
    }

    /// Writes tensors and metadata as [#write(Path, Map, Map)] does, with a checksum of each tensor
    /// in the metadata. [#read] compares them, so that a bit that flips on the disk is found.
    public static void writeChecked(
            Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        var order = order(tensors);
        var types = order.stream().map(entry -> stored(entry.getValue())).toList();
        var checked = ordered(metadata);
        checked.put(CHECKSUMS, Checksums.of(order, types));
        write(file, order, checked);
    }

    /// Writes tensors to a folder as shards of at most `shardBytes` each (a larger tensor gets one
    /// of its own), named and indexed as public checkpoints are. The index is written last.
    public static void writeShards(
            Path folder,
            Map<String, Tensor> tensors,
            Map<String, String> metadata,
            long shardBytes) {
        var shards = shards(tensors, shardBytes);
        var index = new LinkedHashMap<String, String>();
        for (int i = 0; i < shards.size(); i++) {
            var name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
            write(folder.resolve(name), shards.get(i), metadata);
            for (var tensor : shards.get(i).keySet()) index.put(tensor, name);
        }
        long total = tensors.values().stream().mapToLong(Safetensors::size).sum();
        var json = index(total, index);
        AtomicFile.write(
                folder.resolve(ShardIndex.FILE_NAME),
                json.length,
                channel -> put(channel, ByteBuffer.wrap(json)));
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

    private static List<Map<String, Tensor>> shards(Map<String, Tensor> tensors, long shardBytes) {
        var shards = new ArrayList<Map<String, Tensor>>();
        long room = 0;
        for (var entry : tensors.entrySet()) {
            long size = size(entry.getValue());
            if (shards.isEmpty() || size > room) {
                shards.add(new LinkedHashMap<>());
                room = shardBytes;
            }
            shards.getLast().put(entry.getKey(), entry.getValue());
            room -= size;
        }
        return shards;
    }

    private static List<Map.Entry<String, Tensor>> order(Map<String, Tensor> tensors) {
        return tensors.entrySet().stream()
                .sorted(
                        Comparator.comparing(
                                        (Map.Entry<String, Tensor> e) -> stored(e.getValue()),
                                        Comparator.reverseOrder())
                                .thenComparing(Map.Entry::getKey))
                .toList();
    }

    private static byte[] header(
            Path file, List<Map.Entry<String, Tensor>> order, Map<String, String> metadata) {
        var text = new ByteArrayOutputStream();
        try (var json = StrictJson.generator(text)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectPropertyStart(SafetensorsHeader.METADATA);
                metadata.forEach(json::writeStringProperty);
                json.writeEndObject();
            }
            long at = 0;
            for (var entry : order) {
                var tensor = entry.getValue();
                checkName(file, entry.getKey());
                json.writeObjectPropertyStart(entry.getKey());
                json.writeStringProperty("dtype", stored(tensor).name());
                var shape = tensor.shape();
                json.writeName("shape");
                json.writeArray(shape, 0, shape.length);
                json.writeName("data_offsets");
                json.writeArray(new long[] {at, at += size(tensor)}, 0, 2);
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        int padded = (text.size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        var header =
                ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES + padded)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(padded)
                        .put(text.toByteArray());
        while (header.hasRemaining()) header.put((byte) ' ');
        return header.array();
    }

    private static byte[] index(long total, Map<String, String> weights) {
        var text = new ByteArrayOutputStream();
        try (var json = StrictJson.generator(text)) {
            json.writeStartObject();
            json.writeObjectPropertyStart("metadata");
            json.writeNumberProperty("total_size", total);
            json.writeEndObject();
            json.writeObjectPropertyStart("weight_map");
            weights.forEach(json::writeStringProperty);
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toByteArray();
    }

    private static void checkName(Path file, String name) {
        if (name.equals(SafetensorsHeader.METADATA)
                || name.length() > 4096
                || !StrictJson.encodable(name))
            throw new CheckpointException(
                    file,
                    name,
                    "cannot be a tensor's name",
                    "use at most 4096 characters of valid Unicode, and not "
                            + SafetensorsHeader.METADATA);
    }

    private static StoredType stored(Tensor tensor) {
        return switch (tensor.dtype()) {
            case F32 -> StoredType.F32;
            case F64 -> StoredType.F64;
            case F16 -> StoredType.F16;
            case BF16 -> StoredType.BF16;
            case I8 -> StoredType.I8;
            case I16 -> StoredType.I16;
            case I32 -> StoredType.I32;
            case I64 -> StoredType.I64;
            case U8 -> StoredType.U8;
            case BOOL -> StoredType.BOOL;
        };
    }

    private static long size(Tensor tensor) {
        return tensor.numel() * stored(tensor).bytes();
    }

    private static void put(WritableByteChannel channel, Tensor tensor) throws IOException {
        if (tensor.numel() == 0) return;
        try (var _ = TensorScope.open()) {
            put(channel, tensor.detach().to(Device.CPU).contiguous().segment());
        }
    }

    private static void put(WritableByteChannel channel, MemorySegment data) throws IOException {
        for (long at = 0; at < data.byteSize(); at += PIECE)
            put(channel, data.asSlice(at, Math.min(PIECE, data.byteSize() - at)).asByteBuffer());
    }

    private static void put(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) channel.write(bytes);
    }
}
