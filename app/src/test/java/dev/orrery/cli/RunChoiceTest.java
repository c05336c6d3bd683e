package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.catalog.Catalog;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.RunInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunChoiceTest {

    @TempDir Path runs;

    @Test
    void runsOfASystemAreFoundByWhatTheyHoldAndNotByTheirNames() throws IOException {
        var first = run("mine", "delora", "2026-01-02T03:04:05Z");
        var last = run("a-later-one", "delora", "2026-01-03T03:04:05Z");
        run("delora-20260104-000000", "lora", "2026-01-04T00:00:00Z");
        Files.writeString(
                Files.createDirectory(runs.resolve("damaged")).resolve("config.json"), "{");
        Files.createDirectory(runs.resolve("empty"));
        assertThat(RunChoice.of("delora", runs)).containsExactly(last, first);
        assertThat(RunChoice.of("pi0", runs)).isEmpty();
        assertThat(RunChoice.of("delora", runs.resolve("none"))).isEmpty();
    }

    private Path run(String name, String system, String started) throws IOException {
        var config = Catalog.ready(system).recipe().presets().firstEntry().getValue();
        var now = RunInfo.now(system, "smoke", 0, config);
        var then = new RunInfo(system, "smoke", 0, started, now.machine(), now.config());
        var folder = Files.createDirectory(runs.resolve(name));
        Files.writeString(folder.resolve(RunInfo.FILE), ConfigBinder.json(then));
        return folder;
    }
}
