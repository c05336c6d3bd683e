package dev.orrery.data.text;

import dev.orrery.data.text.SentencePiece.Use;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Cuts a text so that the scores of its pieces have the largest sum.
///
/// Sums are floats and begin anew where they grow large, as SentencePiece 0.2.2 has them, so that
/// near ties end alike. A character that is no piece costs 10 more than the least likely piece;
/// symbols of the user's own gain the more the longer they are.
final class UnigramCutter implements Cutter {

    private static final float PENALTY = 10, LARGE = 100_000;

    private final PieceTable pieces;
    private final float unknown;

    UnigramCutter(PieceTable pieces) {
        this.pieces = pieces;
        float least = Float.MAX_VALUE;
        for (var piece : pieces.pieces())
            if (piece.use() == Use.NORMAL) least = Math.min(least, piece.score());
        unknown = least - PENALTY;
    }

    @Override
    public List<Cut> cut(byte[] text) {
        var best = new Best(text.length);
        for (int start = 0; start < text.length; ) {
            int character = start + Utf8.length(text, start);
            if (Math.abs(best.scores[start]) > LARGE) best.beginAnew(start);
            boolean known = false;
            int node = 0;
            for (int end = start; end < text.length; ) {
                node = pieces.words().child(node, text[end++]);
                if (node == 0) break;
                int id = pieces.words().id(node);
                if (id < 0 || pieces.pieces().get(id).use() == Use.UNUSED) continue;
                best.offer(start, end, id, best.scores[start] + score(id, end - start));
                known |= end == character;
            }
            if (!known)
                best.offer(start, character, pieces.unknown(), best.scores[start] + unknown);
            start = character;
        }
        return best.cuts();
    }

    private float score(int id, int bytes) {
        var piece = pieces.pieces().get(id);
        return piece.use() == Use.USER_DEFINED ? (float) (.1 * bytes - .1) : piece.score();
    }

    /// The best way to each place of a text.
    private static final class Best {

        private final float[] scores;
        private final int[] starts;
        private final int[] ids;
        private int reached;

        Best(int length) {
            scores = new float[length + 1];
            starts = new int[length + 1];
            ids = new int[length + 1];
            Arrays.fill(starts, -1);
        }

        void offer(int start, int end, int id, float score) {
            if (starts[end] >= 0 && score <= scores[end]) return;
            scores[end] = score;
            starts[end] = start;
            ids[end] = id;
            reached = Math.max(reached, end);
        }

        /// Counts from a place on; what is before it was decided.
        void beginAnew(int start) {
            float base = scores[start];
            for (int end = start; end <= reached; end++) scores[end] -= base;
        }

        List<Cut> cuts() {
            var cuts = new ArrayList<Cut>();
            for (int end = starts.length - 1; end > 0; end = starts[end])
                cuts.add(new Cut(starts[end], end, ids[end]));
            return cuts.reversed();
        }
    }
}
