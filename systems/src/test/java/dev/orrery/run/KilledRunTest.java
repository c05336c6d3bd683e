package dev.orrery.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.checkpoint.Safetensors;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Runs that are killed without warning, as by `kill -9`, at random moments.
class KilledRunTest {

    @TempDir Path folder;

    @Test
    void aRunKilledTwiceGivesTheLossesOfAnUninterruptedOne() throws Exception {
        assertSurvives(2);
    }

    @Test
    @Tag("slow")
    void aRunKilledTwentyTimesGivesTheLossesOfAnUninterruptedOne() throws Exception {
        assertSurvives(20);
    }

    private void assertSurvives(int kills) throws Exception {
        long seed = new SplittableRandom().nextLong();
        System.err.println("kill seed " + seed);
        var random = new SplittableRandom(seed);
        int steps = 12 * kills;
        var killed = folder.resolve("killed");
        for (int i = 0; i < kills; i++) {
            killSomewhere(start(killed, steps), random);
            for (var checkpoint : new Checkpoints(killed).all())
                assertThat(Safetensors.inspect(checkpoint)).as("%s", checkpoint).isNotEmpty();
        }
        assertThat(lines(start(killed, steps))).last().isEqualTo("finished");
        assertThat(lines(start(folder.resolve("whole"), steps))).last().isEqualTo("finished");
        assertThat(losses(killed)).hasSize(steps).isEqualTo(losses(folder.resolve("whole")));
        try (var files = Files.list(killed.resolve("checkpoints"))) {
            assertThat(files).allMatch(f -> f.toString().endsWith(".safetensors"));
        }
    }

    /// Lets the process go on for some steps, or into a save, and kills it.
    private static void killSomewhere(Process process, SplittableRandom random) throws Exception {
        int moreLines = random.nextInt(1, 12);
        try (var output = output(process)) {
            for (int i = 0; i < moreLines; i++) {
                var line = output.readLine();
                assertThat(line).as("the process ended by itself").isNotNull();
                if (line.startsWith("saving") && random.nextBoolean()) break;
            }
            LockSupport.parkNanos(random.nextLong(20_000_000));
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aSaveThatFindsNoRoomNamesTheFileAndKeepsTheOldOne() throws Exception {
        var run = folder.resolve("full");
        killAfter(start(run, 12), 6);
        var before = new Checkpoints(run).all();
        assertThat(before).isNotEmpty();
        // A limit on the size of a file stands for a full disk: 100 blocks hold no checkpoint.
        var answer = lines(start(run, 12, "ulimit -f 100; "));
        assertThat(answer.getLast())
                .startsWith("failed ")
                .contains(run.resolve("checkpoints").toString())
                .containsPattern("\\d+ bytes could not be written")
                .contains("intact");
        assertThat(new Checkpoints(run).all()).isEqualTo(before);
    }

    private static void killAfter(Process process, int step) throws Exception {
        try (var output = output(process)) {
            for (var line = output.readLine(); line != null; line = output.readLine())
                if (line.equals("step " + step)) break;
            process.destroyForcibly().waitFor();
        }
    }

    private static Process start(Path run, int steps) throws IOException {
        return start(run, steps, "");
    }

    private static Process start(Path run, int steps, String limit) throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var command =
                List.of(
                        java,
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledRun.class.getName(),
                        run.toString(),
                        Integer.toString(steps));
        var builder = new ProcessBuilder(limit.isEmpty() ? command : shell(limit, command));
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("ORRERY_THREADS", "1");
        return builder.start();
    }

    private static List<String> shell(String limit, List<String> command) {
        var all = new ArrayList<>(List.of("sh", "-c", limit + "exec \"$@\"", "sh"));
        all.addAll(command);
        return all;
    }

    private static List<String> lines(Process process) throws Exception {
        try (var output = output(process)) {
            var lines = output.lines().toList();
            process.waitFor();
            return lines;
        }
    }

    private static BufferedReader output(Process process) {
        return process.inputReader(StandardCharsets.UTF_8);
    }

    private static List<Double> losses(Path run) throws IOException {
        return Metrics.read(run).stream().map(entry -> entry.values().get("loss")).toList();
    }
}
