package dev.orrery.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.replay.Replay.Limits;
import dev.orrery.replay.Replay.Settings;
import dev.orrery.tensor.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {

    private static final Schema SCHEMA =
            new Schema(
                    List.of(
                            Column.floats("where", 2),
                            Column.halves("latent", 3),
                            Column.ints("token", 1),
                            Column.bytes("pixels", 4)));
    private static final Limits ROOMY = new Limits(1_000_000, 1L << 30, 0);

    @TempDir private Path folder;

    private Replay replay(int length, boolean online, Limits limits, int streams) {
        return new Replay(SCHEMA, new Settings(length, 1, online, limits), streams, folder);
    }

    private static void fill(Replay replay, int stream, int from, int count) {
        var row = new Row(SCHEMA);
        for (int i = from; i < from + count; i++) {
            row.at(0, i)
                    .set("where", new float[] {stream, i}, 0)
                    .set("latent", new float[] {i % 64 / 2f, 0, 1}, 0)
                    .set("token", i % 50, 50)
                    .set("pixels", new byte[] {(byte) i, (byte) stream, 0, 1}, 0);
            replay.append(stream, row);
        }
    }

    @Test
    void sequencesAreConsecutiveStepsOfOneStreamAcrossChunks() {
        var replay = replay(9, false, ROOMY, 3);
        for (int s = 0; s < 3; s++) fill(replay, s, 0, 3000);
        var sample = replay.sample(640, Seed.of(1));
        var where = sample.floats("where");
        var tokens = sample.ints("token");
        var pixels = sample.bytes("pixels");
        var latents = sample.floats("latent");
        boolean crossed = false;
        for (int b = 0; b < 640; b++) {
            float stream = where[2 * b], first = where[2 * b + 1];
            for (int t = 0; t < 9; t++) {
                int at = t * 640 + b;
                assertThat(where[2 * at]).isEqualTo(stream);
                assertThat(where[2 * at + 1]).isEqualTo(first + t);
                assertThat(tokens[at]).isEqualTo((int) (first + t) % 50);
                assertThat(pixels[4 * at]).isEqualTo((byte) (first + t));
                assertThat(latents[3 * at]).isEqualTo((first + t) % 64 / 2);
            }
            crossed |= (int) first / 1024 != (int) (first + 8) / 1024;
        }
        assertThat(crossed).isTrue();
    }

    @Test
    void everyFirstStepIsDrawnAboutEquallyOften() {
        var replay = replay(3, false, ROOMY, 2);
        fill(replay, 0, 0, 12);
        fill(replay, 1, 0, 7);
        var counts = new HashMap<String, Integer>();
        for (int k = 0; k < 300; k++) {
            var where = replay.sample(10, Seed.of(5).split(k)).floats("where");
            for (int b = 0; b < 10; b++)
                counts.merge(where[2 * b] + " " + where[2 * b + 1], 1, Integer::sum);
        }
        assertThat(counts).hasSize(10 + 5);
        assertThat(counts.values()).allSatisfy(n -> assertThat(n).isBetween(130, 280));
    }

    @Test
    void freshSequencesComeOnceEachInOrderBeforeOthers() {
        var replay = replay(5, true, ROOMY, 1);
        fill(replay, 0, 0, 14);
        var first = replay.sample(2, Seed.of(1)).floats("where");
        assertThat(List.of(first[1], first[3])).containsExactly(0f, 4f);
        var second = replay.sample(3, Seed.of(2)).floats("where");
        assertThat(second[1]).isEqualTo(8f);
        fill(replay, 0, 14, 3);
        assertThat(replay.sample(1, Seed.of(3)).floats("where")[1]).isEqualTo(12f);
    }

    @Test
    void whatWasWrittenBackIsDrawnAgain() {
        var replay = replay(4, false, ROOMY, 1);
        fill(replay, 0, 0, 4);
        var sample = replay.sample(1, Seed.of(1));
        var row = new Row(SCHEMA);
        replay.rewrite(
                sample, "latent", 1, (t, _) -> row.set("latent", new float[] {100 + t, 2, 3}, 0));
        var latents = replay.sample(1, Seed.of(1)).floats("latent");
        assertThat(latents).containsExactly(0, 0, 1, 100, 2, 3, 101, 2, 3, 102, 2, 3);
    }

    @Test
    void memoryStaysWithinItsBudgetAndOldChunksComeFromDisk() {
        long chunk = 1024L * SCHEMA.rowBytes();
        var replay = replay(4, false, new Limits(1_000_000, 3 * chunk, 100 * chunk), 2);
        for (int s = 0; s < 2; s++) fill(replay, s, 0, 6000);
        assertThat(replay.bytes()[0]).isLessThanOrEqualTo(3 * chunk);
        assertThat(replay.bytes()[1]).isPositive();
        assertThat(replay.size()).isEqualTo(12000);
        var where = replay.sample(2000, Seed.of(1)).floats("where");
        for (int b = 0; b < 2000; b++)
            assertThat(where[2 * (3 * 2000 + b) + 1]).isEqualTo(where[2 * b + 1] + 3);
    }

    @Test
    void theOldestStepsLeaveWhenThereIsNoRoom() {
        long chunk = 1024L * SCHEMA.rowBytes();
        var replay = replay(4, true, new Limits(2048, 100 * chunk, 0), 1);
        fill(replay, 0, 0, 5000);
        assertThat(replay.size()).isLessThanOrEqualTo(3 * 1024);
        var where = replay.sample(500, Seed.of(1)).floats("where");
        for (int b = 0; b < 500; b++) assertThat(where[2 * b + 1]).isGreaterThanOrEqualTo(2048);
    }

    @Test
    void aRestoredReplayDrawsTheSame() throws IOException {
        long chunk = 1024L * SCHEMA.rowBytes();
        var limits = new Limits(1_000_000, 3 * chunk, 100 * chunk);
        var replay = replay(6, true, limits, 2);
        for (int s = 0; s < 2; s++) fill(replay, s, 0, 2500);
        replay.sample(7, Seed.of(1));
        var saved = new ReplayFolder(folder);
        saved.save(replay, 40);
        // What happens afterwards must not change what was saved.
        fill(replay, 0, 2500, 1500);
        var row = new Row(SCHEMA);
        replay.rewrite(
                replay.sample(50, Seed.of(3)),
                "latent",
                0,
                (_, _) -> row.set("latent", new float[] {-1, -1, -1}, 0));
        saved.save(replay, 80);
        var twins = new ArrayList<float[]>();
        for (int k = 0; k < 2; k++) {
            var again = replay(6, true, limits, 2);
            saved.load(again, 40);
            assertThat(again.size()).isEqualTo(5000);
            fill(again, 1, 2500, 100);
            var sample = again.sample(900, Seed.of(2));
            twins.add(sample.floats("where"));
            twins.add(sample.floats("latent"));
        }
        assertThat(twins.get(0)).isEqualTo(twins.get(2));
        assertThat(twins.get(1)).isEqualTo(twins.get(3)).doesNotContain(-1f);
        saved.keepOnly(replay, List.of(80L));
        try (var files = Files.list(folder)) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .doesNotContain("state-00000040.txt")
                    .contains("state-00000080.txt");
        }
        saved.load(replay(6, true, limits, 2), 80);
    }

    @Test
    void filesAreNumPyArchives() throws IOException {
        var replay = replay(4, false, ROOMY, 1);
        fill(replay, 0, 0, 10);
        new ReplayFolder(folder).save(replay, 1);
        var file = folder.resolve("chunk-000000-00000001.npz");
        try (var zip = new ZipFile(file.toFile())) {
            var entry = zip.getEntry("where.npy");
            var bytes = zip.getInputStream(entry).readAllBytes();
            assertThat(new String(bytes, 1, 5)).isEqualTo("NUMPY");
            assertThat(new String(bytes, 10, 118))
                    .contains("'descr': '<f4', 'fortran_order': False, 'shape': (10, 2)");
            assertThat((10 + bytes[8] + 256 * bytes[9]) % 64).isZero();
        }
    }

    @Test
    void badValuesAreNamedWithStepAndEpisode() {
        var row = new Row(SCHEMA).at(12, 345);
        assertThatThrownBy(() -> row.set("where", new float[] {0, Float.NaN}, 0))
                .hasMessageContaining("'where'[1] is NaN at step 345 of episode 12");
        assertThatThrownBy(() -> row.set("token", 50, 50))
                .hasMessageContaining("'token' is 50 at step 345 of episode 12")
                .hasMessageContaining("from 0 to 49");
        assertThatThrownBy(() -> row.set("tokens", 1, 50))
                .hasMessageContaining("no column is called 'tokens'");
    }

    @Test
    void aSequenceLongerThanAnythingStoredIsRefused() {
        var replay = replay(64, false, ROOMY, 1);
        fill(replay, 0, 0, 63);
        assertThat(replay.ready()).isFalse();
        assertThatThrownBy(() -> replay.sample(1, Seed.of(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("holds 64 steps in a row, the longest 63");
    }

    @Test
    void aFileOfAnotherSchemaIsRefused() throws IOException {
        var replay = replay(4, false, ROOMY, 1);
        fill(replay, 0, 0, 10);
        var saved = new ReplayFolder(folder);
        saved.save(replay, 1);
        var other = new Schema(List.of(Column.floats("where", 3)));
        var wrong = new Replay(other, new Settings(4, 1, false, ROOMY), 1, folder);
        assertThatThrownBy(() -> saved.load(wrong, 1))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("where");
        var file = folder.resolve("chunk-000000-00000001.npz");
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100));
        assertThatThrownBy(() -> saved.load(replay(4, false, ROOMY, 1), 1))
                .isInstanceOf(CheckpointException.class);
    }
}
