package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Rescues the complete row groups of a Parquet file that has no footer.
///
/// Without a footer nothing says where columns begin. The schema must be known; row groups are then
/// found as the one way in which the pages fill every column with the same number of rows. Pages
/// are taken to be compressed with Snappy, as LeRobot and this library write them.
public final class ParquetSalvage {

    private static final int MOST_PAGES_OF_A_COLUMN = 4096;

    private final byte[] bytes;
    private final List<Leaf> leaves;
    private final List<PageHeader> pages = new ArrayList<>();
    private final List<Integer> starts = new ArrayList<>();

    private ParquetSalvage(byte[] bytes, List<Field> schema) {
        this.bytes = bytes;
        this.leaves = Leaf.of(schema);
        scan();
    }

    /// Writes the complete row groups of a file to a new one.
    ///
    /// @param schema the columns that the file was written with
    /// @return rows rescued; 0 if there is no complete row group, and then no file
    /// @throws DatasetException if the file cannot be read, or is larger than 2 GB
    public static long rescue(Path broken, List<Field> schema, Path out) {
        try {
            if (Files.size(broken) > Integer.MAX_VALUE - 8)
                throw DatasetException.at(broken, "is larger than 2 GB");
            var groups = new ParquetSalvage(Files.readAllBytes(broken), schema).groups();
            if (groups.isEmpty()) return 0;
            try (var writer = ParquetWriter.create(out, schema, Map.of())) {
                groups.forEach(writer::write);
            }
            return groups.stream().mapToLong(g -> g.getFirst().rows()).sum();
        } catch (IOException e) {
            throw DatasetException.at(broken, "cannot be read", e);
        }
    }

    /// Lists the pages from the start up to where the bytes stop making sense.
    private void scan() {
        int at = 4;
        while (at < bytes.length) {
            PageHeader header;
            try {
                header = PageHeader.parse(bytes, at, bytes.length);
            } catch (DatasetException _) {
                return;
            }
            boolean known =
                    header.type() == PageHeader.DATA
                            || header.type() == PageHeader.DICTIONARY
                            || header.type() == PageHeader.DATA_V2;
            if (!known || header.length() == 0) return;
            pages.add(header);
            starts.add(at);
            at += header.length() + header.compressedSize();
        }
    }

    private List<List<ColumnData>> groups() {
        var out = new ArrayList<List<ColumnData>>();
        int page = 0;
        while (page < pages.size()) {
            var found = group(page);
            if (found.isEmpty()) return out;
            out.add(found.get().columns());
            page = found.get().next();
        }
        return out;
    }

    /// @param next the page that follows
    private record Group(List<ColumnData> columns, int next) {}

    private record Chunk(ColumnData data, int next) {}

    /// The row group that begins at a page: the first number of pages for its first column that the
    /// other columns can match.
    private Optional<Group> group(int first) {
        for (int count = 1; count <= MOST_PAGES_OF_A_COLUMN; count++) {
            var head = chunk(leaves.getFirst(), first, count);
            if (head.isEmpty()) return Optional.empty();
            var columns = new ArrayList<ColumnData>(List.of(head.get().data()));
            int next = head.get().next();
            for (int i = 1; i < leaves.size(); i++) {
                var chunk = filled(leaves.get(i), next, columns.getFirst().rows());
                if (chunk.isEmpty()) break;
                columns.add(chunk.get().data());
                next = chunk.get().next();
            }
            if (columns.size() == leaves.size()) return Optional.of(new Group(columns, next));
        }
        return Optional.empty();
    }

    private Optional<Chunk> filled(Leaf leaf, int first, int rows) {
        for (int count = 1; count <= MOST_PAGES_OF_A_COLUMN; count++) {
            var chunk = chunk(leaf, first, count);
            if (chunk.isEmpty() || chunk.get().data().rows() > rows) return Optional.empty();
            if (chunk.get().data().rows() == rows) return chunk;
        }
        return Optional.empty();
    }

    /// A chunk of so many data pages, with the dictionary in front of them if there is one.
    private Optional<Chunk> chunk(Leaf leaf, int first, int count) {
        int from = first;
        if (from < pages.size() && pages.get(from).type() == PageHeader.DICTIONARY) from++;
        int end = from + count;
        if (end > pages.size()) return Optional.empty();
        long slots = 0;
        for (int p = from; p < end; p++) {
            if (pages.get(p).type() == PageHeader.DICTIONARY) return Optional.empty();
            slots += pages.get(p).values();
        }
        int stop =
                starts.get(end - 1)
                        + pages.get(end - 1).length()
                        + pages.get(end - 1).compressedSize();
        try {
            return Optional.of(
                    new Chunk(
                            ChunkReader.read(
                                    leaf,
                                    Codec.SNAPPY,
                                    Arrays.copyOfRange(bytes, starts.get(first), stop),
                                    slots),
                            end));
        } catch (RuntimeException _) {
            return Optional.empty();
        }
    }
}
