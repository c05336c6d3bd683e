package dev.orrery.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// The keys of an OCDBT database in a folder, as its newest version has them.
///
/// `manifest.ocdbt`, or the newest of its numbered companions, says where the root of a tree lies,
/// whose leaves hold small values and the places of large ones. All nodes are read and checked at
/// once; of large values only that their files are long enough, as they have no checksum.
///
/// Source: TensorStore's description of the OCDBT storage format, version 0.
final class OcdbtFolder {

    /// The file that marks the folder.
    static final String MANIFEST = "manifest.ocdbt";

    private static final String NUMBERED = "manifest\\.[0-9a-f]{16}", AGAIN = "copy it again";
    private static final int SINGLE_FILE = 0, NUMBERED_FILES = 1, ID = 16, LONGEST = 256 << 20;

    private final Path folder;
    private final NavigableMap<String, StoredBytes> values = new TreeMap<>();
    private final Map<Path, Long> sizes = new HashMap<>();
    private int visited;
    private long named;

    private OcdbtFolder(Path folder) {
        this.folder = folder;
    }

    /// All keys and where their values are.
    ///
    /// @throws CheckpointException naming the file and what is wrong with it
    static NavigableMap<String, StoredBytes> read(Path folder) {
        var read = new OcdbtFolder(folder);
        read.manifest(folder.resolve(MANIFEST), true);
        return read.values;
    }

    /// Where the files lie that a block speaks of.
    ///
    /// @param base what the files' own files lie below
    /// @param path the whole path
    private record DataFiles(List<String> base, List<String> path) {}

    private void manifest(Path file, boolean first) {
        var block = OcdbtBlock.read(whole(file), OcdbtBlock.MANIFEST, "manifest");
        block.skip(ID);
        long kind = block.varint();
        block.column(2);
        block.octet();
        if (block.varint() != 0) block.skip(Integer.BYTES);
        if (kind == NUMBERED_FILES && first) {
            manifest(newest(), false);
        } else if (kind == SINGLE_FILE) {
            versions(block);
        } else {
            throw block.wrong("is of kind %d; 0 and 1 are known".formatted(kind));
        }
    }

