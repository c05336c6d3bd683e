package dev.orrery.studio;

import dev.orrery.run.RunInfo;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The run folders in a folder.
final class RunShelf {

    private static final int MOST = 500, TAIL = 64 * 1024;
    private static final long ALIVE_MILLIS = 60_000;
    private static final String METRICS = "metrics.jsonl";

    private static final Pattern HOLDER = Pattern.compile("process (\\d+) since (\\S+)");

    /// Written when a run is finished.
    static final String REPORT = "report.json", EVALUATION = "evaluation.html";

    /// A run in the list.
    ///
    /// @param step the last step that was logged
    /// @param updated when it was last written to, milliseconds since the epoch
    /// @param state `running`, `finished` or `stopped`
    /// @param imagines whether it kept what its world model imagined
    record Entry(
            String id,
            String system,
            String preset,
            long seed,
            String started,
            long step,
            long updated,
            String state,
            boolean imagines) {}

    /// A file that a run can be continued or played from.
    record Checkpoint(String name, long bytes, long saved) {}

    /// All about one run.
    ///
    /// @param episodes the data set of its episodes, empty if it has none
    /// @param evaluated whether there is a page that reports its evaluation
    record Details(
            String id,
            Object config,
            Object report,
            List<Checkpoint> checkpoints,
            String episodes,
            boolean evaluated) {}

    /// What a run measured; null if it has not, or cannot be read for the problem given.
    ///
    /// @param page whether there is a page that reports it with films
    record Measurement(String id, @Nullable Object evaluation, boolean page, String problem) {}

    /// @param problems one sentence for each folder that could not be read
    record Listing(String folder, List<Entry> runs, List<String> problems) {}

    private final Path folder;
    private final Unchanged<JsonNode> infos = new Unchanged<>(RunShelf::read);
    private final Unchanged<Long> steps = new Unchanged<>(RunShelf::lastStep);

    RunShelf(Path folder) {
        this.folder = folder;
    }

    /// The runs, newest first, no more than can be shown at once; a sentence says what is left out.
    /// The page asks every few seconds, so that only files that have changed are read anew.
    Listing list() {
        var problems = new ArrayList<String>();
        var runs = new ArrayList<Entry>();
        var folders = newest(folders());
        if (folders.size() > MOST) {
            problems.add(
                    "The newest %d of %d runs are listed; move some to another folder to see the others."
                            .formatted(MOST, folders.size()));
        }
        var shown = folders.subList(0, Math.min(MOST, folders.size()));
        infos.retain(in(shown, RunInfo.FILE));
        steps.retain(in(shown, METRICS));
        for (var run : shown) {
            try {
                runs.add(entry(run));
            } catch (IOException | RuntimeException e) {
                problems.add(
                        "Run %s cannot be read: %s".formatted(run.getFileName(), e.getMessage()));
            }
        }
        runs.sort(Comparator.comparingLong(Entry::updated).reversed());
        return new Listing(folder.toString(), runs, problems);
    }

    private static Set<Path> in(List<Path> runs, String file) {
        return runs.stream().map(run -> run.resolve(file)).collect(Collectors.toSet());
    }

    /// How many times a file of a run was read for the list.
    long reads() {
        return infos.reads() + steps.reads();
    }

    /// The folder of a run by its name.
    ///
    /// @throws Refusal if there is no such run
    Path find(String id) {
        return folders().stream()
                .filter(f -> f.getFileName().toString().equals(id))
                .findFirst()
                .orElseThrow(
                        () -> Refusal.missing("there is no run '%s' in %s".formatted(id, folder)));
    }

    /// The log of a run.
    CurveReader curves(String id) {
        return new CurveReader(id, find(id).resolve(METRICS));
    }

    Details details(String id) {
        var run = find(id);
        try {
            var episodes = run.resolve("episodes");
            return new Details(
                    id,
                    json(run.resolve(RunInfo.FILE))
                            .map(n -> n.path("config"))
                            .orElse(Json.read("{}")),
                    json(run.resolve(REPORT)).orElse(Json.read("{}")),
                    checkpoints(run.resolve("checkpoints")),
                    Files.isDirectory(episodes.resolve("meta")) ? "runs/" + id + "/episodes" : "",
                    Files.isRegularFile(run.resolve(EVALUATION)));
        } catch (IOException | JacksonException e) {
            throw Refusal.missing("run %s cannot be read: %s".formatted(id, e.getMessage()));
        }
    }

    /// What a run measured at its end.
    Measurement measurement(String id) {
        try {
            var run = find(id);
            boolean page = Files.isRegularFile(run.resolve(EVALUATION));
            return new Measurement(id, Evaluation.summary(run).orElse(null), page, "");
        } catch (IOException e) {
            return new Measurement(id, null, false, String.valueOf(e.getMessage()));
        }
    }

