package dev.orrery.checkpoint;

import dev.orrery.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A tree of JAX arrays as Orbax saves it: a folder with `_METADATA`, which says what is in the
/// tree, and the arrays, in an OCDBT database ([OcdbtFolder]) or in a folder each.
///
/// An array is called by the names on the way to it, joined by `/`; without `_METADATA` by its name
/// in the store. What the tree has besides arrays (empty parts, texts) is passed over. Nothing in
/// the folder is run.
///
/// Source: Orbax's documentation of its checkpoint format.
final class OrbaxFolder {

    private static final String TREE = "_METADATA", OLD_TREE = "checkpoint", PARAMS = "params";
    private static final Set<String> NO_ARRAYS =
            Set.of("None", "Dict", "List", "Tuple", "NamedTuple", "string");
    private static final String AGAIN = "copy the folder again";

    private final Path folder;
    private final NavigableMap<String, StoredBytes> store;
    private final Map<String, ZarrArray> arrays = new LinkedHashMap<>();

    private OrbaxFolder(Path folder) {
        this.folder = folder;
        boolean database = Files.isRegularFile(folder.resolve(OcdbtFolder.MANIFEST));
        store = database ? OcdbtFolder.read(folder) : plain(folder);
    }

    /// Whether a folder is such a tree.
    static boolean is(Path folder) {
        return Files.isRegularFile(folder.resolve(OcdbtFolder.MANIFEST))
                || Files.isRegularFile(folder.resolve(TREE));
    }

    /// The folder itself, if it is such a tree, or the one called `params` in it.
    static Optional<Path> find(Path folder) {
        if (is(folder)) return Optional.of(folder);
        var params = folder.resolve(PARAMS);
        return is(params) ? Optional.of(params) : Optional.empty();
    }

    /// Opens a folder; of its numbers nothing is read yet.
    ///
    /// @throws CheckpointException if it is damaged, or tree and arrays differ
    static OrbaxFolder open(Path folder) {
        var opened = new OrbaxFolder(folder);
        var tree = folder.resolve(TREE);
        if (Files.isRegularFile(tree)) {
            opened.tree(tree, StrictJson.objectWithNulls(tree));
        } else if (Files.isRegularFile(folder.resolve(OLD_TREE))) {
            throw new CheckpointException(
                    folder.resolve(OLD_TREE),
                    "",
                    "is a tree in MessagePack, as Orbax had it before " + TREE,
                    "restore it and save it again with a newer Orbax");
        } else {
            opened.stored().forEach(name -> opened.array(name, name));
        }
        if (opened.arrays.isEmpty())
            throw new CheckpointException(folder, "", "holds no arrays", AGAIN);
        return opened;
    }

    private static NavigableMap<String, StoredBytes> plain(Path folder) {
        var values = new TreeMap<String, StoredBytes>();
        try (var files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                var key = folder.relativize(file).toString().replace('\\', '/');
                values.put(key, StoredBytes.in(file, 0, Files.size(file)));
            }
            return values;
        } catch (IOException | UncheckedIOException e) {
            throw new CheckpointException(
                    folder, "", "cannot be listed (" + e + ")", "check its permissions", e);
        }
    }

    private List<String> stored() {
        var names = new ArrayList<String>();
        for (var key : store.keySet()) {
            int slash = key.lastIndexOf('/');
            if (slash > 0 && ZarrLayout.NAMES.contains(key.substring(slash + 1)))
                names.add(key.substring(0, slash));
        }
        return names;
    }

    private void tree(Path file, Map<String, Object> document) {
        if (!(document.get("tree_metadata") instanceof Map<?, ?> leaves))
            throw new CheckpointException(file, "tree_metadata", "is missing", AGAIN);
        boolean whole = Boolean.TRUE.equals(document.get("store_array_data_equal_to_fill_value"));
        var known = new HashSet<String>();
        leaves.forEach((key, leaf) -> {
            var path = path(file, key.toString(), leaf);
            var about = ((Map<?, ?>) leaf).get("value_metadata");
            if (about instanceof Map<?, ?> map
                    && NO_ARRAYS.contains(String.valueOf(map.get("value_type")))) return;
            var stored = String.join(".", path);
            known.add(stored);
            var array = array(String.join("/", path), stored);
            if (whole) array.requireWhole();
            if (about instanceof Map<?, ?> map && map.get("write_shape") instanceof List<?> part)
                fits(file, stored, array, part);
        });
        for (var name : stored())
            if (!known.contains(name))
                throw new CheckpointException(
                        file, name, "is not in the tree, but an array is stored", AGAIN);
    }

    /// A process's part of an array, which may be all of it, is no larger than the array.
    private static void fits(Path file, String name, ZarrArray array, List<?> part) {
        var shape = array.stored(name).shape();
        boolean fits = part.size() == shape.size();
        for (int i = 0; fits && i < shape.size(); i++)
            fits = part.get(i) instanceof Long size && size <= shape.get(i);
        if (!fits)
            throw new CheckpointException(
                    file, name, "has the shape %s, the array %s".formatted(part, shape), AGAIN);
    }

    private static List<String> path(Path file, String key, Object leaf) {
        var path = new ArrayList<String>();
        if (leaf instanceof Map<?, ?> map && map.get("key_metadata") instanceof List<?> keys)
            for (var entry : keys)
                if (entry instanceof Map<?, ?> step && step.get("key") != null)
                    path.add(step.get("key").toString());
        if (path.isEmpty()) throw new CheckpointException(file, key, "has no key_metadata", AGAIN);
        return path;
    }

    private ZarrArray array(String name, String stored) {
        var array =
                ZarrArray.find(folder, stored, store)
                        .orElseThrow(() ->
                                new CheckpointException(
                                        folder,
                                        stored,
                                        "is in the tree, but no such array is stored",
                                        AGAIN));
        arrays.put(name, array);
        return array;
    }

    /// What it holds; sizes are those of the numbers, which are packed in the folder.
    SafetensorsHeader header() {
        var tensors = new ArrayList<StoredTensor>();
        arrays.forEach((name, array) -> tensors.add(array.stored(name)));
        return new SafetensorsHeader(folder, Map.of(), tensors);
    }

    /// The arrays' names, in the order of the tree.
    Set<String> names() {
        return arrays.keySet();
    }

    /// Reads one.
    Tensor read(String name) {
        return arrays.get(name).read();
    }
}
