package dev.orrery.studio;

import dev.orrery.data.lerobot.EpisodeMeta;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.FeatureStats;
import dev.orrery.data.lerobot.LeRobotDataset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the page about a data set shows.
///
/// @param problems sentences about what its metadata contradicts
record DataSummary(
        String version,
        String robot,
        int episodes,
        long frames,
        int fps,
        long bytes,
        List<Task> tasks,
        Lengths lengths,
        List<Column> features,
        List<String> problems) {

    private static final int BINS = 24, MOST_DIMENSIONS = 64, MOST_TASKS = 500;

    /// @param episodes how many have it
    /// @param first the place of the first of them
    record Task(String task, int episodes, int first) {}

    /// How episode lengths are spread, in bins of equal width from `low` to `high` frames.
    record Lengths(int low, int high, int median, int[] counts) {}

    /// @param rows statistics, one row a dimension; empty if there are none
    record Column(String name, String type, List<Integer> shape, List<Row> rows) {}

    record Row(
            String name,
            @Nullable Double mean,
            @Nullable Double std,
            @Nullable Double min,
            @Nullable Double max,
            @Nullable Double q10,
            @Nullable Double q90) {}

    static DataSummary of(LeRobotDataset set) {
        var info = set.info();
        return new DataSummary(
                info.version(),
                info.robotType(),
                set.episodes().size(),
                set.frames(),
                set.fps(),
                bytes(set),
                tasks(set.episodes()),
                lengths(set.episodes()),
                set.features().values().stream()
                        .map(f -> column(f, Optional.ofNullable(set.stats().get(f.name()))))
                        .toList(),
                problems(set));
    }

    private static long bytes(LeRobotDataset set) {
        try {
            return RunShelf.size(set.root());
        } catch (IOException _) {
            return 0;
        }
    }

    private static List<Task> tasks(List<EpisodeMeta> episodes) {
        var counts = new LinkedHashMap<String, Task>();
        for (int i = 0; i < episodes.size(); i++) {
            var name = DataPages.task(episodes.get(i));
            if (counts.size() < MOST_TASKS || counts.containsKey(name)) {
                counts.merge(
                        name,
                        new Task(name, 1, i),
                        (old, _) -> new Task(name, old.episodes() + 1, old.first()));
            }
        }
        return counts.values().stream()
                .sorted((a, b) -> Integer.compare(b.episodes(), a.episodes()))
                .toList();
    }

    private static Lengths lengths(List<EpisodeMeta> episodes) {
        if (episodes.isEmpty()) {
            return new Lengths(0, 0, 0, new int[1]);
        }
        var sorted = episodes.stream().mapToInt(EpisodeMeta::length).sorted().toArray();
        int low = sorted[0], high = sorted[sorted.length - 1];
        var counts = new int[Math.min(BINS, high - low + 1)];
        for (int length : sorted) {
            counts[(int) ((long) (length - low) * counts.length / (high - low + 1))]++;
        }
        return new Lengths(low, high, sorted[sorted.length / 2], counts);
    }

    private static Column column(Feature feature, Optional<FeatureStats> stats) {
        return new Column(
                feature.name(),
                feature.dtype().label(),
                feature.shape(),
                stats.map(s -> rows(feature, s)).orElse(List.of()));
    }

    private static List<Row> rows(Feature feature, FeatureStats stats) {
        var labels =
                feature.dtype().isPicture()
                        ? List.of("red", "green", "blue")
                        : Film.labels(feature);
        var low = stats.quantile("q10", stats.min());
        var high = stats.quantile("q90", stats.max());
        var rows = new ArrayList<Row>();
        for (int i = 0; i < Math.min(stats.dimensions(), MOST_DIMENSIONS); i++) {
            rows.add(
                    new Row(
                            i < labels.size() ? labels.get(i) : String.valueOf(i),
                            Json.number(stats.mean()[i]),
                            Json.number(stats.std()[i]),
                            Json.number(stats.min()[i]),
                            Json.number(stats.max()[i]),
                            Json.number(low[i]),
                            Json.number(high[i])));
        }
        return rows;
    }

    private static List<String> problems(LeRobotDataset set) {
        var totals = set.info().totals();
        var problems = new ArrayList<String>();
        if (totals.episodes() != set.episodes().size()) {
            problems.add(
                    "info.json speaks of %d episodes, the episode files hold %d; `orrery data repair` sets this right."
                            .formatted(totals.episodes(), set.episodes().size()));
        }
        if (totals.frames() != set.frames()) {
            problems.add(
                    "info.json speaks of %d frames, the episodes add up to %d."
                            .formatted(totals.frames(), set.frames()));
        }
        return problems;
    }
}
