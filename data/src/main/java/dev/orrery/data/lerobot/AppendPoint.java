package dev.orrery.data.lerobot;

import dev.orrery.data.lerobot.EpisodeMeta.FileRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where a data set of version 3.0 goes on when episodes are added.
final class AppendPoint {

    private AppendPoint() {}

    /// The last files in use, after which new ones follow; empty if there are none.
    ///
    /// @throws IllegalArgumentException if a writer that was stopped has left files there, which
    ///   would be written over
    static Optional<SinkV3.Used> of(Path root, Meta meta) {
        var used =
                meta.episodes().isEmpty()
                        ? Optional.<SinkV3.Used>empty()
                        : Optional.of(used(root, meta));
        int chunk = meta.info().storage().chunksSize();
        checkFree(root, meta.info(), used.map(u -> u.data().next(chunk)).orElse(new FileRef(0, 0)));
        return used;
    }

    private static void checkFree(Path root, Info info, FileRef next) {
        var place = Map.<String, Object>of("chunk_index", next.chunk(), "file_index", next.file());
        var data = PathPattern.fill(root, info.storage().dataPath(), place);
        for (var left : List.of(data, data.resolveSibling(data.getFileName() + ".partial"))) {
            if (!Files.exists(left)) continue;
            throw new IllegalArgumentException(
                    "%s is left from a writer that was stopped; rescue its episodes with 'orrery data repair %s --out NEW', or delete it"
                            .formatted(left, root));
        }
    }

    private static SinkV3.Used used(Path root, Meta meta) {
        var data =
                meta.episodes().stream()
                        .map(EpisodeMeta::data)
                        .max(FileRef::compareTo)
                        .orElseThrow();
        var videos = new HashMap<String, FileRef>();
        for (var video : meta.info().videos()) {
            meta.episodes().stream()
                    .map(e -> e.videos().get(video.name()).file())
                    .max(FileRef::compareTo)
                    .ifPresent(ref -> videos.put(video.name(), ref));
        }
        return new SinkV3.Used(data, EpisodesFile.ref(Meta.shards(root).getLast()), videos);
    }
}
