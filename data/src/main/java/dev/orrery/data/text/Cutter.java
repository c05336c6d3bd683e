package dev.orrery.data.text;

import java.util.ArrayList;
import java.util.List;

/// How a normalized text is cut into pieces.
interface Cutter {

    /// A stretch of the text, in bytes, and the id of the piece that it is.
    record Cut(int start, int end, int id) {}

    /// All of the text, one stretch after another.
    List<Cut> cut(byte[] text);

    /// The cutter that a model asks for.
    static Cutter of(SentencePiece.Kind kind, PieceTable pieces) {
        return switch (kind) {
            case UNIGRAM -> new UnigramCutter(pieces);
            case BPE -> new MergeCutter(pieces);
            case WORD -> text -> words(text, pieces);
            case CHAR -> text -> characters(text, pieces);
        };
    }

    /// Every character, or symbol of the user's own.
    private static List<Cut> characters(byte[] text, PieceTable pieces) {
        var cuts = new ArrayList<Cut>();
        for (int at = 0; at < text.length; ) {
            int symbol = pieces.symbols().longest(text, at);
            int end = at + (symbol > 0 ? symbol : Utf8.length(text, at));
            cuts.add(new Cut(at, end, pieces.id(text, at, end)));
            at = end;
        }
        return cuts;
    }

    /// What begins with a `▁`, at whichever end of a word the model has them.
    private static List<Cut> words(byte[] text, PieceTable pieces) {
        var cuts = new ArrayList<Cut>();
        for (int at = 0; at < text.length; ) {
            int end = at + Utf8.length(text, at);
            while (end < text.length && !Utf8.isMark(text, end)) end += Utf8.length(text, end);
            cuts.add(new Cut(at, end, pieces.id(text, at, end)));
            at = end;
        }
        return cuts;
    }
}
