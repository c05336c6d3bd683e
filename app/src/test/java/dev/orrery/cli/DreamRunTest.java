package dev.orrery.cli;

import static dev.orrery.cli.Refusals.isRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.catalog.Catalog;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DreamRunTest {

    private static final List<String> TINY =
            List.of(
                    "data.frames=200",
                    "tokenizer.budget.steps=2",
                    "latentActions.budget.steps=2",
                    "dynamics.budget.steps=2",
                    "evaluation.clips=2");

    @TempDir Path folder;

    /// What a training says.
    private static final class Heard implements Progress {
        private final List<String> notes = new ArrayList<>();

        @Override
        public void stage(String name, long total) {}

        @Override
        public void at(long done, String detail) {}

        @Override
        public void note(String line) {
            notes.add(line);
        }

        @Override
        public void end() {}
    }

    private DreamRun tiny() {
        return new DreamRun("genie", folder.resolve("world"), Optional.of("smoke"), TINY);
    }

    /// A run that has hardly begun.
    private void begin(String system) {
        var config = Catalog.ready(system).recipe().presets().get("smoke");
        Run.create(folder, system, config, 0).close();
    }

    @Test
    void aWorldThatNobodyTrainedIsTrainedOnceAndThenPlayed() throws IOException {
        var run = tiny();
        assertThat(run.begun()).isFalse();
        assertThat(run.ready()).isFalse();
        var heard = new Heard();
        run.train(heard);
        assertThat(run.ready()).isTrue();
        assertThat(heard.notes.getFirst())
                .contains("training one now, preset smoke", run.folder().toString());
        assertThat(heard.notes.get(1)).matches("training takes about \\d+ (s|min) on .*");
        var info = RunInfo.read(run.folder());
        assertThat(info.preset()).isEqualTo("smoke");
        assertThat(run.folder().resolve("report.json")).isNotEmptyFile();
        try (var dream = Catalog.dreamer("genie").orElseThrow().dream(run.folder())) {
            assertThat(dream.controls().prompts()).isNotEmpty();
        }
        isAsWorldThatWasBrokenOff(run);
        isRefusedAsAnother(run);
    }

    /// Without its world the run is one that was broken off after its last step had been saved.
    private static void isAsWorldThatWasBrokenOff(DreamRun run) throws IOException {
        Files.move(run.folder().resolve("world"), run.folder().resolve("away"));
        assertThat(run.begun()).isTrue();
        assertThat(run.ready()).isFalse();
        var heard = new Heard();
        run.train(heard);
        assertThat(heard.notes.getFirst()).contains("is not trained to its end; going on");
        assertThat(heard.notes).contains("going on after step 6");
        assertThat(run.ready()).isTrue();
    }

    private static void isRefusedAsAnother(DreamRun run) {
        var there = run.folder().toString();
        isRefused(
                "holds a run of preset smoke, not laptop",
                "play",
                "genie",
                "--run-dir",
                there,
                "--preset",
                "laptop");
        isRefused(
                "has its configuration already; leave out --set",
                "play",
                "genie",
                "--run-dir",
                there,
                "--set",
                "data.frames=9");
    }

    @Test
    void aRunOfAnotherSystemIsNotPlayedAndNotTrained() {
        begin("pi0");
        isRefused("is a run of pi0, not of genie", "play", "genie", "--run-dir", folder.toString());
        assertThat(folder.resolve("world")).doesNotExist();
    }

    @Test
    void anUnknownPresetIsRefusedBeforeAnythingIsMade() {
        var run = new DreamRun("genie", folder.resolve("new"), Optional.of("lapdog"), List.of());
        assertThatThrownBy(() -> run.train(new Heard()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lapdog");
        assertThat(run.folder()).doesNotExist();
    }

    @Test
    void aRunByNameThatHoldsNoWorldSaysHowToGetOne() {
        begin("genie");
        isRefused(
                "holds no world model yet; orrery play genie --run-dir", "play", folder.toString());
    }
}
