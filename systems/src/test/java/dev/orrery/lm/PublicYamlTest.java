package dev.orrery.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicYamlTest {

    @TempDir private Path folder;

    private PublicConfig read(String text) throws IOException {
        var file = folder.resolve("config.yaml");
        Files.writeString(file, text);
        return PublicYaml.read(file);
    }

    @Test
    void mappingsListsAndScalarsAreRead() throws IOException {
        var c =
                read(
                        """
                        # written by a library
                        run_id: m1  # the run
                        seed: 42
                        trackers: [jsonl, wandb]
                        trainer:
                          rates:
                            base: 5e-05
                            vlm: 1.0e-05
                          freeze: ''
                          nothing: null
                          empty:
                        sizes:
                        - 224
                        - 224
                        is_debug: false
                        """);
        assertThat(c.text("run_id", "")).isEqualTo("m1");
        assertThat(c.integer("seed")).isEqualTo(42);
        assertThat(c.texts("trackers")).containsExactly("jsonl", "wandb");
        var trainer = c.object("trainer").orElseThrow();
        assertThat(trainer.object("rates").orElseThrow().number("base")).isEqualTo(5e-5);
        assertThat(trainer.text("freeze", "?")).isEmpty();
        assertThat(trainer.text("nothing", "?")).isEqualTo("?");
        assertThat(trainer.text("empty", "?")).isEqualTo("?");
        assertThat(c.numbers("sizes")).containsExactly(224.0, 224.0);
        assertThat(c.flag("is_debug", true)).isFalse();
    }

    @Test
    void textsMayRunOverSeveralLines() throws IOException {
        var c =
                read(
                        """
                        plain: Your task is {instruction}. To identify the key objects for your
                          task. Locate their boxes.
                        single: 'It''s here: # no comment,
                          and there'
                        double: "tab\\tand \\"quote\\""
                        """);
        assertThat(c.text("plain", ""))
                .isEqualTo(
                        "Your task is {instruction}. To identify the key objects for your task."
                                + " Locate their boxes.");
        assertThat(c.text("single", "")).isEqualTo("It's here: # no comment, and there");
        assertThat(c.text("double", "")).isEqualTo("tab\tand \"quote\"");
    }

    @Test
    void whatIsNotUnderstoodIsNamedByLine() {
        refused("a: 1\na: 2\n", "line 2", "repeats the key 'a'");
        refused("a: &x 1\n", "line 1", "begins with '&'");
        refused("a: 1\n  b: 2\n", "line 2", "");
        refused("a:\n- b: 1\n", "line 2", "list of mappings");
        refused("a: 1\nnonsense\n", "line 2", "is no 'key: value'");
        refused("a: [1, 2\n", "line 1", "opens a bracket");
        refused("a: {b: 1}\n", "line 1", "begins with '{'");
        refused("  a: 1\nb: 2\n", "line 2", "further left");
    }

    private void refused(String text, String line, String what) {
        assertThatThrownBy(
                        () -> {
                            var c = read(text);
                            assertThat(c.text("a", "")).as("read as one text").isEqualTo("1");
                        })
                .as(text)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(line)
                .hasMessageContaining(what);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> PublicYaml.read(folder.resolve("none.yaml")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("none.yaml")
                .hasMessageContaining("cannot be read");
    }
}
