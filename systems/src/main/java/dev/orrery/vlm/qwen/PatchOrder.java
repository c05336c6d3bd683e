package dev.orrery.vlm.qwen;

import java.util.ArrayList;
import java.util.List;

/// In which order patches stand while a picture is looked at, and which stand together.
///
/// Patches come square by square, since `merge` by `merge` of them become one token. Most layers
/// attend within windows of squares, so that squares are sorted by window first: frame by frame,
/// window by window, what juts out over the edge left out.
///
/// @param squares for each place, which square stands there
/// @param rows each patch's row in its picture, as patches stand
/// @param columns each patch's column
/// @param windows patches of each window
/// @param frames patches of each frame
record PatchOrder(
        long[] squares, long[] rows, long[] columns, List<Integer> windows, List<Integer> frames) {

    PatchOrder {
        windows = List.copyOf(windows);
        frames = List.copyOf(frames);
    }

    /// @param merge patches along the side of a square
    /// @param window squares along the side of a window
    static PatchOrder of(List<PictureGrid> grids, int merge, int window) {
        int all = grids.stream().mapToInt(g -> g.tokens(merge)).sum(), area = merge * merge;
        var order =
                new Building(
                        merge, window, new long[all], new long[all * area], new long[all * area]);
        grids.forEach(order::add);
        return new PatchOrder(
                order.squares, order.rows, order.columns, order.windows, order.frames);
    }

    /// Where each square stands: the order turned around.
    long[] places() {
        var places = new long[squares.length];
        for (int i = 0; i < squares.length; i++) places[(int) squares[i]] = i;
        return places;
    }

    private static final class Building {
        final int merge, window;
        final long[] squares, rows, columns;
        final List<Integer> windows = new ArrayList<>(), frames = new ArrayList<>();
        int placed, first;

        Building(int merge, int window, long[] squares, long[] rows, long[] columns) {
            this.merge = merge;
            this.window = window;
            this.squares = squares;
            this.rows = rows;
            this.columns = columns;
        }

        void add(PictureGrid grid) {
            int high = grid.rows() / merge, wide = grid.columns() / merge;
            for (int frame = 0; frame < grid.frames(); frame++) {
                for (int top = 0; top < high; top += window) {
                    for (int left = 0; left < wide; left += window) {
                        windows.add(fill(high, wide, top, left));
                    }
                }
                frames.add(grid.rows() * grid.columns());
                first += high * wide;
            }
        }

        /// Places the squares of one window; how many patches it has.
        private int fill(int high, int wide, int top, int left) {
            int before = placed;
            for (int row = top; row < Math.min(top + window, high); row++) {
                for (int column = left; column < Math.min(left + window, wide); column++) {
                    squares[placed] = first + (long) row * wide + column;
                    patches(row, column);
                    placed++;
                }
            }
            return (placed - before) * merge * merge;
        }

        private void patches(int row, int column) {
            int at = placed * merge * merge;
            for (int i = 0; i < merge * merge; i++) {
                rows[at + i] = (long) row * merge + i / merge;
                columns[at + i] = (long) column * merge + i % merge;
            }
        }
    }
}
