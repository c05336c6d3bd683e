package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.lerobot.EpisodeMeta.FileRef;
import dev.orrery.data.lerobot.EpisodeMeta.VideoSpan;
import dev.orrery.data.media.VideoFile;
import dev.orrery.data.parquet.Field;
import dev.orrery.data.parquet.ParquetFile;
import dev.orrery.data.parquet.ParquetSalvage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Rescues what is whole in a damaged data set: after a crash of the writer, with files missing or
/// cut off, or with metadata that does not fit the files.
///
/// Works from the rows themselves: an episode is a stretch of rows with one `episode_index` whose
/// frames count from 0. Files without a footer give up their complete row groups. Times, indices,
/// counts and statistics are made anew.
public final class Repair {

    private final Path root, scratch;
    private final Info info;
    private final List<String> notes = new ArrayList<>();
    private final List<EpisodeMeta> episodes = new ArrayList<>();
    private final Map<FileRef, Path> files = new HashMap<>();
    private Map<Integer, EpisodeMeta> described = Map.of();
    private SequencedMap<Integer, String> tasks = new TreeMap<>();

    /// What came of it.
    ///
    /// @param episodes episodes rescued
    /// @param frames frames rescued
    /// @param notes what was lost or made up, one line each
    public record Outcome(int episodes, long frames, List<String> notes) {}

    private Repair(Path root, Path scratch) {
        this.root = root;
        this.scratch = scratch;
        this.info = Info.read(root.resolve("meta/info.json"));
    }

    /// Writes what can be rescued as a new, sound data set.
    ///
    /// @param root the damaged data set, or the `NAME.partial` that a stopped writer left
    /// @param out where the new one goes; must not exist
    /// @throws DatasetException if there is no `info.json`, or no complete episode
    public static Outcome run(Path root, Path out, Rewrite.Progress progress) {
        try {
            var scratch = Files.createTempDirectory("orrery-repair");
            try {
                var repair = new Repair(root, scratch);
                repair.collect();
                return repair.write(out, progress);
            } finally {
                Atomic.delete(scratch);
            }
        } catch (IOException e) {
            throw DatasetException.at(root, "cannot be repaired", e);
        }
    }

    private void collect() throws IOException {
        readMeta();
        var schema =
                info.features().values().stream()
                        .filter(f -> f.dtype() != Dtype.VIDEO)
                        .map(Columns::field)
                        .toList();
        List<Path> found;
        try (var walk = Files.walk(root.resolve("data"))) {
            found =
                    walk.filter(p ->
                                    p.toString().endsWith(".parquet")
                                            || p.toString().endsWith(".parquet.partial"))
                            .sorted()
                            .toList();
        }
        for (int i = 0; i < found.size(); i++) file(new FileRef(0, i), found.get(i), schema);
    }

    private void readMeta() {
        var noted = TaskLog.read(root);
        try {
            var meta = Meta.read(root);
            tasks = meta.tasks();
            described = new HashMap<>();
            meta.episodes().forEach(e -> described.put(e.index(), e));
        } catch (RuntimeException e) {
            notes.add("metadata cannot be read (%s); it is made anew".formatted(e.getMessage()));
            try {
                tasks = Meta.tasks(root, info);
            } catch (RuntimeException lost) {
                if (noted.isEmpty())
                    notes.add("task texts are lost (%s)".formatted(lost.getMessage()));
            }
        }
        tasks.putAll(noted);
    }

    private void file(FileRef ref, Path path, List<Field> schema) {
        var whole = path;
        try (var file = ParquetFile.open(path)) {
            for (int g = 0; g < file.groups(); g++)
                for (var leaf : file.leaves()) file.read(g, leaf);
        } catch (DatasetException e) {
            whole = scratch.resolve("file-%d.parquet".formatted(ref.file()));
            long rows = ParquetSalvage.rescue(path, schema, whole);
            notes.add("%s is damaged; %d rows were rescued".formatted(root.relativize(path), rows));
            if (rows == 0) return;
        }
        files.put(ref, whole);
        rows(ref, whole);
    }

