package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the end of a Parquet file says about it.
///
/// @param schema the top-level fields
/// @param rows rows in all row groups
/// @param groups the row groups, in file order
/// @param metadata key-value metadata of the file
record Footer(List<Field> schema, long rows, List<RowGroup> groups, Map<String, String> metadata) {

    /// @param rows rows in the group
    /// @param chunks one chunk a leaf, in schema order
    record RowGroup(long rows, List<Chunk> chunks) {}

    /// Where a leaf's values of one row group lie.
    ///
    /// @param start offset of the first page, dictionary included
    /// @param length bytes of all pages with their headers
    record Chunk(Codec codec, long values, long start, long length, long uncompressed) {}

    private record Element(
            String name,
            Field.Repetition repetition,
            int type,
            int length,
            int children,
            Field.Meaning meaning) {}

    static Footer parse(byte[] bytes) {
        var in = new ThriftReader(bytes, 0, bytes.length);
        var elements = new ArrayList<Element>();
        var groups = new ArrayList<RowGroup>();
        var metadata = new LinkedHashMap<String, String>();
        var rows = new long[1];
        in.struct((id, type) -> {
            switch (id) {
                case 2 -> each(in, () -> elements.add(element(in)));
                case 3 -> rows[0] = in.integer(type);
                case 4 -> each(in, () -> groups.add(group(in)));
                case 5 -> each(in, () -> keyValue(in, metadata));
                default -> in.skip(type);
            }
        });
        if (elements.isEmpty()) throw new DatasetException("the footer has no schema");
        var cursor = new int[] {1};
        var schema = new ArrayList<Field>();
        for (int i = 0; i < elements.getFirst().children(); i++) {
            schema.add(field(elements, cursor, 0));
        }
        int leaves = Leaf.of(schema).size();
        for (var group : groups) {
            if (group.chunks().size() != leaves) {
                throw new DatasetException(
                        "a row group has %d columns where the schema has %d"
                                .formatted(group.chunks().size(), leaves));
            }
        }
        return new Footer(List.copyOf(schema), rows[0], List.copyOf(groups), metadata);
    }

    private static void each(ThriftReader in, Runnable element) {
        int size = in.list(ThriftReader.STRUCT);
        for (int i = 0; i < size; i++) element.run();
    }

    private static Element element(ThriftReader in) {
        var name = new String[] {""};
        var meaning = new Field.Meaning[] {Field.Meaning.NONE};
        int[] repetition = {0}, physical = {-1}, length = {0}, children = {0};
        in.struct((id, type) -> {
            switch (id) {
                case 1 -> physical[0] = in.i32(type);
                case 2 -> length[0] = in.i32(type);
                case 3 -> repetition[0] = in.i32(type);
                case 4 -> name[0] = in.string();
                case 5 -> children[0] = in.i32(type);
                case 6 -> {
                    int converted = in.i32(type);
                    if (meaning[0] == Field.Meaning.NONE)
                        meaning[0] = Meanings.converted(converted);
                }
                case 10 -> meaning[0] = Meanings.logical(in, meaning[0]);
                default -> in.skip(type);
            }
        });
        if (repetition[0] < 0 || repetition[0] > 2) {
            throw new DatasetException(
                    "field '%s' has unknown repetition %d".formatted(name[0], repetition[0]));
        }
        return new Element(
                name[0],
                Field.Repetition.values()[repetition[0]],
                physical[0],
                length[0],
                children[0],
                meaning[0]);
    }

    private static Field field(List<Element> elements, int[] cursor, int depth) {
        if (depth > 32) throw new DatasetException("the schema nests deeper than 32");
        if (cursor[0] >= elements.size()) throw new DatasetException("the schema ends early");
        var e = elements.get(cursor[0]++);
        if (e.type() < 0 || e.children() > 0) {
            var children = new ArrayList<Field>();
            for (int i = 0; i < e.children(); i++) children.add(field(elements, cursor, depth + 1));
            return new Field.Group(e.name(), e.repetition(), e.meaning(), children);
        }
        if (e.type() >= Field.Physical.values().length) {
            throw new DatasetException(
                    "field '%s' has unknown type %d".formatted(e.name(), e.type()));
        }
        var physical = Field.Physical.values()[e.type()];
        if (physical == Field.Physical.FIXED_LEN_BYTE_ARRAY
                && (e.length() < 1 || e.length() > 1 << 20)) {
            throw new DatasetException(
                    "field '%s' has a fixed length of %d bytes".formatted(e.name(), e.length()));
        }
        return new Field.Primitive(e.name(), e.repetition(), physical, e.meaning(), e.length());
    }

    private static RowGroup group(ThriftReader in) {
        var chunks = new ArrayList<Chunk>();
        var rows = new long[1];
        in.struct((id, type) -> {
            switch (id) {
                case 1 -> each(in, () -> chunks.add(chunk(in)));
                case 3 -> rows[0] = in.integer(type);
                default -> in.skip(type);
            }
        });
        return new RowGroup(rows[0], List.copyOf(chunks));
    }

    private static Chunk chunk(ThriftReader in) {
        var chunk = new Chunk[1];
        in.struct((id, type) -> {
            if (id == 3) chunk[0] = chunkMetadata(in);
            else in.skip(type);
        });
        if (chunk[0] == null)
            throw new DatasetException("a column chunk has no metadata in the footer");
        return chunk[0];
    }

    private static Chunk chunkMetadata(ThriftReader in) {
        int[] codec = {0};
        long[] n = new long[5];
        in.struct((id, type) -> {
            switch (id) {
                case 4 -> codec[0] = in.i32(type);
                case 5 -> n[0] = in.integer(type);
                case 6 -> n[4] = in.integer(type);
                case 7 -> n[1] = in.integer(type);
                case 9 -> n[2] = in.integer(type);
                case 11 -> n[3] = in.integer(type);
                default -> in.skip(type);
            }
        });
        long start = n[3] > 0 ? Math.min(n[2], n[3]) : n[2];
        return new Chunk(Codec.of(codec[0]), n[0], start, n[1], n[4]);
    }

    private static void keyValue(ThriftReader in, Map<String, String> out) {
        var pair = new String[] {"", ""};
        in.struct((id, type) -> {
            if (id == 1 || id == 2) pair[id - 1] = in.string();
            else in.skip(type);
        });
        out.put(pair[0], pair[1]);
    }
}
