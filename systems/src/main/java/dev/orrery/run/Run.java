package dev.orrery.run;

import dev.orrery.env.WholeFile;
import dev.orrery.tensor.Seed;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/// One execution of a recipe, in a folder of its own.
///
/// Hands out seeds, logs, saves and stops; see the package for what the folder holds. A run belongs
/// to one thread, except [#requestStop], which any thread may call.
public final class Run implements AutoCloseable {

    private static final long HELD_OUT = 0x9E3779B97F4A7C15L;

    private final Path folder;
    private final RunInfo info;
    private final Progress progress;
    private final RunLock lock;
    private Metrics metrics;
    private volatile boolean stopping;
    private boolean abandoned;

    private Run(Path folder, RunInfo info, Progress progress, RunLock lock) throws IOException {
        this.folder = folder;
        this.info = info;
        this.progress = progress;
        this.lock = lock;
        this.metrics = new Metrics(folder, Long.MAX_VALUE);
        Files.createDirectories(folder.resolve("checkpoints"));
        Files.createDirectories(episodes());
    }

    /// Starts a run in a folder that holds none yet.
    ///
    /// @throws RunException if the folder already holds a run or another process works in it
    public static Run create(Path folder, RunInfo info, Progress progress) {
        try {
            Files.createDirectories(folder);
            var lock = RunLock.take(folder);
            if (Files.exists(folder.resolve(RunInfo.FILE))) {
                lock.close();
                throw new RunException(
                        "%s already holds a run; go on with it by --resume, or choose another --run-dir"
                                .formatted(folder));
            }
            info.write(folder);
            return new Run(folder, info, progress, lock);
        } catch (IOException e) {
            throw WholeFile.isFull(e)
                    ? new RunException(
                            "the disk that holds %s is full; free some space, or choose another --run-dir"
                                    .formatted(folder),
                            e)
                    : failed(folder, e);
        }
    }

