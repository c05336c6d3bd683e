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
                "tokenizer-unigram"
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
    void theKindOfASentencePieceModelIsReadFromTheFile(@TempDir Path folder) throws Exception {
        var json = new JsonMapper().readTree(golden("tokenizer-sp-bpe").resolve("tokenizer.json"));
        var word = folder.resolve("word.model");
        Files.write(word, sentencePiece(json.path("model"), 3));
        assertThatThrownBy(() -> Tokenizer.open(word))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("word.model")
                .hasMessageContaining("kind WORD");
        var unigram = folder.resolve("unigram.model");
        Files.write(unigram, sentencePiece(json.path("model"), 1));
        try (var tokenizer = Tokenizer.open(unigram)) {
            assertThat(SentencePiece.read(unigram).kind()).isEqualTo(SentencePiece.Kind.UNIGRAM);
            assertThat(tokenizer.decode(tokenizer.encode("pick up the red block").ids()))
                    .isEqualTo("pick up the red block");
        }
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
