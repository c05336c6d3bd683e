package dev.orrery.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Puts tensors into safetensors files: the bytes are those of the reference implementation.
final class SafetensorsWriter {

    private static final int ALIGNMENT = 8;

    private SafetensorsWriter() {}

    /// In the order of their data: larger types first, which keeps every tensor aligned, then by
    /// name.
    static List<WrittenTensor> ordered(List<WrittenTensor> tensors) {
        return tensors.stream()
                .sorted(
                        Comparator.comparing(WrittenTensor::type, Comparator.reverseOrder())
                                .thenComparing(WrittenTensor::name))
                .toList();
    }

    /// Writes one file, one tensor at a time.
    ///
    /// @param tensors as [#ordered] has them
    /// @throws CheckpointException when the file cannot be written; what was there before stays
    static void write(Path file, List<WrittenTensor> tensors, Map<String, String> metadata) {
        var header = header(file, tensors, metadata);
        long bytes = header.length + tensors.stream().mapToLong(WrittenTensor::bytes).sum();
        AtomicFile.write(
                file,
                bytes,
                channel -> {
                    put(channel, ByteBuffer.wrap(header));
                    for (var tensor : tensors) tensor.data(piece -> put(channel, piece));
                });
    }

    /// Writes shards and their index, which comes last; none of them stays if one cannot be
    /// written.
    static void writeShards(
            Path folder,
            List<WrittenTensor> tensors,
            Map<String, String> metadata,
            long shardBytes) {
        var shards = shards(tensors, shardBytes);
        var index = new LinkedHashMap<String, String>();
        var written = new ArrayList<Path>();
        try {
            for (int i = 0; i < shards.size(); i++) {
                var name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
                var file = folder.resolve(name);
                write(file, ordered(shards.get(i)), metadata);
                written.add(file);
                for (var tensor : shards.get(i)) index.put(tensor.name(), name);
            }
            var json = index(tensors.stream().mapToLong(WrittenTensor::bytes).sum(), index);
            AtomicFile.write(
                    folder.resolve(ShardIndex.FILE_NAME),
                    json.length,
                    channel -> put(channel, ByteBuffer.wrap(json)));
        } catch (CheckpointException e) {
            written.forEach(SafetensorsWriter::deleteQuietly);
            throw e;
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // that it could not be written matters more
            return;
        }
    }

    private static List<List<WrittenTensor>> shards(List<WrittenTensor> tensors, long shardBytes) {
        var shards = new ArrayList<List<WrittenTensor>>();
        long room = 0;
        for (var tensor : tensors) {
            if (shards.isEmpty() || tensor.bytes() > room) {
                shards.add(new ArrayList<>());
                room = shardBytes;
            }
            shards.getLast().add(tensor);
            room -= tensor.bytes();
        }
        return shards;
    }

    private static byte[] header(
            Path file, List<WrittenTensor> tensors, Map<String, String> metadata) {
        var text = new ByteArrayOutputStream();
        try (var json = StrictJson.generator(text)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectPropertyStart(SafetensorsHeader.METADATA);
                metadata.forEach(json::writeStringProperty);
                json.writeEndObject();
            }
            long at = 0;
            for (var tensor : tensors) {
                checkName(file, tensor.name());
                json.writeObjectPropertyStart(tensor.name());
                json.writeStringProperty("dtype", tensor.type().name());
                var shape = tensor.tensor().shape();
                json.writeName("shape");
                json.writeArray(shape, 0, shape.length);
                json.writeName("data_offsets");
                json.writeArray(new long[] {at, at += tensor.bytes()}, 0, 2);
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

    private static void put(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) channel.write(bytes);
    }
}
