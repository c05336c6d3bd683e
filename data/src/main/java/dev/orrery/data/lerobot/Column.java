package dev.orrery.data.lerobot;

import dev.orrery.data.parquet.ColumnData;
import dev.orrery.data.parquet.Values;

/// One leaf of one row group, ready to be read by row: row r has values `starts[r]` to `starts[r +
/// 1]`. A missing float is NaN; any other missing value is left out.
record Column(Values values, int[] starts) {

    static Column of(ColumnData data) {
        if (data.dense()) return new Column(data.values(), data.rowStarts());
        return switch (data.values()) {
            case Values.Floats(var a) -> {
                var filled = new float[data.slots()];
                var starts = fill(data, (to, from) -> filled[to] = from < 0 ? Float.NaN : a[from]);
                yield new Column(new Values.Floats(filled), starts);
            }
            case Values.Doubles(var a) -> {
                var filled = new double[data.slots()];
                var starts = fill(data, (to, from) -> filled[to] = from < 0 ? Double.NaN : a[from]);
                yield new Column(new Values.Doubles(filled), starts);
            }
            default -> new Column(data.values(), data.rowStarts());
        };
    }

    private interface Move {
        void move(int to, int from);
    }

    /// Moves values apart to make room for nulls, but not for empty lists.
    private static int[] fill(ColumnData data, Move move) {
        int full = data.leaf().maxDefinition();
        int least = data.leaf().maxRepetition() == 0 ? 0 : full - 1;
        var starts = new int[data.rows() + 1];
        int row = -1, to = 0, from = 0;
        for (int slot = 0; slot < data.slots(); slot++) {
            if (data.repetition().length == 0 || data.repetition()[slot] == 0) starts[++row] = to;
            int level = data.definition()[slot];
            if (level == full) move.move(to++, from++);
            else if (level >= least) move.move(to++, -1);
        }
        starts[row + 1] = to;
        return starts;
    }

    int size(int row) {
        return starts[row + 1] - starts[row];
    }

    /// About how many bytes it takes.
    long weight() {
        long each =
                switch (values) {
                    case Values.Booleans _ -> 1;
                    case Values.Ints _, Values.Floats _ -> 4;
                    case Values.Longs _, Values.Doubles _ -> 8;
                    case Values.Binaries _ -> 24;
                };
        long bytes = each * values.size() + 4L * starts.length;
        if (values instanceof Values.Binaries(var a)) for (var value : a) bytes += value.length;
        return bytes;
    }
}
