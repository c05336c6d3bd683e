package dev.orrery.replay;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What is stored a step.
public final class Schema {

    private final List<Column> columns;
    private final Map<String, Integer> places = new HashMap<>();
    private final int rowBytes;

    public Schema(List<Column> columns) {
        this.columns = List.copyOf(columns);
        for (var column : columns)
            if (places.put(column.name(), places.size()) != null)
                throw new IllegalArgumentException(
                        "two columns are called '%s'".formatted(column.name()));
        rowBytes = columns.stream().mapToInt(Column::rowBytes).sum();
    }

    /// The columns in order.
    public List<Column> columns() {
        return columns;
    }

    /// Bytes of a step.
    public int rowBytes() {
        return rowBytes;
    }

    /// The number of a column.
    ///
    /// @throws IllegalArgumentException if there is none; the message lists those there are
    public int place(String name) {
        var place = places.get(name);
        if (place == null)
            throw new IllegalArgumentException(
                    "no column is called '%s'; there are %s"
                            .formatted(name, columns.stream().map(Column::name).toList()));
        return place;
    }

    Column column(String name, Column.Kind... kinds) {
        var column = columns.get(place(name));
        if (!List.of(kinds).contains(column.kind()))
            throw new IllegalArgumentException(
                    "column '%s' holds %s, not %s".formatted(name, column.kind(), List.of(kinds)));
        return column;
    }

    /// Where each column of a chunk of these many steps begins.
    long[] bases(int steps) {
        var bases = new long[columns.size()];
        long at = 0;
        for (int i = 0; i < bases.length; i++) {
            bases[i] = at;
            at += (long) steps * columns.get(i).rowBytes();
        }
        return bases;
    }
}
