package dev.orrery.data.text;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A SentencePiece model, as PaliGemma, Gemma, Llama 2 and T5 come with.
///
/// The file says itself which kind it is and what is done to a text before. Control pieces such as
/// `<bos>` are ids only, they are never read out of a text; user-defined ones, such as PaliGemma's
/// `<loc0000>`, are.
///
/// Source: `sentencepiece_model.proto` of google/sentencepiece.
///
/// @param file where it is from
/// @param pieces by id
/// @param kind the algorithm
/// @param byteFallback whether unknown characters become tokens of their bytes
/// @param unknown how what is unknown is written when tokens are joined
/// @param normalisation what is done to a text before
/// @param restoring what is done to joined tokens
public record SentencePiece(
        Path file,
        List<Piece> pieces,
        Kind kind,
        boolean byteFallback,
        String unknown,
        Normalisation normalisation,
        Normalisation restoring) {

    private static final long LARGEST = 1 << 28;

    /// The algorithms that SentencePiece knows, in the order of its own enumeration.
    public enum Kind {
        UNIGRAM,
        BPE,
        WORD,
        CHAR
    }

    /// What a piece is for, in the order of the format's own enumeration.
    public enum Use {
        NORMAL,
        UNKNOWN,
        CONTROL,
        USER_DEFINED,
        UNUSED,
        BYTE
    }

    /// One entry of the vocabulary.
    ///
    /// @param text `▁` stands for a space
    /// @param score log probability, or minus the rank of a merge
    /// @param use what it is for
    public record Piece(String text, float score, Use use) {}

    /// What is done to a text.
    ///
    /// @param charsmap compiled replacements of characters, possibly none
    /// @param extraSpace whether a space is put in front, or after it where `spaceLast`
    /// @param spaceLast whether spaces belong to the word before them
    /// @param collapseSpaces whether runs of spaces become one, and those at the ends none
    /// @param markSpaces whether spaces become `▁`
    public record Normalisation(
            byte[] charsmap,
            boolean extraSpace,
            boolean spaceLast,
            boolean collapseSpaces,
            boolean markSpaces) {}

    /// Reads a model file.
    ///
    /// @throws DatasetException if it is damaged or not such a file
    public static SentencePiece read(Path file) {
        try {
            long size = Files.size(file);
            if (size > LARGEST)
                throw new IllegalArgumentException(
                        "it has %d bytes, more than any such model".formatted(size));
            return parse(file, ProtobufFields.read(ByteBuffer.wrap(Files.readAllBytes(file))));
        } catch (IOException e) {
            throw DatasetException.at(file, "cannot be read", e);
        } catch (IllegalArgumentException e) {
            throw damaged(file, e);
        }
    }

    private static DatasetException damaged(Path file, IllegalArgumentException why) {
        return DatasetException.at(
                file,
                "is no SentencePiece model, or it is damaged or cut off; copy it again from where the model was published",
                why);
    }

    private static SentencePiece parse(Path file, ProtobufFields model) {
        if (model.part(2).isEmpty() || model.part(3).isEmpty())
            throw new IllegalArgumentException(
                    "the settings after its %d pieces are missing".formatted(model.all(1).size()));
        var trainer = ProtobufFields.read(model.part(2).get());
        boolean spaceLast = trainer.flag(24, false);
        return new SentencePiece(
                file,
                model.all(1).stream().map(SentencePiece::piece).toList(),
                of(Kind.values(), trainer.number(3, 1)),
                trainer.flag(35, false),
                trainer.text(44, " ⁇ "),
                normalisation(model.part(3).get(), spaceLast),
                normalisation(model.part(5).orElse(ByteBuffer.allocate(0)), false));
    }

    private static Piece piece(ByteBuffer message) {
        var piece = ProtobufFields.read(message);
        float score = Float.intBitsToFloat((int) piece.number(2, 0));
        if (!Float.isFinite(score))
            throw new IllegalArgumentException("a piece has the score " + score);
        return new Piece(piece.text(1, ""), score, of(Use.values(), piece.number(3, 1)));
    }

    private static Normalisation normalisation(ByteBuffer message, boolean spaceLast) {
        var fields = ProtobufFields.read(message);
        var charsmap = fields.part(2).orElse(ByteBuffer.allocate(0));
        var bytes = new byte[charsmap.remaining()];
        charsmap.get(bytes);
        return new Normalisation(
                bytes, fields.flag(3, true), spaceLast, fields.flag(4, true), fields.flag(5, true));
    }

    /// The entry of an enumeration whose numbers begin with 1.
    private static <E> E of(E[] values, long number) {
        if (number < 1 || number > values.length)
            throw new IllegalArgumentException(
                    "%d is not the number of one of %s".formatted(number, List.of(values)));
        return values[(int) number - 1];
    }

    /// This model at work.
    ///
    /// @throws DatasetException if its parts contradict each other
    public Tokenizer tokenizer() {
        try {
            return new SentencePieceTokenizer(this, PieceTable.of(this));
        } catch (IllegalArgumentException e) {
            throw damaged(file, e);
        }
    }
}
