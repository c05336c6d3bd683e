package dev.orrery.vlm;

import dev.orrery.checkpoint.StoredType;
import dev.orrery.lm.PublicConfig;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/// The names, shapes, types and shards of a published checkpoint.
public record Manifest(Map<String, Entry> tensors) {

    private static final Path MANIFESTS = Path.of("src/test/resources/manifests");
    private static final Pattern RANGE = Pattern.compile("\\{(\\d+)-(\\d+)}");

    public record Entry(StoredType type, List<Long> shape, int shard) {
        long bytes() {
            return type.bytes() * shape.stream().reduce(1L, (a, b) -> a * b);
        }
    }

    public static PublicConfig config(String name) {
        return PublicConfig.read(MANIFESTS.resolve(name + ".json"));
    }

    public static Manifest read(String name) throws IOException {
        var tensors = new LinkedHashMap<String, Entry>();
        for (var line : Files.readAllLines(MANIFESTS.resolve(name + ".txt"))) {
            if (line.startsWith("#")) continue;
            var words = line.split(" ");
            var shape =
                    words[2].equals("-")
                            ? List.<Long>of()
                            : Arrays.stream(words[2].split("x")).map(Long::valueOf).toList();
            int shard = words.length > 3 ? Integer.parseInt(words[3]) : 0;
            var entry = new Entry(StoredType.valueOf(words[1]), shape, shard);
            var range = RANGE.matcher(words[0]);
            if (!range.find()) {
                tensors.put(words[0], entry);
                continue;
            }
            LongStream.rangeClosed(Long.parseLong(range.group(1)), Long.parseLong(range.group(2)))
                    .forEach(i -> tensors.put(range.replaceFirst(Long.toString(i)), entry));
        }
        return new Manifest(tensors);
    }

    Manifest renamed(String name, String other) {
        var changed = new LinkedHashMap<>(tensors);
        changed.put(other, changed.remove(name));
        return new Manifest(changed);
    }

    Manifest reshaped(String name, List<Long> shape) {
        var changed = new LinkedHashMap<>(tensors);
        changed.compute(name, (_, e) -> new Entry(e.type, shape, e.shard));
        return new Manifest(changed);
    }

    Manifest without(String name) {
        var changed = new LinkedHashMap<>(tensors);
        changed.remove(name);
        return new Manifest(changed);
    }

    /// Writes the files of the checkpoint, all zero and without taking room.
    public void write(Path folder) throws IOException {
        var shards = new TreeMap<Integer, Map<String, Entry>>();
        tensors.forEach((name, e) ->
                shards.computeIfAbsent(e.shard, _ -> new LinkedHashMap<>()).put(name, e));
        if (shards.containsKey(0)) {
            write(folder.resolve("model.safetensors"), shards.get(0));
            return;
        }
        var index = new LinkedHashMap<String, String>();
        for (var shard : shards.entrySet()) {
            var file = "model-%05d-of-%05d.safetensors".formatted(shard.getKey(), shards.size());
            write(folder.resolve(file), shard.getValue());
            shard.getValue().keySet().forEach(name -> index.put(name, file));
        }
        var map =
                index.entrySet().stream()
                        .map(e -> "\"%s\":\"%s\"".formatted(e.getKey(), e.getValue()))
                        .collect(Collectors.joining(","));
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"weight_map\":{%s}}".formatted(map));
    }

    private static void write(Path file, Map<String, Entry> tensors) throws IOException {
        var header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        long at = 0;
        var order =
                tensors.entrySet().stream()
                        .sorted(
                                Comparator.comparing(
                                                (Map.Entry<String, Entry> e) -> e.getValue().type,
                                                Comparator.reverseOrder())
                                        .thenComparing(Map.Entry::getKey))
                        .toList();
        for (var e : order) {
            long end = at + e.getValue().bytes();
            header.append(
                    ",\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                            .formatted(e.getKey(), e.getValue().type, e.getValue().shape, at, end));
            at = end;
        }
        header.append('}');
        while (header.length() % 8 != 0) header.append(' ');
        var json = header.toString().getBytes(StandardCharsets.UTF_8);
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(
                    ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(json.length)
                            .array());
            out.write(json);
            out.setLength(8 + json.length + at);
        }
    }
}
