package dev.orrery.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.orrery.tensor.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunTest {

    @TempDir Path folder;

    @Test
    void leavesItsConfigurationAndNumbersBehind() throws IOException {
        try (var run = create()) {
            run.log(0, "loss", 0.5);
            run.log(1, Report.of("loss", 0.25).with("rate", 3));
            run.finish(Report.of("success_rate", 0.9));
        }
        var info = RunInfo.read(folder);
        assertThat(info.system()).isEqualTo("sample");
        assertThat(info.seed()).isEqualTo(7);
        assertThat(info.config().get("steps").asInt()).isEqualTo(100);
        assertThat(info.machine().cores()).isPositive();
        var log = Metrics.read(folder);
        assertThat(log).hasSize(2);
        assertThat(log.getLast().values()).containsEntry("loss", 0.25).containsEntry("rate", 3.0);
        assertThat(folder.resolve("report.json")).content().contains("\"success_rate\" : 0.9");
    }

    @Test
    void refusesAFolderThatHoldsARun() {
        create().close();
        assertThatExceptionOfType(RunException.class)
                .isThrownBy(this::create)
                .withMessageContaining("already holds a run")
                .withMessageContaining("--resume");
    }

    @Test
    void aRunThatCameToNothingLeavesNoFolder() {
        try (var run = create()) {
            run.abandon();
        }
        assertThat(folder).doesNotExist();
        create().close();
        assertThat(folder.resolve(RunInfo.FILE)).exists();
    }

    @Test
    void aRunThatIsGivenUpKeepsWhatItHas() throws IOException {
        try (var run = create()) {
            run.log(0, "loss", 0.5);
            run.abandon();
        }
        assertThat(Metrics.read(folder)).hasSize(1);
        var other = folder.resolve("other");
        try (var run = Run.create(other, "sample", Sample.laptop(), 7)) {
            Files.writeString(run.episodes().resolve("film"), "precious");
            run.abandon();
        }
        assertThat(other.resolve("episodes/film")).exists();
        assertThat(other.resolve(RunInfo.FILE)).exists();
    }

    @Test
    void aFolderThatCannotBeIsSaidPlainly() throws IOException {
        var file = Files.createFile(folder.resolve("file"));
        for (var into : new Path[] {file, file.resolve("run")}) {
            assertThatExceptionOfType(RunException.class)
                    .isThrownBy(() -> Run.create(into, "sample", Sample.laptop(), 7))
                    .withMessageContaining("cannot write " + into)
                    .withMessageContaining("choose another --run-dir")
                    .withMessageNotContaining("Exception");
        }
    }

    @Test
    void refusesAFolderInUseAndTakesItOverAfterwards() {
        try (var _ = create()) {
            assertThatExceptionOfType(RunException.class)
                    .isThrownBy(() -> Run.reopen(folder, Progress.silent()))
                    .withMessageContaining("in use by process " + ProcessHandle.current().pid());
        }
        Run.reopen(folder, Progress.silent()).close();
    }

    @Test
    void takesOverTheLockOfAProcessThatDied() throws IOException {
        create().close();
        Files.writeString(folder.resolve("lock"), "process 999999999 since long ago");
        Run.reopen(folder, Progress.silent()).close();
    }

    @Test
    void refusesToReopenAFolderWithoutARun() {
        assertThatExceptionOfType(RunException.class)
                .isThrownBy(() -> Run.reopen(folder, Progress.silent()))
                .withMessageContaining("holds no run");
    }

    @Test
    void stopsAtANumberThatIsNotFinite() {
        try (var run = create()) {
            run.log(0, "loss", 1);
            assertThatExceptionOfType(NonFiniteException.class)
                    .isThrownBy(() -> run.log(1, "loss", Double.NaN))
                    .withMessageContaining("loss is NaN at step 1")
                    .withMessageContaining("Seed.of(%dL)".formatted(run.seed(1).key()));
        }
    }

    @Test
    void namesTheSeedOfTheBatchThatWasNotFinite() {
        try (var run = create()) {
            var batch = run.seed("batch").split(5);
            var message =
                    catchThrowableOfType(
                                    NonFiniteException.class,
                                    () -> run.check(5, Report.of("loss", 1.0 / 0), batch))
                            .getMessage();
            var number = message.replaceAll(".*Seed\\.of\\((-?\\d+)L\\).*", "$1");
            assertThat(message).contains("loss is Infinity at step 5");
            assertThat(Seed.of(Long.parseLong(number)).normals(8)).isEqualTo(batch.normals(8));
        }
    }

    @Test
    void workBetweenSavesIsBrokenOffWhenAskedToStop() {
        try (var run = create()) {
            run.heed("evaluating");
            run.requestStop();
            assertThatExceptionOfType(RunStopped.class)
                    .isThrownBy(() -> run.heed("evaluating"))
                    .withMessageContaining("stopped while evaluating")
                    .withMessageContaining("--resume --run-dir " + folder);
        }
    }

    @Test
    void theBuildSaysWhichCommitItIsOf() {
        assertThat(Machine.current().commit()).matches("[0-9a-f]{12}(\\+\\w+)?|unknown");
    }

    @Test
    void everyIsTrueAfterEachIntervalAndWhenAskedToStop() {
        try (var run = create()) {
            assertThat(run.every(0, 10)).isFalse();
            assertThat(run.every(9, 10)).isTrue();
            run.requestStop();
            assertThat(run.every(0, 10)).isTrue();
        }
    }

    @Test
    void equalSeedsGiveEqualStreamsAndHeldOutDiffers() {
        try (var run = create()) {
            assertThat(run.seed(3)).isEqualTo(run.seed(3)).isNotEqualTo(run.seed(4));
            assertThat(run.seed("a")).isNotEqualTo(run.seed("b"));
            assertThat(run.heldOutSeed()).isNotEqualTo(run.seed());
        }
    }

    @Test
    void aTornLastLineIsForgottenAndADamagedOneIsNamed() throws IOException {
        try (var run = create()) {
            run.log(0, "loss", 1);
        }
        var file = folder.resolve(Metrics.FILE);
        Files.writeString(file, "{\"step\": 1, \"lo", StandardOpenOption.APPEND);
        assertThat(Metrics.read(folder)).hasSize(1);
        Files.writeString(file, "\n{\"step\": 2}\n", StandardOpenOption.APPEND);
        assertThatExceptionOfType(RunException.class)
                .isThrownBy(() -> Metrics.read(folder))
                .withMessageContaining("line 2 is damaged");
    }

    @Test
    void aFullDiskIsSaidInOneSentence() {
        var failure = Run.failed(folder, new IOException("No space left on device"));
        assertThat(failure).hasMessageContaining("is full").hasMessageContaining("--resume");
    }

    private Run create() {
        return Run.create(folder, "sample", Sample.laptop(), 7);
    }
}
