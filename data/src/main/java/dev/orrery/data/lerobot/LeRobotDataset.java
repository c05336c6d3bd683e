package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.Pictures;
import dev.orrery.data.media.VideoFile;
import dev.orrery.env.Image;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/// An open data set, version 3.0, 2.1 or 2.0, read by frame.
///
/// Frames are numbered through the whole data set. Reading is safe from several threads. Nothing is
/// read ahead of use except the metadata; columns and videos used last stay in memory.
///
/// ```java
/// try (var data = LeRobotDataset.open(Path.of("runs/demo/data"))) {
///     var frame = data.frame(0);
///     float[] action = frame.floats("action");
///     Image overhead = frame.image("observation.images.overhead");
/// }
/// ```
public final class LeRobotDataset implements Closeable {

    private static final int OPEN_VIDEOS = 16;

    private final Path root;
    private final Meta meta;
    private final double tolerance;
    private final Tables tables;
    private final Pool<VideoFile> videos = new Pool<>(OPEN_VIDEOS, VideoFile::open);
    private final java.util.function.BiFunction<Integer, Feature, Path> unfinished;
    private final long[] starts;
    private final Rows rows;

    private LeRobotDataset(
            Path root,
            Meta meta,
            double tolerance,
            Map<EpisodeMeta.FileRef, Path> elsewhere,
            java.util.function.BiFunction<Integer, Feature, Path> unfinished) {
        this.unfinished = unfinished;
        this.root = root;
        this.meta = meta;
        this.tolerance = tolerance;
        this.tables = new Tables(Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 4));
        this.starts = new long[meta.episodes().size() + 1];
        for (int i = 0; i < meta.episodes().size(); i++)
            starts[i + 1] = starts[i] + meta.episodes().get(i).length();
        this.rows = new Rows(root, meta, tables, elsewhere);
    }

    /// Opens the data set in a folder, with video frames found to within 0.1 ms.
    ///
    /// @throws DatasetException if its metadata is missing, damaged or of an unknown version
    public static LeRobotDataset open(Path root) {
        return open(root, 1e-4);
    }

    /// Opens the data set in a folder.
    ///
    /// @param tolerance how far a video frame may be from the time it is asked for, in seconds
    /// @throws DatasetException if its metadata is missing, damaged or of an unknown version
    public static LeRobotDataset open(Path root, double tolerance) {
        if (!Files.isDirectory(root)) throw DatasetException.at(root, "there is no such folder");
        if (!Files.exists(root.resolve("meta/info.json"))) {
            throw DatasetException.at(root, "is no LeRobot data set: it has no meta/info.json");
        }
        try {
            return new LeRobotDataset(root, Meta.read(root), tolerance, Map.of(), (_, _) -> root);
        } catch (DatasetException e) {
            throw e;
        } catch (RuntimeException e) {
            throw DatasetException.at(root, "its metadata cannot be read", e);
        }
    }

    /// Opens files under other metadata than that in the folder.
    ///
    /// @param elsewhere data files that lie in another place than the metadata's pattern says
    /// @param unfinished videos of single episodes, for spans that name chunk -1
    static LeRobotDataset of(
            Path root,
            Meta meta,
            Map<EpisodeMeta.FileRef, Path> elsewhere,
            java.util.function.BiFunction<Integer, Feature, Path> unfinished) {
        return new LeRobotDataset(root, meta, 1e-4, elsewhere, unfinished);
    }

    /// The folder.
    public Path root() {
        return root;
    }

    /// What `info.json` says.
    public Info info() {
        return meta.info();
    }

    /// The features by name, in file order.
    public SequencedMap<String, Feature> features() {
        return Collections.unmodifiableSequencedMap(meta.info().features());
    }

    /// One feature.
    ///
    /// @throws IllegalArgumentException if there is none of that name; the message lists those
    ///   there are
    public Feature feature(String name) {
        var feature = meta.info().features().get(name);
        if (feature == null) {
            throw new IllegalArgumentException(
                    "the data set has no feature '%s'; it has %s"
                            .formatted(name, features().keySet()));
        }
        return feature;
    }

    /// Task texts by number.
    public SequencedMap<Integer, String> tasks() {
        return Collections.unmodifiableSequencedMap(meta.tasks());
    }

    /// The text of a task.
    ///
    /// @throws DatasetException if there is no such task
    public String task(int number) {
        var task = meta.tasks().get(number);
        if (task == null)
            throw DatasetException.at(
                    root, "has no task %d; it has %s".formatted(number, meta.tasks().keySet()));
        return task;
    }

    /// The episodes in order.
    public List<EpisodeMeta> episodes() {
        return Collections.unmodifiableList(meta.episodes());
    }

    /// Statistics of the data set by feature; empty if it has none.
    public SequencedMap<String, FeatureStats> stats() {
        return Collections.unmodifiableSequencedMap(meta.stats());
    }

    /// Statistics of each episode by its number; empty if the data set keeps none.
    public Map<Integer, SequencedMap<String, FeatureStats>> episodeStats() {
        return Meta.episodeStats(root, meta.info());
    }

    /// The number of frames in all episodes.
    public long frames() {
        return starts[starts.length - 1];
    }

    /// Frames a second.
    public int fps() {
        return meta.info().fps();
    }

    /// One frame of the whole data set.
    ///
    /// @throws IllegalArgumentException if there is no such frame
    public Frame frame(long number) {
        int episode = episodeOf(number);
        return new Frame(this, episode, (int) (number - starts[episode]));
    }

    /// One frame of an episode, both counted from 0.
    public Frame frame(int episode, int frame) {
        int length = episode(episode).length();
        if (frame < 0 || frame >= length) {
            throw new IllegalArgumentException(
                    "episode %d has frames 0 to %d, not %d".formatted(episode, length - 1, frame));
        }
        return new Frame(this, episode, frame);
    }

    /// The place of the episode that holds a frame.
    public int episodeOf(long number) {
        if (number < 0 || number >= frames()) {
            throw new IllegalArgumentException(
                    "the data set has frames 0 to %d, not %d".formatted(frames() - 1, number));
        }
        int found = java.util.Arrays.binarySearch(starts, number);
        if (found < 0) return -found - 2;
        while (episode(found).length() == 0) found++;
        return found;
    }

    /// The number, through the whole data set, of an episode's first frame.
    public long firstFrame(int episode) {
        return starts[episode];
    }

    EpisodeMeta episode(int place) {
        if (place < 0 || place >= meta.episodes().size()) {
            throw new IllegalArgumentException(
                    "the data set has episodes 0 to %d, not %d"
                            .formatted(meta.episodes().size() - 1, place));
        }
        return meta.episodes().get(place);
    }

    /// Numbers of a stretch of an episode, frame after frame: `count` times the feature's elements.
    ///
    /// @throws IllegalArgumentException if the feature is not made of numbers
    /// @throws DatasetException if the files do not hold what they should
    public float[] floats(int episode, String feature, int from, int count) {
        var at = rows.of(episode);
        return tables.floats(at.file(), numbers(feature), at.first() + from, count);
    }

    /// Like [#floats], in double precision.
    public double[] doubles(int episode, String feature, int from, int count) {
        var at = rows.of(episode);
        return tables.doubles(at.file(), numbers(feature), at.first() + from, count);
    }

    /// Like [#floats], for integers of up to 64 bits.
    public long[] longs(int episode, String feature, int from, int count) {
        var at = rows.of(episode);
        return tables.longs(at.file(), numbers(feature), at.first() + from, count);
    }

    private Feature numbers(String name) {
        var feature = feature(name);
        if (!feature.dtype().isNumber()) {
            throw new IllegalArgumentException(
                    "feature '%s' is of dtype %s, not numbers"
                            .formatted(name, feature.dtype().label()));
        }
        return feature;
    }

    /// Text of a stretch of an episode.
    public List<String> texts(int episode, String feature, int from, int count) {
        var at = rows.of(episode);
        var found = feature(feature);
        if (found.dtype() != Dtype.STRING)
            throw new IllegalArgumentException("feature '%s' is no text".formatted(feature));
        return tables.texts(at.file(), found, at.first() + from, count);
    }

    /// Language annotations of a stretch of an episode, one JSON list a frame.
    public List<JsonNode> language(int episode, String feature, int from, int count) {
        var at = rows.of(episode);
        return tables.records(at.file(), feature(feature), at.first() + from, count);
    }

    /// The picture of one frame of an episode.
    ///
    /// @throws IllegalArgumentException if the feature is no picture
    /// @throws DatasetException if it is missing or damaged; the message names episode and frame
    public Image image(int episode, String feature, int frame) {
        var found = feature(feature);
        try {
            return switch (found.dtype()) {
                case IMAGE -> Pictures.decode(pictureBytes(episode, found, frame));
                case VIDEO -> videoFrame(episode, found, frame);
                default ->
                        throw new IllegalArgumentException(
                                "feature '%s' is no picture".formatted(feature));
            };
        } catch (DatasetException e) {
            throw new DatasetException(
                    "episode %d, frame %d, '%s': %s"
                            .formatted(episode(episode).index(), frame, feature, e.getMessage()),
                    e);
        }
    }

    /// The encoded bytes, PNG or JPEG, of a picture that is stored as an image.
    ///
    /// @throws DatasetException if the files do not hold what they should
    public byte[] pictureBytes(int episode, Feature feature, int frame) {
        var at = rows.of(episode);
        return tables.pictures(at.file(), feature, at.first() + frame, 1, this::outside).getFirst();
    }

    private byte[] outside(String path) {
        var file = root.resolve(path).normalize();
        if (!file.startsWith(root.normalize()))
            throw DatasetException.at(file, "a picture lies outside the data set");
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw DatasetException.at(file, "a picture cannot be read", e);
        }
    }

    private Image videoFrame(int episode, Feature feature, int frame) {
        double seconds = videoTime(episode, feature, frame);
        return videos.use(
                videoFile(episode, feature),
                video -> video.frame(video.frameAt(seconds, tolerance)));
    }

    /// When a frame is shown in its video file, in seconds.
    double videoTime(int episode, Feature feature, int frame) {
        return span(episode, feature).from() + doubles(episode, "timestamp", frame, 1)[0];
    }

    /// The video file that holds an episode.
    Path videoFile(int episode, Feature feature) {
        var span = span(episode, feature);
        if (span.file().chunk() < 0) return unfinished.apply(span.file().file(), feature);
        return rows.video(episode(episode), feature.name(), span(episode, feature).file());
    }

    /// The data file that holds an episode.
    Path dataFile(int episode) {
        return rows.data(episode(episode));
    }

    EpisodeMeta.VideoSpan span(int episode, Feature feature) {
        var span = episode(episode).videos().get(feature.name());
        if (span == null) {
            throw DatasetException.at(
                    root,
                    "episode %d names no video for '%s'"
                            .formatted(episode(episode).index(), feature.name()));
        }
        return span;
    }

    Tables tables() {
        return tables;
    }

    Rows rows() {
        return rows;
    }

    @Override
    public void close() {
        tables.close();
        videos.close();
    }
}
