package dev.orrery.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The `model.safetensors.index.json` of a checkpoint that is split over several files.
///
/// @param file the index
/// @param shards each tensor's file, by name
record ShardIndex(Path file, Map<String, Path> shards) {

    static final String FILE_NAME = "model.safetensors.index.json";

    ShardIndex {
        shards = Collections.unmodifiableMap(new LinkedHashMap<>(shards));
    }

    /// Reads the index; every shard must be a plain file name beside it.
    static ShardIndex read(Path file) {
        if (!(StrictJson.object(file).get("weight_map") instanceof Map<?, ?> map))
            throw new CheckpointException(
                    file, "weight_map", "is missing", "check that this is a shard index");
        var shards = new LinkedHashMap<String, Path>();
        map.forEach((name, shard) -> shards.put((String) name, shard(file, (String) name, shard)));
        return new ShardIndex(file, shards);
    }

    /// The headers of all shards, after checking that each holds exactly the tensors that the index
    /// expects of it.
    List<SafetensorsHeader> headers() {
        var expected = new LinkedHashMap<Path, Set<String>>();
        shards.forEach((name, shard) ->
                expected.computeIfAbsent(shard, _ -> new LinkedHashSet<>()).add(name));
        var headers = new ArrayList<SafetensorsHeader>();
        expected.forEach((shard, names) -> headers.add(checked(shard, names)));
        return headers;
    }

    private SafetensorsHeader checked(Path shard, Set<String> names) {
        if (!Files.isRegularFile(shard))
            throw new CheckpointException(
                    shard,
                    names.iterator().next(),
                    "the shard that should hold it is missing",
                    "fetch every file that " + file.getFileName() + " lists");
        var header = SafetensorsHeader.read(shard);
        var missing = new LinkedHashSet<>(names);
        for (var tensor : header.tensors())
            if (!missing.remove(tensor.name()))
                throw new CheckpointException(
                        shard,
                        tensor.name(),
                        "is not what %s says about it".formatted(file.getFileName()),
                        "fetch the index and the shards from the same place");
        if (!missing.isEmpty())
            throw new CheckpointException(
                    shard,
                    missing.iterator().next(),
                    "is not in the shard that %s names".formatted(file.getFileName()),
                    "fetch the index and the shards from the same place");
        return header;
    }

    private static Path shard(Path index, String name, Object shard) {
        boolean plain =
                shard instanceof String text
                        && !text.isEmpty()
                        && text.indexOf('\0') < 0
                        && text.equals(Path.of(text).getFileName() + "")
                        && !text.equals("..")
                        && !text.equals(".")
                        && !text.contains("\\");
        if (!plain)
            throw new CheckpointException(
                    index,
                    name,
                    "lies in '%s', which is not a plain file name".formatted(shard),
                    "shards lie beside their index");
        return index.resolveSibling((String) shard);
    }
}
