package dev.orrery.data.text;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A SentencePiece model, as PaliGemma, Gemma, Llama 2 and T5 come with.
///
/// The file says itself which kind it is. What is done with it is said in the terms of a
/// `tokenizer.json`: a BPE merge has the rank of the piece that it makes, higher scores first.
/// Control pieces such as `<bos>` are ids only, they are never read out of a text; user-defined
/// ones, such as PaliGemma's `<loc0000>`, are.
///
/// Source: `sentencepiece_model.proto` of google/sentencepiece.
///
/// @param file where it is from
/// @param pieces by id
/// @param kind the algorithm
/// @param byteFallback whether unknown characters become tokens of their bytes
/// @param normalisation what is done to a text before
public record SentencePiece(
        Path file,
        List<Piece> pieces,
        Kind kind,
        boolean byteFallback,
        Normalisation normalisation) {

    private static final String MARK = "▁";

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

    /// What is done to a text before it is cut.
    ///
    /// @param charsmap compiled replacements of characters, possibly none
    /// @param dummyPrefix whether a space is put in front
    /// @param collapseSpaces whether runs of spaces become one, and those at the ends none
    public record Normalisation(byte[] charsmap, boolean dummyPrefix, boolean collapseSpaces) {}

    /// Reads a model file.
    ///
    /// @throws DatasetException if it is damaged or not such a file
    public static SentencePiece read(Path file) {
        try {
            return parse(file, Files.readAllBytes(file));
        } catch (IOException e) {
            throw DatasetException.at(file, "cannot be read", e);
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw DatasetException.at(file, "is no SentencePiece model, or it is cut off", e);
        }
    }

    private static SentencePiece parse(Path file, byte[] bytes) {
        var pieces = new ArrayList<Piece>();
        var kind = new int[] {1};
        var fallback = new boolean[1];
        var charsmap = new byte[][] {{}};
        var spaces = new boolean[] {true, true, true};
        each(
                bytes,
                (field, value) -> {
                    switch (field) {
                        case 1 -> pieces.add(piece(file, value));
                        case 2 ->
                                each(
                                        value.bytes,
                                        (f, v) -> {
                                            if (f == 3) kind[0] = (int) v.number;
                                            if (f == 35) fallback[0] = v.number != 0;
                                            if (f == 24 && v.number != 0)
                                                throw DatasetException.at(
                                                        file,
                                                        "marks spaces at the end of words, which is not supported");
                                        });
                        case 3 ->
                                each(
                                        value.bytes,
                                        (f, v) -> {
                                            if (f == 2) charsmap[0] = v.bytes;
                                            if (f >= 3 && f <= 5) spaces[f - 3] = v.number != 0;
                                        });
                        default -> {}
                    }
                });
        if (pieces.isEmpty() || kind[0] < 1 || kind[0] > Kind.values().length)
            throw DatasetException.at(
                    file,
                    "is no SentencePiece model: it has %d pieces and kind %d"
                            .formatted(pieces.size(), kind[0]));
        return new SentencePiece(
                file,
                List.copyOf(pieces),
                Kind.values()[kind[0] - 1],
                fallback[0],
                new Normalisation(charsmap[0], spaces[0], spaces[1]));
    }

    private static Piece piece(Path file, Value value) {
        var text = new String[] {""};
        var score = new float[1];
        var use = new int[] {1};
        each(
                value.bytes,
                (field, v) -> {
                    if (field == 1) text[0] = new String(v.bytes, StandardCharsets.UTF_8);
                    if (field == 2) score[0] = Float.intBitsToFloat((int) v.number);
                    if (field == 3) use[0] = (int) v.number;
                });
        if (use[0] < 1 || use[0] > Use.values().length)
            throw DatasetException.at(
                    file, "piece '%s' is of unknown kind %d".formatted(text[0], use[0]));
        return new Piece(text[0], score[0], Use.values()[use[0] - 1]);
    }

    /// A value of a protobuf field: a number, or bytes.
    private record Value(long number, byte[] bytes) {}

    private interface Field {
        void read(int number, Value value);
    }

    private static void each(byte[] message, Field field) {
        var in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            long tag = varint(in);
            int number = (int) (tag >>> 3);
            switch ((int) (tag & 7)) {
                case 0 -> field.read(number, new Value(varint(in), new byte[0]));
                case 1 -> field.read(number, new Value(in.getLong(), new byte[0]));
                case 2 -> {
                    long length = varint(in);
                    if (length < 0 || length > in.remaining()) throw new BufferUnderflowException();
                    var bytes = new byte[(int) length];
                    in.get(bytes);
                    field.read(number, new Value(0, bytes));
                }
                case 5 -> field.read(number, new Value(in.getInt(), new byte[0]));
                default -> throw new BufferUnderflowException();
            }
        }
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) return value;
        }
        throw new BufferUnderflowException();
    }

    /// This model at work.
    ///
    /// @throws DatasetException if it is of a kind that is not supported
    public Tokenizer tokenizer() {
        var hidden =
                IntStream.range(0, pieces.size())
                        .filter(i -> pieces.get(i).use == Use.CONTROL)
                        .mapToObj(Long::valueOf)
                        .collect(Collectors.toSet());
        return Tokenizer.of(file, json().toString(), Set.copyOf(hidden), false);
    }

    private ObjectNode json() {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("version", "1.0");
        json.putNull("truncation").putNull("padding");
        var added = json.putArray("added_tokens");
        for (int id = 0; id < pieces.size(); id++) {
            if (pieces.get(id).use != Use.USER_DEFINED) continue;
            var token = added.addObject();
            token.put("id", id).put("content", pieces.get(id).text);
            for (var no : List.of("single_word", "lstrip", "rstrip", "normalized", "special"))
                token.put(no, false);
        }
        json.set("normalizer", normalizer());
        json.putNull("pre_tokenizer").putNull("post_processor");
        json.set("decoder", decoder());
        json.set(
                "model",
                switch (kind) {
                    case BPE -> bpe();
                    case UNIGRAM -> unigram();
                    case WORD, CHAR ->
                            throw DatasetException.at(
                                    file,
                                    "is a SentencePiece model of kind %s; BPE and UNIGRAM are supported"
                                            .formatted(kind));
                });
        return json;
    }

    private ObjectNode normalizer() {
        var all = step("Sequence");
        var steps = all.putArray("normalizers");
        if (normalisation.charsmap.length > 0)
            steps.add(
                    step("Precompiled")
                            .put(
                                    "precompiled_charsmap",
                                    Base64.getEncoder().encodeToString(normalisation.charsmap)));
        if (normalisation.collapseSpaces) {
            steps.add(step("Strip").put("strip_left", true).put("strip_right", true));
            steps.add(replace("Regex", " {2,}", " "));
        }
        if (normalisation.dummyPrefix) steps.add(step("Prepend").put("prepend", MARK));
        steps.add(replace("String", " ", MARK));
        return all;
    }

    private ObjectNode decoder() {
        var all = step("Sequence");
        var steps = all.putArray("decoders");
        steps.add(replace("String", MARK, " "));
        steps.add(step("ByteFallback"));
        steps.add(step("Fuse"));
        if (normalisation.dummyPrefix)
            steps.add(step("Strip").put("content", " ").put("start", 1).put("stop", 0));
        return all;
    }

    private static ObjectNode step(String type) {
        return JsonNodeFactory.instance.objectNode().put("type", type);
    }

    private static ObjectNode replace(String how, String what, String with) {
        var step = step("Replace").put("content", with);
        step.putObject("pattern").put(how, what);
        return step;
    }

    private ObjectNode unigram() {
        var model = step("Unigram").put("byte_fallback", byteFallback);
        model.put("unk_id", unknown());
        var vocab = model.putArray("vocab");
        for (var piece : pieces) vocab.addArray().add(piece.text).add((double) score(piece));
        return model;
    }

    /// Pieces that no text may become score so low that any other way is better.
    private static float score(Piece piece) {
        return switch (piece.use) {
            case NORMAL, USER_DEFINED, UNKNOWN -> piece.score;
            case CONTROL, UNUSED, BYTE -> -1e6f;
        };
    }

    private int unknown() {
        for (int id = 0; id < pieces.size(); id++) if (pieces.get(id).use == Use.UNKNOWN) return id;
        throw DatasetException.at(file, "has no piece for unknown characters");
    }

    private ObjectNode bpe() {
        var model = step("BPE");
        model.putNull("dropout").putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("unk_token", pieces.get(unknown()).text);
        model.put("fuse_unk", true).put("byte_fallback", byteFallback).put("ignore_merges", false);
        var ids = new HashMap<String, Integer>();
        var vocab = model.putObject("vocab");
        for (int id = 0; id < pieces.size(); id++) {
            vocab.put(pieces.get(id).text, id);
            if (pieces.get(id).use == Use.NORMAL) ids.put(pieces.get(id).text, id);
        }
        var merges = model.putArray("merges");
        merges(ids).forEach(m -> merges.addArray().add(m.left).add(m.right));
        return model;
    }

    private record Merge(String left, String right, float score, int first, int second) {}

    /// Every way to make a piece of two others, the best pieces first.
    private List<Merge> merges(HashMap<String, Integer> ids) {
        var merges = new ArrayList<Merge>();
        for (var piece : pieces) {
            if (piece.use != Use.NORMAL) continue;
            var text = piece.text;
            for (int at = text.offsetByCodePoints(0, 1);
                    at < text.length();
                    at = text.offsetByCodePoints(at, 1)) {
                var left = ids.get(text.substring(0, at));
                var right = ids.get(text.substring(at));
                if (left != null && right != null)
                    merges.add(
                            new Merge(
                                    text.substring(0, at),
                                    text.substring(at),
                                    piece.score,
                                    left,
                                    right));
            }
        }
        merges.sort(
                Comparator.comparing(Merge::score)
                        .reversed()
                        .thenComparing(Merge::first)
                        .thenComparing(Merge::second));
        return merges;
    }
}
