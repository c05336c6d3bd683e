package dev.orrery.spacetime;

import dev.orrery.nn.SinCosPositions;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// How the tokens of a frame lie: some without a place, then a grid row by row.
///
/// @param leading tokens without a place, such as one for an action
/// @param rows of the grid
/// @param columns of the grid
public record TokenGrid(int leading, int rows, int columns) {

    public TokenGrid {
        if (leading < 0 || rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "a frame of %d leading tokens and %d x %d others; it needs at least one row and column"
                            .formatted(leading, rows, columns));
        }
    }

    /// A grid alone.
    public static TokenGrid of(int rows, int columns) {
        return new TokenGrid(0, rows, columns);
    }

    /// The same grid behind `count` tokens without a place.
    public TokenGrid behind(int count) {
        return new TokenGrid(count, rows, columns);
    }

    /// Tokens in a frame, S.
    public int tokens() {
        return leading + rows * columns;
    }

    /// Sines and cosines of column and row `(S, width)`; zero for tokens without a place.
    Tensor positions(int width) {
        var grid = SinCosPositions.grid(rows, columns, width);
        return leading == 0 ? grid : Tensor.cat(List.of(Tensor.zeros(leading, width), grid), 0);
    }
}