    /// The page that reports the evaluation of a run.
    ///
    /// @throws Refusal if there is none
    Path evaluation(String id) {
        var file = find(id).resolve(EVALUATION);
        if (!Files.isRegularFile(file)) {
            throw Refusal.missing(
                    "run %s has no evaluation yet; it ends with one, or: orrery eval"
                            .formatted(id));
        }
        return file;
    }

    /// Every folder that holds a run.
    List<Path> folders() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var all = Files.list(folder)) {
            return all.filter(f ->
                            Files.exists(f.resolve(RunInfo.FILE))
                                    || Files.exists(f.resolve(METRICS)))
                    .toList();
        } catch (IOException e) {
            throw Refusal.missing("cannot list %s: %s".formatted(folder, e.getMessage()));
        }
    }

    /// Runs, those first that were written to last.
    private static List<Path> newest(List<Path> runs) {
        var written = new HashMap<Path, Long>();
        runs.forEach(run -> written.put(run, written(run)));
        return runs.stream()
                .sorted(Comparator.<Path>comparingLong(written::get).reversed())
                .toList();
    }

    private static long written(Path run) {
        var metrics = run.resolve(METRICS).toFile();
        return metrics.exists() ? metrics.lastModified() : run.toFile().lastModified();
    }

    private Entry entry(Path run) throws IOException {
        var description = run.resolve(RunInfo.FILE);
        var info = Files.exists(description) ? infos.of(description) : Json.read("{}");
        var metrics = run.resolve(METRICS);
        long updated = written(run);
        return new Entry(
                run.getFileName().toString(),
                info.path("system").asString(""),
                info.path("preset").asString(""),
                info.path("seed").asLong(0),
                info.path("started").asString(""),
                Files.exists(metrics) ? steps.of(metrics) : 0,
                updated,
                state(run, updated),
                Files.isDirectory(run.resolve(ImaginationShelf.FOLDER)));
    }

    private static String state(Path run, long updated) {
        if (Files.exists(run.resolve(REPORT))) {
            return "finished";
        }
        boolean wrote = System.currentTimeMillis() - updated < ALIVE_MILLIS;
        return wrote || worked(run) ? "running" : "stopped";
    }

    /// Whether the process that took the run's lock is still there, as it is while a policy is
    /// measured and nothing is logged.
    private static boolean worked(Path run) {
        try {
            var holder = HOLDER.matcher(Files.readString(run.resolve("lock")).strip());
            return holder.matches()
                    && ProcessHandle.of(Long.parseLong(holder.group(1)))
                            .flatMap(process -> process.info().startInstant())
                            .map(begun -> !begun.isAfter(Instant.parse(holder.group(2))))
                            .orElse(false);
        } catch (IOException | DateTimeParseException _) {
            return false;
        }
    }

    /// The step of the last whole line; only the end of the file is read.
    private static long lastStep(Path metrics) throws IOException {
        try (var file = new RandomAccessFile(metrics.toFile(), "r")) {
            var tail = new byte[(int) Math.min(TAIL, file.length())];
            file.seek(file.length() - tail.length);
            file.readFully(tail);
            var lines = new String(tail, StandardCharsets.UTF_8).split("\n");
            for (int i = lines.length - 1; i >= 0; i--) {
                try {
                    return Json.read(lines[i]).path("step").asLong(0);
                } catch (JacksonException _) {
                    // A line that is still being written; the one before it is whole.
                }
            }
            return 0;
        }
    }

    private static Optional<JsonNode> json(Path file) throws IOException {
        return Files.isRegularFile(file) ? Optional.of(read(file)) : Optional.empty();
    }

    private static JsonNode read(Path file) throws IOException {
        try {
            return Json.read(Files.readString(file));
        } catch (JacksonException e) {
            throw new IOException("its %s is damaged".formatted(file.getFileName()), e);
        }
    }

    private static List<Checkpoint> checkpoints(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var all = Files.list(folder)) {
            var found = new ArrayList<Checkpoint>();
            for (var path : all.limit(MOST).toList()) {
                found.add(
                        new Checkpoint(
                                path.getFileName().toString(),
                                size(path),
                                Files.getLastModifiedTime(path).toMillis()));
            }
            found.sort(Comparator.comparingLong(Checkpoint::saved).reversed());
            return found;
        }
    }

    /// Bytes of a file, or of everything in a folder.
    static long size(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            return Files.size(path);
        }
        try (var all = Files.walk(path, 6)) {
            long sum = 0;
            for (var file : all.filter(Files::isRegularFile).limit(10_000).toList()) {
                sum += Files.size(file);
            }
            return sum;
        }
    }
}
