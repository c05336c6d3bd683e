package dev.orrery.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// What a safetensors file says it holds, checked in full before a byte of data is touched.
///
/// A file is an unsigned little-endian 64-bit N, then N bytes of JSON, then the data. The header is
/// read as a stream and what is kept of it is bounded, so a hostile file of any size costs little
/// memory. Refused: N beyond the file or 100 MB, text that is not strict JSON in UTF-8, repeated
/// keys, unknown fields or types, sizes that are negative or overflow, ranges that do not equal
/// shape × type, ranges that overlap or leave holes, and bytes after the last tensor.
///
/// @param file the file
/// @param metadata the `__metadata__` strings
/// @param tensors every tensor, in the order of its data
public record SafetensorsHeader(
        Path file, Map<String, String> metadata, List<StoredTensor> tensors) {

    static final String METADATA = "__metadata__";
    static final int LENGTH_BYTES = 8;
    static final long LONGEST_HEADER = 100_000_000;

    private static final int MOST_AXES = 64;
    private static final long MOST_KEPT = 10L << 20;
    private static final String DAMAGED = "fetch or save the file again, it is damaged";

    public SafetensorsHeader {
        metadata = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metadata));
        tensors = List.copyOf(tensors);
    }

    /// Reads and checks the header of `file`.
    ///
    /// @throws CheckpointException naming the file, the key and the fault
    public static SafetensorsHeader read(Path file) {
        if (Files.isDirectory(file))
            throw new CheckpointException(file, "", "is a folder", "name the file inside it");
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new Reader(file, channel.size()).read(channel);
        } catch (NoSuchFileException e) {
            throw new CheckpointException(file, "", "does not exist", "check the path", e);
        } catch (JacksonException e) {
            throw malformed(file, e);
        } catch (IOException e) {
            throw new CheckpointException(
                    file, "", "cannot be read (" + e + ")", "check its permissions", e);
        }
    }

    /// Bytes of tensor data.
    public long bytes() {
        return tensors.stream().mapToLong(StoredTensor::bytes).sum();
    }

    private static CheckpointException malformed(Path file, JacksonException e) {
        return new CheckpointException(
                file, "header", "is not strict JSON (" + e.getOriginalMessage() + ")", DAMAGED, e);
    }

    /// One pass over one header.
    private static final class Reader {
        private final Path file;
        private final long fileSize;
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private final List<StoredTensor> tensors = new ArrayList<>();
        private long dataStart;
        private long kept;

        Reader(Path file, long fileSize) {
            this.file = file;
            this.fileSize = fileSize;
        }

        SafetensorsHeader read(FileChannel channel) throws IOException {
            dataStart = LENGTH_BYTES + headerLength(channel);
            channel.position(LENGTH_BYTES);
            var bytes =
                    new BoundedInput(Channels.newInputStream(channel), dataStart - LENGTH_BYTES);
            try (var json = StrictJson.parser(bytes)) {
                expect(json, json.nextToken(), JsonToken.START_OBJECT, "");
                while (json.nextToken() == JsonToken.PROPERTY_NAME) entry(json, json.currentName());
                if (json.nextToken() != null)
                    throw fault("header", "goes on after its closing brace");
            }
            tensors.sort(
                    Comparator.comparingLong(StoredTensor::begin)
                            .thenComparingLong(StoredTensor::end));
            checkRanges();
            return new SafetensorsHeader(file, metadata, tensors);
        }

        private long headerLength(FileChannel channel) throws IOException {
            if (fileSize < LENGTH_BYTES)
                throw fault("", "has %d bytes, fewer than a header's 8".formatted(fileSize));
            var first = ByteBuffer.allocate(LENGTH_BYTES + 1).order(ByteOrder.LITTLE_ENDIAN);
            while (first.hasRemaining() && channel.read(first, first.position()) > 0) continue;
            long length = first.getLong(0);
            if (length < 0 || length > LONGEST_HEADER)
                throw new CheckpointException(
                        file,
                        "header",
                        "claims %s bytes, the format allows %d"
                                .formatted(Long.toUnsignedString(length), LONGEST_HEADER),
                        "check that this is a safetensors file");
            if (length > fileSize - LENGTH_BYTES)
                throw fault(
                        "header",
                        "claims %d bytes, the file has %d after the length"
                                .formatted(length, fileSize - LENGTH_BYTES));
            if (length == 0 || first.get(LENGTH_BYTES) != '{')
                throw fault("header", "does not start with '{'");
            return length;
        }

        private void entry(JsonParser json, String name) {
            keep(name.length());
            if (!StrictJson.encodable(name)) throw fault(name, "is not valid Unicode");
            if (name.equals(METADATA)) metadata(json);
            else tensor(json, name);
        }

        private void metadata(JsonParser json) {
            expect(json, json.nextToken(), JsonToken.START_OBJECT, METADATA);
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                var key = json.currentName();
                expect(json, json.nextToken(), JsonToken.VALUE_STRING, METADATA + "." + key);
                keep(key.length() + json.getStringLength());
                metadata.put(key, json.getString());
            }
        }

        private void tensor(JsonParser json, String name) {
            expect(json, json.nextToken(), JsonToken.START_OBJECT, name);
            var type = "";
            var shape = List.<Long>of();
            var range = List.<Long>of();
            boolean hasShape = false;
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                switch (json.currentName()) {
                    case "dtype" -> {
                        expect(json, json.nextToken(), JsonToken.VALUE_STRING, name);
                        type = json.getString();
                    }
                    case "shape" -> {
                        shape = sizes(json, name, MOST_AXES);
                        hasShape = true;
                    }
                    case "data_offsets" -> range = sizes(json, name, 2);
                    default ->
                            throw fault(
                                    name,
                                    "has an unknown field '%s' beside dtype, shape and data_offsets"
                                            .formatted(json.currentName()));
                }
            }
            if (type.isEmpty()) throw fault(name, "has no dtype");
            if (!hasShape) throw fault(name, "has no shape");
            if (range.size() != 2) throw fault(name, "needs two data_offsets, has " + range);
            keep(200 + 24L * shape.size());
            tensors.add(stored(name, type, shape, range.getFirst(), range.getLast()));
        }

        private List<Long> sizes(JsonParser json, String name, int most) {
            expect(json, json.nextToken(), JsonToken.START_ARRAY, name);
            var sizes = new ArrayList<Long>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (json.currentToken() != JsonToken.VALUE_NUMBER_INT)
                    throw fault(name, "needs whole numbers, found " + described(json));
                if (json.getString().startsWith("-"))
                    throw fault(name, "has a negative size " + json.getString());
                if (sizes.size() == most)
                    throw fault(name, "lists more than %d sizes".formatted(most));
                if (json.getNumberType() != JsonParser.NumberType.INT
                        && json.getNumberType() != JsonParser.NumberType.LONG)
                    throw fault(name, "has a size beyond 64 bits");
                sizes.add(json.getLongValue());
            }
            return sizes;
        }

        private StoredTensor stored(
                String name, String typeName, List<Long> shape, long begin, long end) {
            var type =
                    StoredType.named(typeName)
                            .orElseThrow(() ->
                                    new CheckpointException(
                                            file,
                                            name,
                                            "has unknown dtype '" + typeName + "'",
                                            "use one of " + List.of(StoredType.values())));
            long data = fileSize - dataStart;
            if (begin > end || end > data)
                throw fault(
                        name,
                        "has data_offsets [%d, %d], the file has %d bytes of data"
                                .formatted(begin, end, data));
            if (end - begin != needed(name, type, shape))
                throw fault(
                        name,
                        "is %s %s, %d bytes, but its range [%d, %d] has %d"
                                .formatted(
                                        type,
                                        shape,
                                        needed(name, type, shape),
                                        begin,
                                        end,
                                        end - begin));
            return new StoredTensor(name, type, shape, file, dataStart + begin, dataStart + end);
        }

        private long needed(String name, StoredType type, List<Long> shape) {
            try {
                long product = type.bytes();
                for (long size : shape) product = Math.multiplyExact(product, size);
                return product;
            } catch (ArithmeticException _) {
                throw fault(name, "has shape %s, whose size overflows".formatted(shape));
            }
        }

        private void checkRanges() {
            long at = dataStart;
            for (var tensor : tensors) {
                if (tensor.begin() != at)
                    throw fault(
                            tensor.name(),
                            "%s %d bytes before it"
                                    .formatted(
                                            tensor.begin() < at
                                                    ? "overlaps the"
                                                    : "leaves a hole of",
                                            Math.abs(tensor.begin() - at)));
                at = tensor.end();
            }
            if (at != fileSize)
                throw fault("", "has %d bytes after the last tensor".formatted(fileSize - at));
        }

        private void keep(long bytes) {
            kept += bytes;
            if (kept > MOST_KEPT)
                throw fault("header", "describes more than 10 MB of names, shapes and metadata");
        }

        private void expect(JsonParser json, JsonToken found, JsonToken needed, String key) {
            if (found != needed)
                throw fault(
                        key.isEmpty() ? "header" : key,
                        "needs %s, found %s".formatted(StrictJson.word(needed), described(json)));
        }

        private static String described(JsonParser json) {
            return json.currentToken() == null ? "the end" : StrictJson.word(json.currentToken());
        }

        private CheckpointException fault(String key, String problem) {
            return new CheckpointException(file, key, problem, DAMAGED);
        }
    }
}
