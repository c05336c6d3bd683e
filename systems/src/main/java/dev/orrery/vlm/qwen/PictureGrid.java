package dev.orrery.vlm.qwen;

import java.util.ArrayList;
import java.util.List;

/// How a picture or a film is cut into patches.
///
/// @param frames steps of time, of two pictures each; 1 for a still
/// @param rows patches from top to bottom
/// @param columns patches from left to right
public record PictureGrid(int frames, int rows, int columns) {

    public PictureGrid {
        if (frames < 1 || rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "a grid of %d frames, %d rows and %d columns has no patches; use at least 1 of each"
                            .formatted(frames, rows, columns));
        }
    }

    /// Grids of the rows `(frames, rows, columns)` of a table, as `image_grid_thw` has them.
    public static List<PictureGrid> of(long[] table) {
        if (table.length % 3 != 0) {
            throw new IllegalArgumentException(
                    "%d numbers are no table of frames, rows and columns".formatted(table.length));
        }
        var grids = new ArrayList<PictureGrid>();
        for (int i = 0; i < table.length; i += 3) {
            grids.add(
                    new PictureGrid(
                            Math.toIntExact(table[i]),
                            Math.toIntExact(table[i + 1]),
                            Math.toIntExact(table[i + 2])));
        }
        return List.copyOf(grids);
    }

    /// Patches.
    public int patches() {
        return frames * rows * columns;
    }

    /// Tokens of the language model, each of `merge` by `merge` patches.
    ///
    /// @throws IllegalArgumentException if rows or columns are no multiple of `merge`
    public int tokens(int merge) {
        if (rows % merge != 0 || columns % merge != 0) {
            throw new IllegalArgumentException(
                    "a picture of %d x %d patches does not fall into squares of %d; resize it to a multiple"
                            .formatted(rows, columns, merge));
        }
        return patches() / (merge * merge);
    }
}