    /// Opens the run that a folder holds, to go on with it or to measure it.
    ///
    /// @throws RunException if it holds none, or another process works in it
    public static Run reopen(Path folder, Progress progress) {
        var info = RunInfo.read(folder);
        try {
            return new Run(folder, info, progress, RunLock.take(folder));
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    /// A quiet run for tests and experiments.
    public static Run create(Path folder, String system, Record config, long seed) {
        return create(folder, RunInfo.now(system, "custom", seed, config), Progress.silent());
    }

    /// What this run is.
    public RunInfo info() {
        return info;
    }

    /// The run's folder.
    public Path folder() {
        return folder;
    }

    /// Where the episodes of its evaluation are kept, as a data set.
    public Path episodes() {
        return folder.resolve("episodes");
    }

    /// The saved states.
    public Checkpoints checkpoints() {
        return new Checkpoints(folder);
    }

    /// The seed that everything random in this run is derived from.
    public long seed() {
        return info.seed();
    }

    /// The seed of one step.
    public Seed seed(long step) {
        return Seed.of(seed()).split(step);
    }

    /// The seed of one purpose, such as `initialisation`.
    public Seed seed(String purpose) {
        return Seed.of(seed()).split(purpose);
    }

    /// A seed for measuring, unrelated to [#seed] and equal for equal runs.
    public long heldOutSeed() {
        return info.seed() ^ HELD_OUT;
    }

    /// Where to say how far the work is.
    public Progress progress() {
        return progress;
    }

    /// Whether it is time for something that happens every `interval` steps: after `interval`,
    /// `2·interval`, … steps, and after the step during which a stop was asked for.
    public boolean every(long step, long interval) {
        return stopping || (step + 1) % interval == 0;
    }

    /// Checks the numbers of a step, logged or not: call it before the optimiser uses them.
    ///
    /// @param batch the seed that the step's batch was drawn from; the message names it
    /// @throws NonFiniteException if one of them is NaN or infinite
    public void check(long step, Report values, Seed batch) {
        values.metrics()
                .forEach((name, value) -> {
                    if (!Double.isFinite(value)) {
                        throw new NonFiniteException(name, value, step, batch);
                    }
                });
    }

    /// Logs one number of a step and moves the progress line on.
    ///
    /// @throws NonFiniteException if it is NaN or infinite
    public void log(long step, String name, double value) {
        log(step, Report.of(name, value));
    }

    /// Logs the numbers of a step and moves the progress line on.
    ///
    /// @throws NonFiniteException if one of them is NaN or infinite
    public void log(long step, Report values) {
        check(step, values, seed(step));
        try {
            metrics.log(step, values.metrics());
        } catch (IOException e) {
            throw failed(folder, e);
        }
        progress.at(step + 1, headline(values.metrics()));
    }

    /// The numbers that were logged of a step, also before the run was broken off.
    public Report logged(long step) {
        try {
            metrics.flush();
            return Metrics.read(folder).stream()
                    .filter(entry -> entry.step() == step)
                    .map(entry -> new Report(new LinkedHashMap<>(entry.values())))
                    .reduce(Report.empty(), Report::plus);
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    /// Restores the newest saved state, if there is one, and forgets what was logged after it.
    ///
    /// @return the step to go on with; 0 for a fresh run
    public long resume(RunState state) {
        long step = checkpoints().restore(state, progress).orElse(0L);
        try {
            metrics.close();
            metrics = new Metrics(folder, step);
        } catch (IOException e) {
            throw failed(folder, e);
        }
        if (step > 0) {
            progress.note("going on after step %d".formatted(step));
        }
        return step;
    }

    /// Saves the state after step `step` is finished, whole or not at all.
    ///
    /// @throws RunStopped after saving, if somebody asked the run to stop
    public void save(long step, RunState state) {
        var metadata =
                Map.of(
                        "system", info.system(),
                        "step", Long.toString(step + 1),
                        "seed", Long.toString(seed()),
                        "version", info.machine().version());
        checkpoints().save(step + 1, state.tensors(), metadata);
        try {
            metrics.flush();
        } catch (IOException e) {
            throw failed(folder, e);
        }
        if (stopping) {
            throw new RunStopped(info.system(), folder, step + 1);
        }
    }

    /// Asks the run to stop: it ends with [RunStopped] once the current step is saved.
    public void requestStop() {
        stopping = true;
    }

    /// Whether somebody asked the run to stop.
    public boolean stopping() {
        return stopping;
    }

    /// Ends the run here if somebody asked for it: for work between saves that is simply done
    /// again.
    ///
    /// @param doing what is broken off, such as `evaluating`
    /// @throws RunStopped if somebody asked the run to stop
    public void heed(String doing) {
        if (stopping) {
            throw new RunStopped(info.system(), folder, "while " + doing);
        }
    }

    /// Writes the closing numbers to `report.json`.
    public void finish(Report report) {
        write("report.json", report.metrics());
    }

    /// Writes a value as JSON into the run's folder, whole or not at all.
    public void write(String name, Object value) {
        try {
            ConfigBinder.write(folder.resolve(name), value);
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    /// Gives the run up: where it has come to nothing, neither a number nor a file, [#close] takes
    /// its folder away, so that the name is free for a better try.
    public void abandon() {
        abandoned = true;
    }

    @Override
    public void close() {
        try (lock) {
            metrics.close();
        } catch (IOException e) {
            throw failed(folder, e);
        }
        if (abandoned) {
            removeIfNothing();
        }
    }

    private void removeIfNothing() {
        try (var all = Files.walk(folder)) {
            var found = all.sorted(Comparator.reverseOrder()).toList();
            for (var file : found) {
                if (Files.isRegularFile(file) && !nothing(file)) {
                    return;
                }
            }
            for (var file : found) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    private boolean nothing(Path file) throws IOException {
        var name = file.getFileName().toString();
        return file.getParent().equals(folder)
                && (name.equals(RunInfo.FILE)
                        || name.equals(RunLock.FILE)
                        || name.startsWith(EventFile.PREFIX)
                        || name.equals(Metrics.FILE) && Files.size(file) == 0);
    }

    private static String headline(Map<String, Double> values) {
        var parts = new LinkedHashMap<>(values);
        return parts.entrySet().stream()
                .limit(2)
                .map(e -> "%s %.4g".formatted(e.getKey(), e.getValue()))
                .reduce((a, b) -> a + "  " + b)
                .orElse("");
    }

    static RunException failed(Path folder, IOException e) {
        var said = String.valueOf(e.getMessage());
        if (WholeFile.isFull(e)) {
            return new RunException(
                    ("the disk that holds %s is full; free some space, then go on with --resume"
                                    + " --run-dir %s (what was saved before is intact)")
                            .formatted(folder, folder),
                    e);
        }
        var reason =
                switch (e) {
                    case FileAlreadyExistsException _ -> "a file of that name is there";
                    case AccessDeniedException denied -> "no permission for " + denied.getFile();
                    case FileSystemException other when other.getReason() != null ->
                            other.getReason();
                    default -> "%s (%s)".formatted(said, e.getClass().getSimpleName());
                };
        return new RunException(
                "cannot write %s: %s; choose another --run-dir, or mend it"
                        .formatted(folder, reason),
                e);
    }
}
