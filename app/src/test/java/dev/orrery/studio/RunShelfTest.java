package dev.orrery.studio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunShelfTest {

    private static final int RUNS = 40;

    @TempDir private Path folder;

    @Test
    void onlyWhatChangedIsReadAnew() throws IOException {
        for (int i = 0; i < RUNS; i++) run("run-" + i);
        var shelf = new RunShelf(folder);
        assertThat(shelf.list().runs()).hasSize(RUNS);
        assertThat(shelf.reads()).isEqualTo(2 * RUNS);
        assertThat(shelf.list().runs()).hasSize(RUNS);
        assertThat(shelf.reads()).isEqualTo(2 * RUNS);

        var metrics = folder.resolve("run-7/metrics.jsonl");
        Files.writeString(metrics, "{\"step\": 12}\n", StandardOpenOption.APPEND);
        assertThat(step(shelf, "run-7")).isEqualTo(12);
        assertThat(step(shelf, "run-8")).isEqualTo(3);
        assertThat(shelf.reads()).isEqualTo(2 * RUNS + 1);

        var description = folder.resolve("run-8/config.json");
        Files.writeString(description, "{\"system\": \"pi0\", \"preset\": \"laptop\"}");
        assertThat(shelf.list().runs()).anyMatch(run -> run.preset().equals("laptop"));
        assertThat(shelf.reads()).isEqualTo(2 * RUNS + 2);
    }

    @Test
    void aRunThatIsGoneAndComesBackIsReadAnew() throws IOException {
        run("one");
        run("two");
        var shelf = new RunShelf(folder);
        shelf.list();
        Files.move(folder.resolve("two"), folder.resolveSibling(folder.getFileName() + "-away"));
        assertThat(shelf.list().runs()).hasSize(1);
        Files.move(folder.resolveSibling(folder.getFileName() + "-away"), folder.resolve("two"));
        assertThat(shelf.list().runs()).hasSize(2);
        assertThat(shelf.reads()).isEqualTo(6);
    }

    private static long step(RunShelf shelf, String id) {
        return shelf.list().runs().stream()
                .filter(run -> run.id().equals(id))
                .findFirst()
                .orElseThrow()
                .step();
    }

    private void run(String id) throws IOException {
        var run = Files.createDirectory(folder.resolve(id));
        Files.writeString(run.resolve("config.json"), "{\"system\": \"pi0\", \"preset\": \"x\"}");
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\": 3}\n");
    }
}