    private void rows(FileRef ref, Path path) {
        try (var tables = new Tables(1 << 28)) {
            int total = Math.toIntExact(tables.rows(path));
            var automatic = Feature.automatic();
            var frame = tables.longs(path, automatic.get(1), 0, total);
            var episode = tables.longs(path, automatic.get(2), 0, total);
            var task = tables.longs(path, automatic.get(4), 0, total);
            for (int start = 0, end; start < total; start = end) {
                end = start + 1;
                while (end < total
                        && episode[end] == episode[start]
                        && frame[end] == frame[end - 1] + 1) end++;
                if (frame[start] != 0) {
                    notes.add(
                            "episode %d lacks its first %d frames and is left out"
                                    .formatted(episode[start], frame[start]));
                } else {
                    episode(ref, (int) episode[start], start, end - start, task);
                }
            }
        }
    }

    private void episode(FileRef ref, int index, int row, int length, long[] task) {
        var known = described.get(index);
        if (known != null && known.length() > length) {
            notes.add(
                    "episode %d has only %d of its %d frames and is left out"
                            .formatted(index, length, known.length()));
            return;
        }
        var videos = new HashMap<String, VideoSpan>();
        for (var camera : info.videos()) {
            var span = known == null ? null : known.videos().get(camera.name());
            if (span != null && playable(video(index, camera, span.file()), span.from(), length)) {
                videos.put(camera.name(), span);
            } else if (playable(unfinished(index, camera), 0, length)) {
                // The episode's own video, written before those of a file are joined.
                videos.put(
                        camera.name(),
                        new VideoSpan(new FileRef(-1, index), 0, (double) length / info.fps()));
            } else {
                notes.add(
                        "episode %d has no whole video of '%s' and is left out"
                                .formatted(index, camera.name()));
                return;
            }
        }
        var texts = new ArrayList<String>();
        for (int i = row; i < row + length; i++) {
            int number = (int) task[i];
            tasks.computeIfAbsent(number, n -> "task " + n);
            if (!texts.contains(tasks.get(number))) texts.add(tasks.get(number));
        }
        episodes.add(new EpisodeMeta(index, texts, length, row, ref, videos));
    }

    private Path video(int episode, Feature camera, FileRef ref) {
        return PathPattern.fill(
                root,
                info.storage().videoPath(),
                Map.of(
                        "video_key", camera.name(),
                        "chunk_index", ref.chunk(),
                        "file_index", ref.file(),
                        "episode_chunk", episode / info.storage().chunksSize(),
                        "episode_index", episode));
    }

    private Path unfinished(int episode, Feature camera) {
        return root.resolve(".episodes/%s/episode-%06d.mp4".formatted(camera.name(), episode));
    }

    private boolean playable(Path video, double from, int length) {
        try (var file = VideoFile.open(video)) {
            return Math.round(from * info.fps()) + length <= file.frames();
        } catch (DatasetException _) {
            return false;
        }
    }

    private Outcome write(Path out, Rewrite.Progress progress) {
        if (episodes.isEmpty())
            throw DatasetException.at(
                    root,
                    "no complete episode was found: %s%s"
                            .formatted(
                                    notes,
                                    info.videos().isEmpty()
                                            ? ""
                                            : "; if one camera is lost, 'orrery data remove-feature' keeps the rest"));
        var storage =
                new Info.Storage(
                        info.storage().chunksSize(),
                        100,
                        200,
                        info.storage().dataPath(),
                        info.storage().videoPath());
        var plain =
                new Info(
                        info.version(),
                        info.fps(),
                        info.robotType(),
                        info.totals(),
                        storage,
                        info.features(),
                        new LinkedHashMap<>(),
                        info.extra());
        var meta = new Meta(plain, tasks, episodes, new LinkedHashMap<>());
        try (var data =
                LeRobotDataset.of(
                        root, meta, files, (episode, camera) -> unfinished(episode, camera))) {
            Rewrite.copyCounting(
                    data, Rewrite.Changes.none(info.isV3() ? "v3.0" : "v2.1"), out, progress);
            return new Outcome(episodes.size(), data.frames(), notes);
        }
    }
}
