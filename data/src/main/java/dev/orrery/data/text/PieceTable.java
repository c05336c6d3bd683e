package dev.orrery.data.text;

import dev.orrery.data.text.SentencePiece.Piece;
import dev.orrery.data.text.SentencePiece.Use;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The pieces of a SentencePiece model, found by their text.
///
/// @param pieces by id
/// @param ids of all pieces
/// @param words what a text may become, unused pieces among it
/// @param symbols the user's own, which are never cut
/// @param unknown the id of what is no piece
/// @param bytes the ids of bytes, -1 where the model has none
record PieceTable(
        List<Piece> pieces,
        Map<String, Long> ids,
        PieceTrie words,
        PieceTrie symbols,
        int unknown,
        int[] bytes) {

    /// Sorts a model's pieces.
    ///
    /// @throws IllegalArgumentException if they contradict each other or the model's settings
    static PieceTable of(SentencePiece model) {
        var pieces = model.pieces();
        Map<String, Long> ids = new HashMap<>(), reserved = new HashMap<>();
        List<PieceTrie.Entry> words = new ArrayList<>(), symbols = new ArrayList<>();
        var bytes = new int[256];
        Arrays.fill(bytes, -1);
        for (int id = 0; id < pieces.size(); id++) {
            var piece = pieces.get(id);
            var text = piece.text();
            boolean word = isWord(piece.use());
            if (text.isEmpty())
                throw new IllegalArgumentException("piece %d is empty".formatted(id));
            if ((word ? ids : reserved).put(text, (long) id) != null)
                throw new IllegalArgumentException("the piece '%s' comes twice".formatted(text));
            var entry = new PieceTrie.Entry(text.getBytes(StandardCharsets.UTF_8), id);
            if (word) words.add(entry);
            if (piece.use() == Use.USER_DEFINED) symbols.add(entry);
            if (piece.use() == Use.BYTE) bytes[value(piece)] = id;
        }
        ids.putAll(reserved);
        if (Arrays.stream(bytes).anyMatch(id -> id >= 0 != model.byteFallback()))
            throw new IllegalArgumentException(
                    "byte fallback is %s, but %d of 256 bytes have a piece"
                            .formatted(
                                    model.byteFallback() ? "on" : "off",
                                    Arrays.stream(bytes).filter(id -> id >= 0).count()));
        return new PieceTable(
                pieces, ids, new PieceTrie(words), new PieceTrie(symbols), unknown(pieces), bytes);
    }

    private static boolean isWord(Use use) {
        return switch (use) {
            case NORMAL, USER_DEFINED, UNUSED -> true;
            case UNKNOWN, CONTROL, BYTE -> false;
        };
    }

    private static int unknown(List<Piece> pieces) {
        var all = pieces.stream().filter(piece -> piece.use() == Use.UNKNOWN).toList();
        if (all.size() == 1) return pieces.indexOf(all.getFirst());
        throw new IllegalArgumentException(
                "it has %d pieces for unknown characters and needs one".formatted(all.size()));
    }

    /// The byte that a piece such as `<0x0A>` stands for.
    static int value(Piece piece) {
        if (!piece.text().matches("<0x[0-9A-F]{2}>"))
            throw new IllegalArgumentException("'%s' is no byte".formatted(piece.text()));
        return Integer.parseInt(piece.text(), 3, 5, 16);
    }

    /// The id of a stretch of a text; control pieces are not read out of one.
    int id(byte[] text, int from, int to) {
        int id =
                ids.getOrDefault(
                                new String(text, from, to - from, StandardCharsets.UTF_8),
                                (long) unknown)
                        .intValue();
        return pieces.get(id).use() == Use.CONTROL ? unknown : id;
    }
}
