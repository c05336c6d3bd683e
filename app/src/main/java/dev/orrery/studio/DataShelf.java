package dev.orrery.studio;

import dev.orrery.data.DatasetException;
import dev.orrery.data.lerobot.LeRobotDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The data sets that pages can look into: those in the data folder and the episodes of runs.
///
/// Data sets used last stay open. One that changes on disk is opened again.
final class DataShelf {

    /// As many data sets are listed at most.
    static final int MOST = 500;

    private static final int DEEP = 3, OPEN = 4;
    static final String INFO = "meta/info.json";

    /// Hidden folders, and those in which a data set is being written or replaced.
    private static final Pattern UNFINISHED =
            Pattern.compile("\\..*|.*\\.(partial|rewritten|replaced)");

    /// A data set by the name that pages use.
    record Place(String id, Path folder) {}

    private record Opened(LeRobotDataset set, long stamp) {}

    private final Path data;
    private final Path runs;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Map<String, Opened> open = new LinkedHashMap<>();
    private final Map<String, Path> seen = new ConcurrentHashMap<>();

    DataShelf(StudioOptions options) {
        data = options.data();
        runs = options.runs();
    }

    Path folder() {
        return data;
    }

    /// The data sets there are, [#MOST] at most.
    List<Place> places() {
        var places = new ArrayList<Place>();
        find(data, DEEP).forEach(f -> places.add(new Place(id(f), f)));
        for (var episodes : find(runs, DEEP)) {
            if (!episodes.startsWith(data)) {
                places.add(new Place("runs/" + slashes(runs.relativize(episodes)), episodes));
            }
        }
        var listed = places.subList(0, Math.min(MOST, places.size()));
        listed.forEach(place -> seen.put(place.id(), place.folder()));
        return listed;
    }

    /// Where a data set is; folders are searched only if it is not where it was seen last.
    private Path folder(String id) {
        var known = seen.get(id);
        if (known != null && Files.exists(known.resolve(INFO))) {
            return known;
        }
        return places().stream()
                .filter(p -> p.id().equals(id))
                .findFirst()
                .orElseThrow(() ->
                        Refusal.missing("there is no data set '%s' in %s".formatted(id, data)))
                .folder();
    }

    private String id(Path folder) {
        return folder.equals(data)
                ? data.getFileName().toString()
                : slashes(data.relativize(folder));
    }

    private static String slashes(Path path) {
        return path.toString().replace('\\', '/');
    }

    private static List<Path> find(Path root, int deep) {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        if (Files.exists(root.resolve(INFO))) {
            return List.of(root);
        }
        if (deep == 0) {
            return List.of();
        }
        try (Stream<Path> inside = Files.list(root)) {
            return inside.filter(f -> !UNFINISHED.matcher(f.getFileName().toString()).matches())
                    .filter(Files::isDirectory)
                    .sorted()
                    .flatMap(f -> find(f, deep - 1).stream())
                    .limit(MOST)
                    .toList();
        } catch (IOException _) {
            return List.of();
        }
    }

    /// Reads from a data set; `use` also gets a number that changes whenever the data set does.
    ///
    /// @throws Refusal if there is no such data set, or it is damaged
    <T> T use(String id, BiFunction<LeRobotDataset, Long, T> use) {
        var folder = folder(id);
        try {
            long stamp = Files.getLastModifiedTime(folder.resolve(INFO)).toMillis();
            prepare(id, folder, stamp);
            lock.readLock().lock();
            try {
                var opened = open.get(id);
                if (opened == null) {
                    throw Refusal.busy(
                            "data set '%s' was closed meanwhile; ask again".formatted(id));
                }
                return use.apply(opened.set(), opened.stamp());
            } finally {
                lock.readLock().unlock();
            }
        } catch (DatasetException | IllegalArgumentException e) {
            throw Refusal.missing(e.getMessage());
        } catch (IOException e) {
            throw Refusal.missing("data set '%s' cannot be read: %s".formatted(id, e.getMessage()));
        }
    }

    private void prepare(String id, Path folder, long stamp) {
        lock.writeLock().lock();
        try {
            var old = open.remove(id);
            if (old != null && old.stamp() == stamp) {
                open.put(id, old);
                return;
            }
            if (old != null) {
                old.set().close();
            }
            open.put(id, new Opened(LeRobotDataset.open(folder), stamp));
            if (open.size() > OPEN) {
                open.remove(open.keySet().iterator().next()).set().close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /// Closes what is open.
    void close() {
        lock.writeLock().lock();
        try {
            open.values().forEach(o -> o.set().close());
            open.clear();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
