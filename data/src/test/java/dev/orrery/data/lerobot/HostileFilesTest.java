package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.orrery.data.DatasetException;
import dev.orrery.data.media.Pictures;
import dev.orrery.data.media.Png;
import dev.orrery.data.parquet.ParquetFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged files end in a [DatasetException], without large allocations.
class HostileFilesTest {

    private static final long SEED = 20_261_122;
    private static final long MOST_BYTES = 64L << 20;

    @TempDir Path folder;

    private static byte[] damage(byte[] bytes, SplittableRandom random) {
        var out = bytes.clone();
        if (random.nextInt(4) == 0) return Arrays.copyOf(out, random.nextInt(out.length));
        int flips = 1 + random.nextInt(8);
        // Half of the flips go to the last quarter, where the footer is.
        for (int i = 0; i < flips; i++) {
            int at =
                    random.nextBoolean()
                            ? random.nextInt(out.length)
                            : out.length * 3 / 4 + random.nextInt(out.length / 4);
            out[at] =
                    (byte)
                            (random.nextBoolean()
                                    ? out[at] ^ 1 << random.nextInt(8)
                                    : random.nextInt());
        }
        return out;
    }

    private static void mustEndWell(Runnable work, int round) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            work.run();
        } catch (DatasetException expected) {
            assertThat(expected.getMessage()).isNotBlank();
        } catch (RuntimeException e) {
            throw new AssertionError("seed %d, round %d".formatted(SEED, round), e);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .as("bytes allocated, seed %d, round %d", SEED, round)
                .isLessThan(MOST_BYTES);
    }

    @Test
    void damagedParquetFiles() throws IOException {
        var random = new SplittableRandom(SEED);
        var golden = GoldenDatasetTest.golden("v3-image");
        for (var name :
                new String[] {
                    "data/chunk-000/file-000.parquet",
                    "meta/tasks.parquet",
                    "meta/episodes/chunk-000/file-000.parquet"
                }) {
            var bytes = Files.readAllBytes(golden.resolve(name));
            for (int round = 0; round < 120; round++) {
                var file = Files.write(folder.resolve("f.parquet"), damage(bytes, random));
                mustEndWell(
                        () -> {
                            try (var open = ParquetFile.open(file)) {
                                for (int g = 0; g < open.groups(); g++)
                                    for (var leaf : open.leaves()) open.read(g, leaf);
                            }
                        },
                        round);
            }
        }
    }

    @Test
    void damagedPictures() {
        var random = new SplittableRandom(SEED);
        var png = Png.encode(LeRobotWriterTest.smooth(random, 40, 30), 1);
        for (int round = 0; round < 300; round++) {
            var bytes = damage(png, random);
            mustEndWell(() -> Pictures.decode(bytes), round);
        }
    }

    @Test
    void damagedDescriptions() throws IOException {
        var random = new SplittableRandom(SEED);
        var golden = GoldenDatasetTest.golden("v3-image");
        var root = folder.resolve("set");
        Files.createDirectories(root.resolve("meta"));
        for (var name : new String[] {"meta/info.json", "meta/stats.json"}) {
            Files.copy(
                    golden.resolve("meta/info.json"),
                    root.resolve("meta/info.json"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            var bytes = Files.readAllBytes(golden.resolve(name));
            for (int round = 0; round < 150; round++) {
                Files.write(root.resolve(name), damage(bytes, random));
                mustEndWell(() -> Verify.run(root, Verify.Settings.quick(), (_, _) -> {}), round);
            }
        }
    }

    @Test
    void listsThatNestAMillionTimes() throws IOException {
        var root = folder.resolve("deep");
        Files.createDirectories(root.resolve("meta"));
        Files.writeString(root.resolve("meta/info.json"), "{\"fps\":" + "[".repeat(1_000_000));
        mustEndWell(() -> LeRobotDataset.open(root), 0);
    }
}
