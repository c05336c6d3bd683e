package dev.orrery.checkpoint;

import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Named tensors of published weights, in whichever format: [Safetensors], what `torch.save` wrote
/// (`.bin`, `.pt`, `.pth`, `.ckpt`), of which nothing is run, or the folder of a tree of JAX arrays
/// that Orbax wrote.
///
/// A folder is read by what lies in it: `model.safetensors` or its shard index, else
/// `pytorch_model.bin` or its, else Orbax's files, there or in `params`.
public final class Weights {

    private static final String TORCH = "pytorch_model.bin", INDEX = TORCH + ".index.json";
    private static final List<String> ENDINGS = List.of(".bin", ".pt", ".pth", ".ckpt");

    private Weights() {}

    /// What is kept of tensors that are read one after another.
    public interface Kept {

        /// What is kept of one, by name.
        Map<String, Tensor> of(String name, Tensor tensor);
    }

    /// Reads one tensor after another and keeps something else in its place, such as the tensor in
    /// another type, so that a packed checkpoint is never in memory twice.
    ///
    /// @throws CheckpointException for a missing or malformed file
    public static Map<String, Tensor> read(Path path, Kept kept) {
        var all = new LinkedHashMap<String, Tensor>();
        var tree = orbax(path).map(OrbaxFolder::open);
        if (tree.isEmpty()) {
            read(path).forEach((name, tensor) -> all.putAll(kept.of(name, tensor)));
            return all;
        }
        for (var name : tree.get().names()) {
            try (var scope = TensorScope.open()) {
                kept.of(name, tree.get().read(name))
                        .forEach((n, tensor) -> all.put(n, scope.keep(tensor)));
            }
        }
        return all;
    }

    /// Reads all tensors, mapped from the file as [Safetensors] are; Orbax's are unpacked.
    ///
    /// @return tensors by name, in the order of the file
    /// @throws CheckpointException for a missing or malformed file
    public static Map<String, Tensor> read(Path path) {
        if (isOrbax(path)) return read(path, Map::of);
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

    /// Tensors of the types and shapes that [#read(Path)] gives. Of Orbax's, which would have to be
    /// unpacked, every number is zero and takes no memory.
    public static Map<String, Tensor> outline(Path path) {
        if (!isOrbax(path)) return read(path);
        var all = new LinkedHashMap<String, Tensor>();
        for (var entry : inspect(path).getFirst().tensors()) all.put(entry.name(), entry.outline());
        return all;
    }

    /// What `path` holds, one header for each file, without touching the data.
    public static List<SafetensorsHeader> inspect(Path path) {
        var tree = orbax(path).map(OrbaxFolder::open);
        if (tree.isPresent()) return List.of(tree.get().header());
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
                || Files.isRegularFile(path.resolve(INDEX))
                || isOrbax(path);
    }

    /// Whether what would be read at a path is Orbax's: packed, so that reading it takes time and
    /// memory.
    public static boolean isOrbax(Path path) {
        return orbax(path).isPresent();
    }

    private static Optional<Path> orbax(Path path) {
        boolean other = !Files.isDirectory(path) || Safetensors.isIn(path) || isTorch(torch(path));
        return other ? Optional.empty() : OrbaxFolder.find(path);
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
