package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.run.RunException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FailuresTest {

    private final StringWriter err = new StringWriter();

    @Test
    void aCallersMistakeIsUsage() {
        assertThat(answer(new IllegalArgumentException("steps is 0; use 1 or more")))
                .isEqualTo(Main.USAGE);
        assertThat(err.toString()).isEqualToIgnoringNewLines("orrery: steps is 0; use 1 or more");
    }

    @Test
    void ourOwnExceptionsSpeakForThemselves() {
        assertThat(answer(new RunException("runs/x is in use"))).isEqualTo(Main.FAILURE);
        assertThat(err.toString()).isEqualToIgnoringNewLines("orrery: runs/x is in use");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThat(answer(new UncheckedIOException(new NoSuchFileException("a.json"))))
                .isEqualTo(Main.FAILURE);
        assertThat(err.toString()).contains("there is no file a.json");
    }

    @Test
    void aFullDiskIsSaidWithTheFileAndTheFix() {
        var full = new FileSystemException("runs/x/flow.gif", null, "No space left on device");
        assertThat(answer(new UncheckedIOException("pictures", full))).isEqualTo(Main.FAILURE);
        assertThat(err.toString())
                .startsWith(
                        "orrery: runs/x/flow.gif cannot be written: the disk is full; free some")
                .hasLineCount(1);
    }

    @Test
    void everythingElseIsOneLineWithItsName() {
        assertThat(answer(new IllegalStateException("first\nsecond"))).isEqualTo(Main.FAILURE);
        assertThat(err.toString()).contains("IllegalStateException: first (").hasLineCount(1);
    }

    @Test
    void everyFailureIsOneLine() {
        for (var e :
                new Throwable[] {
                    new NullPointerException(),
                    new IllegalArgumentException(),
                    new UncheckedIOException(new IOException("broken")),
                    new OutOfMemoryError("heap"),
                    new UnsatisfiedLinkError("no jnitorch\nmore")
                }) {
            err.getBuffer().setLength(0);
            assertThat(answer(e)).isEqualTo(Main.FAILURE);
            assertThat(err.toString()).startsWith("orrery: ").hasLineCount(1);
        }
    }

    private int answer(Throwable e) {
        return Failures.answer(e, Main.commandLine().setErr(new PrintWriter(err)));
    }
}
