package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.lerobot.EpisodeMeta.FileRef;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Finds the rows of an episode in the data files.
///
/// The metadata implies where they are; the column `episode_index` has the last word, so that files
/// whose episodes were moved or removed are still read right.
final class Rows {

    private static final Feature EPISODE = Feature.automatic().get(2);

    private final Path root;
    private final Meta meta;
    private final Tables tables;
    private final Map<FileRef, Path> elsewhere;
    private final Map<FileRef, Long> fileStarts = new HashMap<>();
    private final Map<Integer, Place> found = new ConcurrentHashMap<>();

    /// @param file the data file
    /// @param first the row of the episode's first frame
    record Place(Path file, long first) {}

    /// @param elsewhere data files that lie in another place than their pattern says
    Rows(Path root, Meta meta, Tables tables, Map<FileRef, Path> elsewhere) {
        this.elsewhere = elsewhere;
        this.root = root;
        this.meta = meta;
        this.tables = tables;
        for (var episode : meta.episodes())
            fileStarts.merge(episode.data(), episode.from(), Math::min);
    }

    Place of(int place) {
        if (place < 0 || place >= meta.episodes().size()) {
            throw new IllegalArgumentException(
                    "the data set has episodes 0 to %d, not %d"
                            .formatted(meta.episodes().size() - 1, place));
        }
        return found.computeIfAbsent(place, this::find);
    }

    private Place find(int place) {
        var episode = meta.episodes().get(place);
        var file = data(episode);
        long first = episode.from() - fileStarts.get(episode.data());
        long total = tables.rows(file);
        if (episode.length() == 0 || holds(file, first, total, episode))
            return new Place(file, first);
        if (total > Integer.MAX_VALUE)
            throw DatasetException.at(file, "has %d rows".formatted(total));
        var numbers = tables.longs(file, EPISODE, 0, (int) total);
        int rows = 0, start = -1;
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] != episode.index()) continue;
            if (start < 0) start = i;
            rows++;
        }
        if (rows != episode.length() || numbers[start + rows - 1] != episode.index()) {
            throw DatasetException.at(
                    file,
                    "holds %d rows of episode %d, which has %d frames%s"
                            .formatted(
                                    rows,
                                    episode.index(),
                                    episode.length(),
                                    rows == episode.length() ? ", and not in one piece" : ""));
        }
        return new Place(file, start);
    }

    private boolean holds(Path file, long first, long total, EpisodeMeta episode) {
        if (first < 0 || first + episode.length() > total) return false;
        long last = first + episode.length() - 1;
        return tables.longs(file, EPISODE, first, 1)[0] == episode.index()
                && tables.longs(file, EPISODE, last, 1)[0] == episode.index()
                && (first == 0 || tables.longs(file, EPISODE, first - 1, 1)[0] != episode.index())
                && (last + 1 == total
                        || tables.longs(file, EPISODE, last + 1, 1)[0] != episode.index());
    }

    Path data(EpisodeMeta episode) {
        var moved = elsewhere.get(episode.data());
        if (moved != null) return moved;
        return PathPattern.fill(
                root, meta.info().storage().dataPath(), values(episode, episode.data(), ""));
    }

    Path video(EpisodeMeta episode, String key, FileRef file) {
        return PathPattern.fill(
                root, meta.info().storage().videoPath(), values(episode, file, key));
    }

    private Map<String, Object> values(EpisodeMeta episode, FileRef file, String key) {
        return Map.of(
                "chunk_index", file.chunk(),
                "file_index", file.file(),
                "episode_chunk", episode.index() / meta.info().storage().chunksSize(),
                "episode_index", episode.index(),
                "video_key", key);
    }
}
