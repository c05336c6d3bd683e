package dev.orrery.data.text;

import dev.orrery.data.text.SentencePiece.Piece;
import dev.orrery.data.text.SentencePiece.Use;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// A SentencePiece model at work, as the library of that name does it.
///
/// Tokens of unknown characters are spelled as these characters, and neighbours are one token.
/// Nothing is added around a text; where two are given, their tokens follow one another.
final class SentencePieceTokenizer extends Tokenizer {

    private final SentencePiece model;
    private final PieceTable pieces;
    private final TextNormalizer normalizer, restorer;
    private final Cutter cutter;

    /// @throws IllegalArgumentException if a table of characters is damaged
    SentencePieceTokenizer(SentencePiece model, PieceTable pieces) {
        super(pieces.ids(), pieces.pieces().size(), symbols(pieces.pieces()));
        this.model = model;
        this.pieces = pieces;
        normalizer = new TextNormalizer(model.normalisation(), pieces.symbols());
        restorer = new TextNormalizer(model.restoring(), new PieceTrie(List.of()));
        cutter = Cutter.of(model.kind(), pieces);
    }

    private static SortedMap<Long, String> symbols(List<Piece> pieces) {
        var symbols = new TreeMap<Long, String>();
        for (int id = 0; id < pieces.size(); id++)
            if (pieces.get(id).use() == Use.USER_DEFINED)
                symbols.put((long) id, pieces.get(id).text());
        return symbols;
    }

    @Override
    public int size() {
        return pieces.pieces().size();
    }

    @Override
    public boolean writesBytes() {
        return false;
    }

    @Override
    public byte[][] bytes() {
        return pieces.pieces().stream().map(this::bytes).toArray(byte[][]::new);
    }

    private byte[] bytes(Piece piece) {
        return piece.use() == Use.BYTE
                ? new byte[] {(byte) PieceTable.value(piece)}
                : part(piece, false).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Encoding encode(String text) {
        return encode(List.of(text));
    }

    @Override
    public Encoding encodeWithSpecials(String text) {
        return encode(List.of(text));
    }

    @Override
    public Encoding encodeWithSpecials(String first, String second) {
        return encode(List.of(first, second));
    }

    private Encoding encode(List<String> texts) {
        var tokens = new ArrayList<Token>();
        for (int i = 0; i < texts.size(); i++) tokens.addAll(tokens(texts.get(i), i));
        return new Encoding(
                tokens.stream().mapToLong(Token::id).toArray(),
                tokens.stream().map(Token::text).toList(),
                tokens.stream().map(Token::span).toList(),
                tokens.stream().mapToLong(Token::type).toArray());
    }

    private record Token(long id, String text, Encoding.Span span, long type) {}

    private List<Token> tokens(String text, int type) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var points = points(bytes);
        var normal = normalizer.normalize(bytes);
        var tokens = new ArrayList<Token>();
        for (var cut : fused(cutter.cut(normal.bytes()))) {
            int start = points[normal.origins()[cut.start()]];
            int end = points[normal.origins()[cut.end()]];
            var part = Arrays.copyOfRange(normal.bytes(), cut.start(), cut.end());
            if (cut.id() == pieces.unknown() && model.byteFallback()) {
                // the last byte stands for the character, the others for nothing of it
                for (int i = 0; i < part.length; i++) {
                    int id = pieces.bytes()[part[i] & 0xff];
                    var span = new Encoding.Span(start, i + 1 < part.length ? start : end);
                    tokens.add(new Token(id, pieces.pieces().get(id).text(), span, type));
                }
            } else {
                var piece = new String(part, StandardCharsets.UTF_8);
                tokens.add(new Token(cut.id(), piece, new Encoding.Span(start, end), type));
            }
        }
        return tokens;
    }

    /// Unknown neighbours as one, unless they become bytes.
    private List<Cutter.Cut> fused(List<Cutter.Cut> cuts) {
        if (model.byteFallback()) return cuts;
        var fused = new ArrayList<Cutter.Cut>();
        for (var cut : cuts) {
            boolean goesOn =
                    cut.id() == pieces.unknown()
                            && !fused.isEmpty()
                            && fused.getLast().id() == cut.id();
            int start = goesOn ? fused.removeLast().start() : cut.start();
            fused.add(new Cutter.Cut(start, cut.end(), cut.id()));
        }
        return fused;
    }

    /// How many characters begin before each byte of a text, and before its end.
    private static int[] points(byte[] text) {
        var points = new int[text.length + 1];
        for (int at = 0; at < text.length; at++)
            points[at + 1] = points[at] + ((text[at] & 0xc0) == 0x80 ? 0 : 1);
        return points;
    }

    @Override
    public String decode(long... tokens) {
        return join(tokens, false);
    }

    @Override
    public String decodeWithSpecials(long... tokens) {
        return join(tokens, true);
    }

    private String join(long[] tokens, boolean specials) {
        var how = model.normalisation();
        var text = new StringBuilder();
        var bytes = new ByteArrayOutputStream();
        boolean first = how.extraSpace() || how.collapseSpaces();
        for (long id : tokens) {
            if (id < 0 || id >= size()) continue;
            var piece = pieces.pieces().get((int) id);
            if (piece.use() == Use.BYTE) {
                bytes.write(PieceTable.value(piece));
                continue;
            }
            flush(bytes, text);
            var part = part(piece, specials);
            // spaces before the first word: all of them, or the one that was put there
            boolean lost = first && text.isEmpty() && isMarked(piece);
            text.append(part, lost ? 1 : 0, part.length());
            first &= !lost || how.collapseSpaces();
        }
        flush(bytes, text);
        if (model.restoring().charsmap().length == 0) return text.toString();
        var restored = restorer.normalize(text.toString().getBytes(StandardCharsets.UTF_8));
        return new String(restored.bytes(), StandardCharsets.UTF_8);
    }

    private static boolean isMarked(Piece piece) {
        return piece.use() != Use.CONTROL
                && piece.use() != Use.UNKNOWN
                && piece.text().startsWith("▁");
    }

    private String part(Piece piece, boolean specials) {
        return switch (piece.use()) {
            case CONTROL -> specials ? piece.text() : "";
            case UNKNOWN -> model.unknown();
            case NORMAL, USER_DEFINED, UNUSED, BYTE -> piece.text().replace('▁', ' ');
        };
    }

    private static void flush(ByteArrayOutputStream bytes, StringBuilder text) {
        text.append(Utf8.text(bytes.toByteArray()));
        bytes.reset();
    }

    @Override
    public void close() {}
}
