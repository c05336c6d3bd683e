package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TerminalProgressTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Test
    void awayFromATerminalItSpeaksRarely() {
        var progress = progress(false);
        progress.stage("training", 1000);
        for (int i = 1; i <= 1000; i++) {
            progress.at(i, "loss 1");
        }
        assertThat(text().lines()).hasSizeLessThan(6);
        assertThat(text()).contains("1000/1000  100 %  loss 1", "took").doesNotContain("\r");
    }

    @Test
    void onATerminalItRewritesOneLine() {
        var progress = progress(true);
        progress.stage("training", 2);
        progress.at(1, "");
        progress.at(2, "");
        assertThat(text()).contains("\r").endsWith("\n").containsOnlyOnce("\n");
    }

    @Test
    void durationsReadLikeTime() {
        assertThat(TerminalProgress.duration(9.6)).isEqualTo("10 s");
        assertThat(TerminalProgress.duration(125)).isEqualTo("2 min 05 s");
        assertThat(TerminalProgress.duration(7380)).isEqualTo("2 h 03 min");
    }

    private TerminalProgress progress(boolean live) {
        return new TerminalProgress(new PrintStream(bytes, true, StandardCharsets.UTF_8), live);
    }

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
