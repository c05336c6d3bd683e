package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.env.Dice;
import dev.orrery.env.Episode;
import dev.orrery.env.Rollout;
import dev.orrery.env.tabletop.Tabletop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How fast data sets are written and read on one core, as `orrery bench data` shows it.
///
/// Frames are those of the tabletop: pictures of 64 x 64 and 32 x 32 as PNG, state and action.
///
/// @param written frames written a second
/// @param read whole frames a second, drawn at random, with all pictures decoded
/// @param windowMillis milliseconds for a batch of 64 observations with 8 actions each
/// @param openSeconds seconds to open a data set of 50 000 episodes for the first time, without
///   videos
public record Speed(double written, double read, double windowMillis, double openSeconds) {

    /// What one core must reach, in frames a second.
    public static final double WRITTEN = 2000, READ = 3000;

    /// What one core may take.
    public static final double WINDOW_MILLIS = 25, OPEN_SECONDS = 2;

    /// Enough that finishing the files, which takes the same for any number, does not count.
    private static final int WRITTEN_EPISODES = 120;

    private static final int EPISODES = 50_000, LENGTH = 200, BATCH = 64, CHUNK = 8;

    /// Measures on the calling thread, in a temporary folder that is deleted afterwards.
    ///
    /// @param seconds how long writing, reading and windows take each, warm-up aside
    /// @throws DatasetException if the temporary folder cannot be written
    public static Speed measure(double seconds) {
        try {
            var folder = Files.createTempDirectory("orrery-bench");
            try {
                return measure(seconds, folder);
            } finally {
                Atomic.delete(folder);
            }
        } catch (IOException e) {
            throw new DatasetException("there is no temporary folder to write to", e);
        }
    }

    private static Speed measure(double seconds, Path folder) {
        var episodes = Rollout.collect(Tabletop::new, Tabletop.expert(), WRITTEN_EPISODES, 0);
        var root = folder.resolve("set");
        double written = 1 / least(seconds, () -> write(root, episodes));
        try (var data = LeRobotDataset.open(root)) {
            double read = 1 / least(seconds, () -> read(data));
            double window = least(seconds, () -> window(data));
            var many = folder.resolve("many");
            describe(many, data);
            double open = first(() -> open(many));
            return new Speed(written, read, 1000 * window, open);
        }
    }

    /// Something that does work and says how much.
    private interface Work {
        long run();
    }

    /// The time of the first run, in seconds: opening happens once and finds nothing warm.
    private static double first(Work work) {
        long from = System.nanoTime();
        long done = work.run();
        return (System.nanoTime() - from) / 1e9 / done;
    }

    /// The least time for a unit of work, in seconds; the first run warms up.
    private static double least(double seconds, Work work) {
        work.run();
        double least = Double.POSITIVE_INFINITY;
        long end = System.nanoTime() + (long) (seconds * 1e9);
        do {
            long from = System.nanoTime();
            long done = work.run();
            least = Math.min(least, (System.nanoTime() - from) / 1e9 / done);
        } while (System.nanoTime() < end);
        return least;
    }

    private static long write(Path root, List<Episode<float[]>> episodes) {
        Atomic.delete(root);
        EpisodeFolder.write(root, episodes);
        return episodes.stream().mapToLong(e -> e.frames().size()).sum();
    }

    private static long read(LeRobotDataset data) {
        var dice = new Dice(1);
        for (int i = 0; i < 200; i++) {
            var frame = data.frame(dice.nextInt((int) data.frames()));
            for (var camera : frame.cameras()) frame.image(camera);
            frame.floats("observation.state");
            frame.floats("action");
            frame.task();
        }
        return 200;
    }

    private static long window(LeRobotDataset data) {
        var times = new double[CHUNK];
        for (int k = 0; k < CHUNK; k++) times[k] = (double) k / data.fps();
        var deltas = new java.util.HashMap<String, double[]>();
        for (var camera : data.info().cameras()) deltas.put(camera.name(), new double[1]);
        deltas.put("observation.state", new double[1]);
        deltas.put("action", times);
        var windows = Windows.of(data, deltas, 1e-4);
        var dice = new Dice(2);
        var numbers = new long[BATCH];
        for (int b = 0; b < BATCH; b++) numbers[b] = dice.nextInt((int) data.frames());
        windows.batch(numbers);
        return 1;
    }

    private static long open(Path root) {
        try (var data = LeRobotDataset.open(root)) {
            return data.episodes().size() == EPISODES ? 1 : 0;
        }
    }

    /// Writes the metadata of a large data set that has no frames.
    private static void describe(Path root, LeRobotDataset like) {
        var info =
                like.info()
                        .withTotals(
                                new Info.Totals(
                                        EPISODES, (long) EPISODES * LENGTH, like.tasks().size()));
        MetaFiles.tasks(root, like.tasks());
        MetaFiles.stats(root, info, like.stats());
        var first = new EpisodeMeta.FileRef(0, 0);
        var file = new EpisodesFile(root, info, first);
        var tasks = new ArrayList<>(like.tasks().values());
        for (int e = 0; e < EPISODES; e++) {
            var task = List.of(tasks.get(e % tasks.size()));
            file.add(
                    new EpisodeMeta(e, task, LENGTH, (long) e * LENGTH, first, Map.of()),
                    like.stats());
        }
        file.close();
        MetaFiles.info(root, info);
    }
}
