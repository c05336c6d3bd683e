package dev.orrery.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.DatasetException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TokenizerTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tokenizer-bytelevel-bpe",
                "tokenizer-clip",
                "tokenizer-sp-bpe",
                "tokenizer-unigram",
                "tokenizer-spm-bpe",
                "tokenizer-spm-bpe-bytes",
                "tokenizer-spm-char",
                "tokenizer-spm-unigram",
                "tokenizer-spm-unigram-suffix",
                "tokenizer-spm-word"
            })
    void cutsAndJoinsAsTheReference(String name) throws Exception {
        var result = TokenizerCheck.run(golden(name));
        assertThat(result.differences()).isEmpty();
        assertThat(result.compared()).isGreaterThan(100);
    }

    /// As PaliGemma's `<image>`, for which its networks have no row.
    @Test
    void tokensAddedPastTheVocabularyAreToldApart() {
        var added =
                "{\"id\": %d, \"content\": \"%s\", \"single_word\": false, \"lstrip\": false,"
                        + " \"rstrip\": false, \"normalized\": false, \"special\": true}";
        var json =
                "{\"added_tokens\": [%s, %s], \"model\": {\"type\": \"BPE\", \"merges\": [],"
                        + " \"vocab\": {\"a\": 0, \"b\": 1, \"<s>\": 2}}}";
        var both = json.formatted(added.formatted(2, "<s>"), added.formatted(3, "<image>"));
        try (var tokenizer = Tokenizer.parse(both)) {
            assertThat(tokenizer.size()).isEqualTo(4);
            assertThat(tokenizer.ownSize()).isEqualTo(3);
        }
    }

    @Test
    void aCheckCutsAndPadsAsTheFileSaysAndJoinsAddedWordsAsNormalized() throws Exception {
        var folder = golden("tokenizer-cut-and-padded");
        var result = TokenizerCheck.run(folder);
        assertThat(result.differences()).isEmpty();
        assertThat(result.compared()).isEqualTo(27);
        try (var whole = Tokenizer.open(folder)) {
            assertThat(whole.encode("put it down RED").length()).as("no padding").isEqualTo(4);
            assertThat(whole.encodeWithSpecials("the red block", "put it down the block").length())
                    .as("nothing cut")
                    .isEqualTo(10);
        }
    }

    @Test
    void aCheckThatSeesADifferenceSaysWhere(@TempDir Path folder) throws Exception {
        var golden = golden("tokenizer-sp-bpe");
        Files.copy(golden.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        var expected = Files.readString(golden.resolve("expected.json"));
        Files.writeString(
                folder.resolve("expected.json"),
                expected.replaceFirst("\"ids\": ?\\[\\s*1,", "\"ids\": [7,"));
        var result = TokenizerCheck.run(folder);
        assertThat(result.agrees()).isFalse();
        assertThat(result.differences()).hasSize(1).first().asString().contains("' ' ids", "[7, ");
    }

    @Test
    void aSentencePieceModelCutsLikeTheSameVocabularyElsewhere(@TempDir Path folder)
            throws Exception {
        var golden = golden("tokenizer-sp-bpe");
        var json = new JsonMapper().readTree(golden.resolve("tokenizer.json"));
        var file = folder.resolve("tokenizer.model");
        Files.write(file, sentencePiece(json.path("model"), 2));
        assertThat(SentencePiece.read(file).kind()).isEqualTo(SentencePiece.Kind.BPE);
        try (var tokenizer = Tokenizer.open(folder)) {
            var expected = new JsonMapper().readTree(golden.resolve("expected.json"));
            for (var test : expected.path("cases")) {
                var text = test.path("text").asString();
                if (text.contains("<s>") || text.contains("</s>") || text.contains("<unk>")) {
                    continue; // control pieces are never read out of a text
                }
                long[] ids = tokenizer.encode(text).ids();
                assertThat(ids)
                        .as("'%s'", text)
                        .containsExactly(longs(test.path("ids_no_special")));
                assertThat(tokenizer.decode(ids)).isEqualTo(test.path("decoded").asString());
            }
            assertThat(tokenizer.begin()).isEqualTo(1);
            assertThat(tokenizer.encode("<s>").ids()).isNotEqualTo(new long[] {1});
        }
    }

    @Test
    void sumsOfScoresLosePlacesAsTheReferenceHasThem() throws Exception {
        var result = TokenizerCheck.run(golden("tokenizer-spm-unigram-sums"));
        assertThat(result.differences()).isEmpty();
        assertThat(result.compared()).isEqualTo(25);
    }

    @Test
    void theKindOfASentencePieceModelIsReadFromTheFile(@TempDir Path folder) throws Exception {
        var json = new JsonMapper().readTree(golden("tokenizer-sp-bpe").resolve("tokenizer.json"));
        for (var kind : SentencePiece.Kind.values()) {
            var file = folder.resolve(kind + ".model");
            Files.write(file, sentencePiece(json.path("model"), kind.ordinal() + 1));
            assertThat(SentencePiece.read(file).kind()).isEqualTo(kind);
            try (var tokenizer = Tokenizer.open(file)) {
                assertThat(tokenizer.encode("the red").length())
                        .as("%s", kind)
                        .isEqualTo(
                                switch (kind) {
                                    case BPE, WORD -> 2;
                                    case UNIGRAM -> 3;
                                    case CHAR -> "▁the▁red".length();
                                });
            }
        }
    }

    @Test
    void controlPiecesAreSpelledOutOnlyWhereAskedAndNeverReadFromAText() throws Exception {
        try (var tokenizer = Tokenizer.open(golden("tokenizer-spm-unigram"))) {
            long control = tokenizer.id("<ctl>").orElseThrow();
            long user = tokenizer.id("<usr>").orElseThrow();
            assertThat(tokenizer.decode(tokenizer.begin(), user, control)).isEqualTo("<usr>");
            assertThat(tokenizer.decodeWithSpecials(tokenizer.begin(), user, control))
                    .isEqualTo("<s><usr><ctl>");
            assertThat(tokenizer.encode("<s> <ctl><usr>").ids())
                    .contains(user)
                    .doesNotContain(tokenizer.begin(), control);
            assertThat(tokenizer.added()).containsValue("<usr>").doesNotContainValue("<ctl>");
            assertThat(tokenizer.bytes()[(int) control]).isEmpty();
        }
    }

    @Test
    void twoTextsFollowOneAnother() throws Exception {
        try (var tokenizer = Tokenizer.open(golden("tokenizer-spm-bpe"))) {
            long[] red = tokenizer.encode("red").ids(), block = tokenizer.encode("block").ids();
            var both = tokenizer.encodeWithSpecials("red", "block");
            assertThat(both.ids()).startsWith(red).endsWith(block);
            assertThat(both.length()).isEqualTo(red.length + block.length);
            assertThat(both.types()[red.length - 1]).isZero();
            assertThat(both.types()[red.length]).isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"tokenizer-spm-bpe", "tokenizer-spm-bpe-bytes", "tokenizer-spm-unigram"})
    void damagedModelsAreRefusedOrOpened(String name, @TempDir Path folder) throws Exception {
        var whole = Files.readAllBytes(golden(name).resolve("tokenizer.model"));
        var file = folder.resolve("tokenizer.model");
        for (int length = 0; length < whole.length - 16; length += 1 + length / 50) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Tokenizer.open(folder))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("cut off");
        }
        long seed = 5;
        var random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            var flipped = whole.clone();
            flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, flipped);
            try (var tokenizer = Tokenizer.open(folder)) {
                var ids = tokenizer.encode("½ the red  block <usr> 日本 🤖 e\u0301\n").ids();
                tokenizer.decodeWithSpecials(ids);
            } catch (DatasetException e) {
                refused++;
            }
        }
        assertThat(refused).as("seed %d", seed).isBetween(40, 399);
    }

    @Test
    void damagedAndMissingFilesAreNamed(@TempDir Path folder) throws Exception {
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("holds no tokenizer")
                .hasMessageContaining("tokenizer.model");
        var cut = Files.write(folder.resolve("tokenizer.model"), new byte[] {10, 90, 1, 2});
        assertThatThrownBy(() -> Tokenizer.open(cut))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("cut off");
        var empty = Files.writeString(folder.resolve("tokenizer.json"), "{}");
        assertThatThrownBy(() -> Tokenizer.open(empty))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("has no model");
        var odd = "{\"model\": {\"type\": \"Magic\"}}";
        Files.writeString(empty, odd);
        assertThatThrownBy(() -> Tokenizer.open(empty))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("tokenizer.json");
    }

    @Test
    void longTextsAreNeverCut() throws Exception {
        try (var tokenizer = Tokenizer.open(golden("tokenizer-sp-bpe"))) {
            assertThat(tokenizer.encode("block ".repeat(2000)).length()).isGreaterThan(2000);
        }
    }

    @Test
    void paddingMarksTokensAndCountsWhatIsCut() {
        var padded = PaddedTokens.of(new long[] {5, 6, 7}, 5);
        assertThat(padded.ids()).containsExactly(5, 6, 7, 0, 0);
        assertThat(padded.mask()).containsExactly(true, true, true, false, false);
        var cut = PaddedTokens.of(new long[] {5, 6, 7}, 2);
        assertThat(cut.ids()).containsExactly(5, 6);
        assertThat(cut.cut()).isEqualTo(1);
    }

    private static Path golden(String name) throws Exception {
        return Path.of(TokenizerTest.class.getResource("/goldens/" + name).toURI());
    }

    private static long[] longs(JsonNode values) {
        var out = new long[values.size()];
        for (int i = 0; i < out.length; i++) out[i] = values.path(i).asLong();
        return out;
    }

    /// A SentencePiece file with the vocabulary of a BPE in JSON: the piece that a merge makes has
    /// minus the merge's rank as its score.
    private static byte[] sentencePiece(JsonNode model, int kind) {
        var pieces = new String[model.path("vocab").size()];
        model.path("vocab").properties().forEach(e -> pieces[e.getValue().asInt()] = e.getKey());
        var ranks = new java.util.HashMap<String, Integer>();
        int rank = 0;
        for (var merge : model.path("merges")) {
            var made =
                    merge.isArray()
                            ? merge.path(0).asString() + merge.path(1).asString()
                            : merge.asString().replace(" ", "");
            ranks.putIfAbsent(made, rank++);
        }
        var out = new ByteArrayOutputStream();
        for (var text : pieces) {
            var piece = new ByteArrayOutputStream();
            bytes(piece, 1, text.getBytes(StandardCharsets.UTF_8));
            piece.write(2 << 3 | 5);
            float score = -ranks.getOrDefault(text, 10_000);
            piece.writeBytes(
                    ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(score).array());
            piece.write(3 << 3);
            piece.write(
                    switch (text) {
                        case "<unk>" -> 2;
                        case "<s>", "</s>" -> 3;
                        default -> text.matches("<0x..>") ? 6 : 1;
                    });
            bytes(out, 1, piece.toByteArray());
        }
        var trainer = new ByteArrayOutputStream();
        trainer.write(3 << 3);
        trainer.write(kind);
        trainer.writeBytes(new byte[] {(byte) (35 << 3 & 0x7f | 0x80), 35 << 3 >> 7, 1});
        bytes(out, 2, trainer.toByteArray());
        var normaliser = new ByteArrayOutputStream();
        normaliser.writeBytes(new byte[] {4 << 3, 0});
        bytes(out, 3, normaliser.toByteArray());
        return out.toByteArray();
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
        out.write(field << 3 | 2);
        int length = value.length;
        while (length > 127) {
            out.write(length & 0x7f | 0x80);
            length >>>= 7;
        }
        out.write(length);
        out.writeBytes(value);
    }
}
