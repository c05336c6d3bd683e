package dev.orrery.checkpoint;

import dev.orrery.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/// Named tensors of published weights, in whichever format: [Safetensors], or what `torch.save`
/// wrote (`.bin`, `.pt`, `.pth`, `.ckpt`), of which nothing is run.
///
/// A folder is read by what lies in it: `model.safetensors` or its shard index, else
/// `pytorch_model.bin` or its.
public final class Weights {

    private static final String TORCH = "pytorch_model.bin", INDEX = TORCH + ".index.json";
    private static final List<String> ENDINGS = List.of(".bin", ".pt", ".pth", ".ckpt");

    private Weights() {}

    /// Reads all tensors, mapped from the file as [Safetensors] are.
    ///
    /// @return tensors by name, in the order of the file
    /// @throws CheckpointException for a missing or malformed file
    public static Map<String, Tensor> read(Path path) {
        var file = torch(path);
        if (!isTorch(file)) return Safetensors.read(path);
        if (!isIndex(file)) return TorchFile.read(file);
        var all = new LinkedHashMap<String, Tensor>();
        for (var shard : shards(file)) all.putAll(TorchFile.read(shard));
        for (var name : ShardIndex.read(file).shards().keySet()) {
            if (!all.containsKey(name))
                throw new CheckpointException(
                        file,
                        name,
                        "is in none of the shards",
                        "fetch the index and the shards from the same place");
        }
        return all;
    }

    /// What `path` holds, one header for each file, without touching the data.
    public static List<SafetensorsHeader> inspect(Path path) {
        var file = torch(path);
        if (!isTorch(file)) return Safetensors.inspect(path);
        var headers = new ArrayList<SafetensorsHeader>();
        for (var shard : isIndex(file) ? shards(file) : List.of(file))
            headers.add(TorchFile.inspect(shard));
        return headers;
    }

    /// Whether a folder holds weights, or a file is of a kind that does.
    public static boolean isAt(Path path) {
        if (!Files.isDirectory(path))
            return Files.isRegularFile(path)
                    && (isTorch(path) || path.toString().endsWith(".safetensors"));
        return Safetensors.isIn(path)
                || Files.isRegularFile(path.resolve(TORCH))
                || Files.isRegularFile(path.resolve(INDEX));
    }

    /// The name under which a file of weights is written again: its own, or that of the one
    /// safetensors file that takes all tensors of a model from `torch.save`.
    public static String safe(Path file) {
        return isTorch(file) ? Safetensors.SINGLE : file.getFileName().toString();
    }

    private static List<Path> shards(Path index) {
        return List.copyOf(new LinkedHashSet<>(ShardIndex.read(index).shards().values()));
    }

    /// The file of `torch.save` that a folder without safetensors holds, or the path itself.
    private static Path torch(Path path) {
        if (!Files.isDirectory(path) || Safetensors.isIn(path)) return path;
        for (var name : List.of(TORCH, INDEX)) {
            if (Files.isRegularFile(path.resolve(name))) return path.resolve(name);
        }
        return path;
    }

    private static boolean isIndex(Path file) {
        return file.toString().endsWith(".bin.index.json");
    }

    private static boolean isTorch(Path file) {
        var name = String.valueOf(file.getFileName());
        return !Files.isDirectory(file)
                && (isIndex(file) || ENDINGS.stream().anyMatch(name::endsWith));
    }
}
