package dev.orrery.data.text;

import dev.orrery.data.text.SentencePiece.Use;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/// Cuts a text into characters and joins neighbours to pieces, the piece of the highest score
/// first, of several the leftmost. Symbols of the user's own are never joined; unused pieces are
/// taken apart again.
final class MergeCutter implements Cutter {

    private final PieceTable pieces;

    MergeCutter(PieceTable pieces) {
        this.pieces = pieces;
    }

    @Override
    public List<Cut> cut(byte[] text) {
        return new Merging(text).cuts();
    }

    /// Two neighbours that make a piece together.
    private record Pair(float score, int left, int right, int end) implements Comparable<Pair> {

        @Override
        public int compareTo(Pair other) {
            int order = Float.compare(other.score, score);
            return order != 0 ? order : Integer.compare(left, other.left);
        }
    }

    /// A text on its way. A part is known by where it starts; those that were joined to the one
    /// before them end where they start.
    private final class Merging {

        private final byte[] text;
        private final int[] ends, before;
        private final BitSet symbols = new BitSet();
        private final PriorityQueue<Pair> pairs = new PriorityQueue<>();
        private final Map<Integer, Integer> middles = new HashMap<>();

        Merging(byte[] text) {
            this.text = text;
            ends = new int[text.length];
            before = new int[text.length];
            int last = -1;
            for (int at = 0; at < text.length; at = ends[at]) {
                int symbol = pieces.symbols().longest(text, at);
                symbols.set(at, symbol > 0);
                ends[at] = at + (symbol > 0 ? symbol : Utf8.length(text, at));
                before[at] = last;
                if (last >= 0) offer(last, at);
                last = at;
            }
            while (!pairs.isEmpty()) merge(pairs.remove());
        }

        private void offer(int left, int right) {
            if (symbols.get(left) || symbols.get(right)) return;
            int id = pieces.words().find(text, left, ends[right]);
            if (id < 0) return;
            var piece = pieces.pieces().get(id);
            pairs.add(new Pair(piece.score(), left, right, ends[right]));
            if (piece.use() == Use.UNUSED) middles.put(id, right - left);
        }

        private void merge(Pair pair) {
            int left = pair.left, right = pair.right;
            boolean stale = ends[left] != right || ends[right] != pair.end;
            if (stale) return;
            ends[left] = pair.end;
            ends[right] = right;
            if (before[left] >= 0) offer(before[left], left);
            if (pair.end < text.length) {
                before[pair.end] = left;
                offer(left, pair.end);
            }
        }

        List<Cut> cuts() {
            var cuts = new ArrayList<Cut>();
            for (int at = 0; at < text.length; at = ends[at]) add(at, ends[at], cuts);
            return cuts;
        }

        private void add(int start, int end, List<Cut> cuts) {
            int id = pieces.id(text, start, end);
            var middle = middles.get(id);
            if (middle == null) {
                cuts.add(new Cut(start, end, id));
            } else {
                add(start, start + middle, cuts);
                add(start + middle, end, cuts);
            }
        }
    }
}