    private Path newest() {
        try (var files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().matches(NUMBERED))
                    .max(Comparator.comparing(f -> f.getFileName().toString()))
                    .orElseThrow(() ->
                            new CheckpointException(
                                    folder,
                                    "manifest",
                                    "is numbered, and no manifest with a number is there",
                                    AGAIN));
        } catch (IOException e) {
            throw new CheckpointException(folder, "", "cannot be listed", "check it", e);
        }
    }

    /// The newest version; older ones, in nodes of their own or before it, are passed over.
    private void versions(OcdbtBlock block) {
        var files = files(block, "");
        int count = block.count();
        block.column(count);
        var heights = block.octets(count);
        var ids = block.column(count);
        var begins = block.column(count);
        var lengths = block.column(count);
        var keys = block.column(count);
        if (count == 0 || keys[count - 1] == 0) return;
        int last = count - 1;
        var place = place(block, files, ids[last], begins[last], lengths[last]);
        node(place, files.base.get((int) ids[last]), heights[last], new byte[0]);
    }

    private void node(StoredBytes place, String base, int height, byte[] prefix) {
        var name = "tree node at %d".formatted(place.begin());
        var block = OcdbtBlock.read(place, OcdbtBlock.NODE, name);
        int found = block.octet();
        if (found != height) throw block.wrong("is of height %d, not %d".formatted(found, height));
        var files = files(block, base);
        int count = block.count();
        visited += count;
        if (count == 0) throw block.wrong("is empty");
        if (visited > OcdbtBlock.MOST)
            throw block.wrong("makes more than %d keys".formatted(OcdbtBlock.MOST));
        if (height == 0) leaf(block, files, count, prefix);
        else inner(block, files, count, height, prefix);
    }

    private void leaf(OcdbtBlock block, DataFiles files, int count, byte[] prefix) {
        var keys = block.names(block.column(count - 1), block.column(count));
        var lengths = block.column(count);
        var kinds = block.column(count);
        int[] outside = IntStream.range(0, count).filter(i -> kinds[i] == 1).toArray();
        var ids = block.column(outside.length);
        var begins = block.column(outside.length);
        for (int i = 0; i < outside.length; i++) {
            int at = outside[i];
            var value = place(block, files, ids[i], begins[i], lengths[at]);
            put(block, prefix, keys[at], value);
        }
        for (int i = 0; i < count; i++) {
            if (kinds[i] == 0) put(block, prefix, keys[i], block.value(lengths[i]));
            else if (kinds[i] != 1)
                throw block.wrong("has a value of kind %d; 0 and 1 are known".formatted(kinds[i]));
        }
        block.end();
    }

    private void inner(OcdbtBlock block, DataFiles files, int count, int height, byte[] prefix) {
        var shared = block.column(count - 1);
        var own = block.column(count);
        var common = block.column(count);
        var keys = block.names(shared, own);
        var ids = block.column(count);
        var begins = block.column(count);
        var lengths = block.column(count);
        block.column(3 * count);
        block.end();
        for (int i = 0; i < count; i++) {
            if (common[i] < 0 || common[i] > keys[i].length)
                throw block.wrong("shares %d bytes of a shorter key".formatted(common[i]));
            var below = joined(prefix, keys[i], (int) common[i]);
            var place = place(block, files, ids[i], begins[i], lengths[i]);
            node(place, files.base.get((int) ids[i]), height - 1, below);
        }
    }

    private void put(OcdbtBlock block, byte[] prefix, byte[] key, StoredBytes value) {
        var name = new String(joined(prefix, key, key.length), StandardCharsets.UTF_8);
        named += name.length();
        if (named > LONGEST) throw block.wrong("makes keys of %d bytes and more".formatted(named));
        if (values.put(name, value) != null) throw block.wrong("has '%s' twice".formatted(name));
    }

    private static byte[] joined(byte[] prefix, byte[] key, int length) {
        var all = java.util.Arrays.copyOf(prefix, prefix.length + length);
        System.arraycopy(key, 0, all, prefix.length, length);
        return all;
    }

    private static DataFiles files(OcdbtBlock block, String base) {
        int count = block.count();
        var shared = block.column(Math.max(0, count - 1));
        var own = block.column(count);
        var bases = block.column(count);
        var bytes = block.names(shared, own);
        var below = new ArrayList<String>();
        var path = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            if (bases[i] < 0 || bases[i] > bytes[i].length)
                throw block.wrong("has a path of %d bytes and more".formatted(bases[i]));
            below.add(base + new String(bytes[i], 0, (int) bases[i], StandardCharsets.UTF_8));
            path.add(base + new String(bytes[i], StandardCharsets.UTF_8));
        }
        return new DataFiles(below, path);
    }

    private StoredBytes place(OcdbtBlock block, DataFiles files, long id, long begin, long length) {
        if (id < 0 || id >= files.path.size())
            throw block.wrong("speaks of file %d of %d".formatted(id, files.path.size()));
        var name = files.path.get((int) id);
        var file = inside(block, name);
        long size = sizes.computeIfAbsent(file, OcdbtFolder::size);
        if (begin < 0 || length < 0 || begin > size || length > size - begin)
            throw new CheckpointException(
                    file,
                    "",
                    "has %d bytes; %d are wanted from byte %d on".formatted(size, length, begin),
                    AGAIN);
        return StoredBytes.in(file, begin, length);
    }

    /// A file of the folder; paths that lead out of it are refused.
    private Path inside(OcdbtBlock block, String name) {
        try {
            var root = folder.normalize();
            var file = root.resolve(name).normalize();
            if (file.startsWith(root)) return file;
        } catch (InvalidPathException _) {
            // told below
        }
        throw block.wrong("names the file '%s', which is not in the folder".formatted(name));
    }

    private static StoredBytes whole(Path file) {
        return StoredBytes.in(file, 0, size(file));
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new CheckpointException(file, "", "is missing or cannot be read", AGAIN, e);
        }
    }
}
