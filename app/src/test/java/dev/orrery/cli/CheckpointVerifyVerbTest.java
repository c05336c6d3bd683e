package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointVerifyVerbTest {

    @TempDir private Path folder;

    @Test
    void aTokenizerIsComparedAndWhatDiffersIsShown() throws IOException {
        Files.writeString(
                folder.resolve("fixture.json"),
                """
                {"format": 1, "kind": "tokenizer", "reference": "hand", "expected": "expected.json"}\
                """);
        Files.writeString(
                folder.resolve("tokenizer.json"),
                """
                {"version": "1.0", "pre_tokenizer": {"type": "Whitespace"},
                 "model": {"type": "WordLevel", "vocab": {"?": 0, "red": 1}, "unk_token": "?"}}\
                """);
        expect("[1, 0]");
        assertThat(verify(Main.DONE)).contains("7 of 7 values agree with hand");
        expect("[1, 1]");
        assertThat(verify(Main.MISSED))
                .contains("'red block' ids: [1, 0] instead of [1, 1]", "6 of 7 values");
    }

    private void expect(String ids) throws IOException {
        Files.writeString(
                folder.resolve("expected.json"),
                """
                {"vocab_size": 2, "cases": [{"text": "red block", "ids": %s,
                 "ids_no_special": [1, 0], "tokens": ["red", "?"], "offsets": [[0, 3], [4, 9]],
                 "decoded": "red ?", "decoded_with_special": "red ?"}]}\
                """
                        .formatted(ids));
    }

    private String verify(int code) {
        var out = new StringWriter();
        var quiet = new PrintWriter(out);
        assertThat(
                        Main.commandLine()
                                .setOut(quiet)
                                .setErr(quiet)
                                .execute("checkpoint", "verify", folder.toString()))
                .as("%s", out)
                .isEqualTo(code);
        return out.toString();
    }
}
