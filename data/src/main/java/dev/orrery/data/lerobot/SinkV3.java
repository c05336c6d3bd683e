package dev.orrery.data.lerobot;

import dev.orrery.data.lerobot.EpisodeMeta.FileRef;
import dev.orrery.data.lerobot.EpisodeMeta.VideoSpan;
import dev.orrery.data.media.VideoCopy;
import dev.orrery.data.media.VideoFile;
import dev.orrery.data.parquet.ParquetWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Writes version 3.0: many episodes a file, new files when the size limit is reached.
final class SinkV3 implements Sink {

    private static final long MEGABYTE = 1 << 20;

    private final Path root;
    private final Info info;
    private final List<Feature> stored;
    private final EpisodesFile episodes;
    private final Map<String, VideoShelf> videos = new LinkedHashMap<>();
    private final Map<Path, Long> framesIn = new HashMap<>();
    private FileRef file;
    private Optional<ParquetWriter> writer = Optional.empty();
    private long framesInFile;

    /// @param last the files in use already, which are not touched
    SinkV3(Path root, Info info, Optional<Used> last) {
        this.root = root;
        this.info = info;
        this.stored =
                info.features().values().stream().filter(f -> f.dtype() != Dtype.VIDEO).toList();
        int chunk = info.storage().chunksSize();
        this.file = last.map(used -> used.data().next(chunk)).orElse(new FileRef(0, 0));
        this.episodes =
                new EpisodesFile(
                        root,
                        info,
                        last.map(used -> used.meta().next(chunk)).orElse(new FileRef(0, 0)));
        for (var video : info.videos()) {
            var first =
                    last.map(used -> used.videos().get(video.name())).map(ref -> ref.next(chunk));
            videos.put(video.name(), new VideoShelf(video.name(), first.orElse(new FileRef(0, 0))));
        }
    }

    /// The last files that a data set has of each kind.
    record Used(FileRef data, FileRef meta, Map<String, FileRef> videos) {}

    /// The video files of one camera.
    private final class VideoShelf {
        private final String key;
        private FileRef ref;
        private final List<VideoCopy.Piece> pieces = new ArrayList<>();
        private long bytes;
        private int frames;

        VideoShelf(String key, FileRef ref) {
            this.key = key;
            this.ref = ref;
        }

        VideoSpan add(VideoCopy.Piece piece) {
            long size = share(piece);
            if (frames > 0 && bytes + size >= info.storage().videoMegabytes() * MEGABYTE) {
                flush();
                ref = ref.next(info.storage().chunksSize());
            }
            int from = frames;
            pieces.add(piece);
            bytes += size;
            frames += piece.to() - piece.from();
            // From whole frames, so that times do not drift.
            return new VideoSpan(ref, (double) from / info.fps(), (double) frames / info.fps());
        }

        private long share(VideoCopy.Piece piece) {
            try {
                long frames = framesIn.computeIfAbsent(piece.file(), SinkV3::frames);
                return Files.size(piece.file()) * (piece.to() - piece.from()) / Math.max(1, frames);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void flush() {
            if (pieces.isEmpty()) return;
            var path =
                    PathPattern.fill(
                            root,
                            info.storage().videoPath(),
                            Map.of(
                                    "video_key",
                                    key,
                                    "chunk_index",
                                    ref.chunk(),
                                    "file_index",
                                    ref.file()));
            Atomic.replace(
                    path, partial -> VideoCopy.join(pieces, partial, info.fps()), ".partial.mp4");
            pieces.clear();
            bytes = frames = 0;
        }
    }

    private static long frames(Path file) {
        try (var video = VideoFile.open(file)) {
            return video.frames();
        }
    }

    @Override
    public void episode(EpisodeRecord episode) {
        if (writer.isPresent() && framesInFile > 0) {
            long each = writer.get().size() / framesInFile;
            if (writer.get().size() + each * episode.length()
                    >= info.storage().dataMegabytes() * MEGABYTE) {
                writer.get().close();
                writer = Optional.empty();
                file = file.next(info.storage().chunksSize());
            }
        }
        if (writer.isEmpty()) {
            var path =
                    PathPattern.fill(
                            root,
                            info.storage().dataPath(),
                            Map.of("chunk_index", file.chunk(), "file_index", file.file()));
            writer =
                    Optional.of(
                            ParquetWriter.create(
                                    path,
                                    stored.stream().map(Columns::field).toList(),
                                    metadata()));
            framesInFile = 0;
        }
        writer.get().write(episode.columns(stored, writer.get().leaves()));
        framesInFile += episode.length();
        var spans = new HashMap<String, VideoSpan>();
        videos.forEach((key, shelf) -> spans.put(key, shelf.add(episode.videos().get(key))));
        episodes.add(
                new EpisodeMeta(
                        episode.index(),
                        episode.tasks(),
                        episode.length(),
                        episode.from(),
                        file,
                        spans),
                episode.stats());
    }

    private Map<String, String> metadata() {
        var text = Columns.huggingFace(stored);
        return text.isEmpty() ? Map.of() : Map.of("huggingface", text);
    }

    @Override
    public void finish(
            Info last,
            SequencedMap<Integer, String> tasks,
            SequencedMap<String, FeatureStats> stats) {
        writer.ifPresent(ParquetWriter::close);
        writer = Optional.empty();
        videos.values().forEach(VideoShelf::flush);
        episodes.close();
        MetaFiles.tasks(root, tasks);
        MetaFiles.stats(root, last, stats);
        MetaFiles.info(root, last);
    }
}
