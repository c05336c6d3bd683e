package dev.orrery.studio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurveReaderTest {

    @TempDir Path folder;

    private Path log(String text) throws IOException {
        var file = folder.resolve("metrics.jsonl");
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return file;
    }

    @Test
    void whatIsAppendedIsToldOnce() throws IOException {
        var reader = new CurveReader("first", log("{\"step\":0,\"time\":1,\"loss\":2.5}\n"));
        var first = reader.poll().orElseThrow();
        assertThat(first.fresh()).isTrue();
        assertThat(first.points().get("loss").values()).containsExactly(2.5);
        assertThat(first.points()).doesNotContainKey("time");
        assertThat(reader.poll()).isEmpty();
        log("{\"step\":1,\"loss\":2}\n");
        var second = reader.poll().orElseThrow();
        assertThat(second.fresh()).isFalse();
        assertThat(second.points().get("loss").steps()).containsExactly(1L);
    }

    @Test
    void aTornLineWaitsForItsEnd() throws IOException {
        var reader = new CurveReader("first", log("{\"step\":0,\"loss\":1}\n{\"step\":1,\"lo"));
        assertThat(reader.poll().orElseThrow().points().get("loss").steps()).containsExactly(0L);
        log("ss\":3}\n");
        assertThat(reader.poll().orElseThrow().points().get("loss").values()).containsExactly(3.0);
    }

    @Test
    void damagedLinesAndNumbersWithoutAWordInJsonDoNoHarm() throws IOException {
        var reader =
                new CurveReader(
                        "first", log("not json\n{\"loss\":1}\n{\"step\":2,\"loss\":NaN}\n[]\n"));
        var points = reader.poll().orElseThrow().points().get("loss");
        assertThat(points.steps()).containsExactly(2L);
        assertThat(points.values()).containsExactly((Double) null);
    }

    @Test
    void aLogThatWasRewrittenShorterIsReadAgain() throws IOException {
        var reader =
                new CurveReader("first", log("{\"step\":0,\"loss\":1}\n{\"step\":1,\"loss\":1}\n"));
        reader.poll();
        Files.writeString(folder.resolve("metrics.jsonl"), "{\"step\":0,\"loss\":5}\n");
        var again = reader.poll().orElseThrow();
        assertThat(again.fresh()).isTrue();
        assertThat(again.points().get("loss").values()).containsExactly(5.0);
    }

    @Test
    void longLogsStayShortAndKeepTheirEnds() throws IOException {
        var text = new StringBuilder();
        int steps = 50_000;
        for (int step = 0; step < steps; step++) {
            text.append("{\"step\":").append(step).append(",\"loss\":").append(step).append("}\n");
        }
        var reader = new CurveReader("first", log(text.toString()));
        var points = reader.poll().orElseThrow().points().get("loss");
        assertThat(points.steps()).hasSizeBetween(CurveReader.MOST / 2, 2 * CurveReader.MOST);
        assertThat(points.steps().getFirst()).isZero();
        assertThat(points.steps().getLast()).isGreaterThan(steps - 100);
        assertThat(points.steps()).isSorted();
        for (int i = 0; i < points.steps().size(); i++) {
            assertThat(points.values().get(i)).isEqualTo((double) points.steps().get(i));
        }
    }

    @Test
    void damagedLinesAreCountedAndTheFirstIsNamed() throws IOException {
        var reader = new CurveReader("first", log("{\"step\":0,\"loss\":1}\n\n"));
        assertThat(reader.poll().orElseThrow().problem()).isEmpty();
        log("{\"step\":1,\"lo{\"step\":2}\nnull\n{\"step\":3,\"loss\":1}\n");
        var update = reader.poll().orElseThrow();
        assertThat(update.points().get("loss").steps()).containsExactly(3L);
        assertThat(update.problem())
                .isEqualTo(
                        "2 lines of metrics.jsonl of run first cannot be read and were left out, the first is line 3.");
    }

    @Test
    void aResumedRunsLogIsReadFromItsStartThoughItHasGrownPastTheOldOne() throws IOException {
        var file = log("{\"step\":0,\"loss\":1}\n");
        var reader = new CurveReader("first", file);
        reader.poll();
        var other = folder.resolve("other");
        Files.writeString(other, "{\"step\":0,\"loss\":7}\n{\"step\":1,\"loss\":8}\n");
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        var again = reader.poll().orElseThrow();
        assertThat(again.fresh()).isTrue();
        assertThat(again.points().get("loss").values()).containsExactly(7.0, 8.0);
    }

    @Test
    void aFileThatIsNotThereYetIsEmpty() throws IOException {
        var reader = new CurveReader("first", folder.resolve("metrics.jsonl"));
        assertThat(reader.poll().orElseThrow().points()).isEmpty();
        assertThat(reader.poll()).isEmpty();
        log("{\"step\":0,\"loss\":1}\n");
        assertThat(reader.poll().orElseThrow().points()).containsKey("loss");
    }
}
