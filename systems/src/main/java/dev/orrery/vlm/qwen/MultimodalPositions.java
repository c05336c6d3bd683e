package dev.orrery.vlm.qwen;

import dev.orrery.tensor.Tensor;
import java.util.Iterator;
import java.util.List;

/// Where tokens stand along time, rows and columns.
///
/// Words step along all three at once. A picture's tokens start where the words before it ended,
/// and the words after it follow its longer side, so that a picture costs fewer positions than it
/// has tokens. Films step through time by `tokensPerSecond` a second. Padding stands at 0.
///
/// @param positions I64 `(3, B, T)`
/// @param shift I64 `(B, 1)`: the next token's position less the number of tokens so far
record MultimodalPositions(Tensor positions, Tensor shift) {

    /// What stands for pictures and films in a text, and how they are cut.
    ///
    /// @param image the id of a picture's token
    /// @param video the id of a film's token
    /// @param merge patches along the side of a token
    /// @param tokensPerSecond positions of a second of film
    record Marks(long image, long video, int merge, int tokensPerSecond) {}

    /// Films with the seconds that one step of time takes, cut to whole ones as in the reference.
    record Film(PictureGrid grid, double seconds) {}

    /// @param ids `(B, T)`
    /// @param mask `(B, T)`, zero where a token is padding
    /// @param images pictures in the order of the text, row by row
    /// @param films likewise
    /// @throws IllegalArgumentException if the text has more or fewer picture tokens than pictures
    ///   make
    static MultimodalPositions of(
            Tensor ids, Tensor mask, Marks marks, List<PictureGrid> images, List<Film> films) {
        int batch = (int) ids.size(0), length = (int) ids.size(1);
        var tokens = ids.toLongs();
        var there = mask.toLongs();
        var at = new long[3][batch * length];
        var shifts = new long[batch];
        var stills = images.iterator();
        var moving = films.iterator();
        for (int row = 0; row < batch; row++) {
            shifts[row] = place(row * length, length, tokens, there, marks, stills, moving, at);
        }
        if (stills.hasNext() || moving.hasNext()) {
            throw new IllegalArgumentException(
                    "the text has tokens for fewer pictures than were given; put %d (image) or %d (video) where they belong"
                            .formatted(marks.image(), marks.video()));
        }
        var axes = java.util.Arrays.stream(at).map(a -> Tensor.of(a, batch, length)).toList();
        return new MultimodalPositions(Tensor.stack(axes, 0), Tensor.of(shifts, batch, 1));
    }

    private static long place(
            int start,
            int length,
            long[] tokens,
            long[] there,
            Marks marks,
            Iterator<PictureGrid> stills,
            Iterator<Film> moving,
            long[][] at) {
        long next = 0, highest = -1;
        int count = 0;
        for (int i = start; i < start + length; ) {
            if (there[i] == 0) {
                i++;
                continue;
            }
            boolean still = tokens[i] == marks.image();
            if (!still && tokens[i] != marks.video()) {
                for (var axis : at) axis[i] = next;
                highest = next++;
                count++;
                i++;
                continue;
            }
            var film = still ? new Film(next(stills, tokens[i]), 0) : next(moving, tokens[i]);
            long pace = still ? 1 : marks.tokensPerSecond() * (long) film.seconds();
            int span = film.grid().tokens(marks.merge());
            check(i, start + length, span, tokens, there, film.grid());
            highest = Math.max(highest, fill(i, film.grid(), marks.merge(), pace, next, at));
            next += Math.max(film.grid().rows(), film.grid().columns()) / marks.merge();
            count += span;
            i += span;
        }
        return highest + 1 - count;
    }

    private static <T> T next(Iterator<T> pictures, long id) {
        if (pictures.hasNext()) return pictures.next();
        throw new IllegalArgumentException(
                "the text has a picture token (%d) but no picture is left; give one for each"
                        .formatted(id));
    }

    private static void check(
            int from, int end, int span, long[] tokens, long[] there, PictureGrid grid) {
        int found = 0;
        while (from + found < end
                && tokens[from + found] == tokens[from]
                && there[from + found] != 0) found++;
        if (found != span) {
            throw new IllegalArgumentException(
                    "a picture of %s makes %d tokens, the text has %d in its place; repeat the picture token %d times"
                            .formatted(grid, span, found, span));
        }
    }

    /// The highest position given.
    private static long fill(
            int start, PictureGrid grid, int merge, long pace, long next, long[][] at) {
        int rows = grid.rows() / merge, columns = grid.columns() / merge, i = start;
        for (int t = 0; t < grid.frames(); t++) {
            for (int y = 0; y < rows; y++) {
                for (int x = 0; x < columns; x++, i++) {
                    at[0][i] = next + t * pace;
                    at[1][i] = next + y;
                    at[2][i] = next + x;
                }
            }
        }
        return next + Math.max((grid.frames() - 1) * pace, Math.max(rows, columns) - 1);
    }
}
