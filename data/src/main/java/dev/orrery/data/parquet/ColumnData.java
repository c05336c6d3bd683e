package dev.orrery.data.parquet;

import java.util.Arrays;

/// One leaf column of one row group, read into memory.
///
/// A level is stored for every slot: a value, a null or an empty list. Columns without levels
/// (required, not repeated) have empty level arrays.
///
/// @param leaf which column
/// @param values the values that are not null, in order
/// @param definition definition levels, or empty if the leaf has none
/// @param repetition repetition levels, or empty if the leaf has none
public record ColumnData(Leaf leaf, Values values, byte[] definition, byte[] repetition) {

    /// The number of slots: values, nulls and empty lists.
    public int slots() {
        return definition.length > 0 ? definition.length : values.size();
    }

    /// Whether nothing is null and no list is empty, so that slot i is value i.
    public boolean dense() {
        return values.size() == slots();
    }

    /// The number of rows.
    public int rows() {
        if (repetition.length == 0) return slots();
        int rows = 0;
        for (var level : repetition) if (level == 0) rows++;
        return rows;
    }

    /// Where each row's values start in [#values]; one more entry marks the end.
    public int[] rowStarts() {
        int rows = rows();
        var starts = new int[rows + 1];
        int row = -1, value = 0, full = leaf.maxDefinition();
        for (int slot = 0; slot < slots(); slot++) {
            if (repetition.length == 0 || repetition[slot] == 0) starts[++row] = value;
            if (definition.length == 0 || definition[slot] == full) value++;
        }
        starts[rows] = value;
        return starts;
    }

    /// A column of one value a row, none null.
    public static ColumnData flat(Leaf leaf, Values values) {
        return lists(leaf, values, 1);
    }

    /// A column of lists, nested or not, whose sizes are the same in every row.
    ///
    /// @param sizes the list sizes from the outermost in; a flat column gives just 1
    public static ColumnData lists(Leaf leaf, Values values, int... sizes) {
        int slots = values.size();
        var definition = new byte[leaf.maxDefinition() == 0 ? 0 : slots];
        Arrays.fill(definition, (byte) leaf.maxDefinition());
        var repetition = new byte[leaf.maxRepetition() == 0 ? 0 : slots];
        for (int slot = 0; slot < repetition.length; slot++) {
            int level = leaf.maxRepetition();
            for (int axis = sizes.length - 1, span = sizes[axis];
                    axis >= 0 && slot % span == 0;
                    span *= --axis >= 0 ? sizes[axis] : 1) {
                level--;
            }
            repetition[slot] = (byte) level;
        }
        return new ColumnData(leaf, values, definition, repetition);
    }
}
