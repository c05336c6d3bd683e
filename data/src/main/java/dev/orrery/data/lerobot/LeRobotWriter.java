package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.VideoCopy;
import dev.orrery.data.media.VideoEncoding;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.JsonNodeFactory;

/// Writes a data set, episode by episode.
///
/// The caller gives every feature but those in [Feature#AUTOMATIC], and the task; times and indices
/// are filled in. A new data set is written beside its place, as `NAME.partial`, and moved there by
/// [#close]; an existing one only gains files, and its `info.json` is replaced last. Instances are
/// for one thread.
///
/// ```java
/// try (var writer = LeRobotWriter.create(folder, Settings.v3(10, "arm", features))) {
///     for (var observation : observations) {
///         writer.add("put the star in the tray", Map.of(
///                 "observation.images.overhead", Value.of(observation.image()),
///                 "action", Value.of(action)));
///     }
///     writer.saveEpisode();
/// }
/// ```
public final class LeRobotWriter implements Closeable {

    /// What is written, and how.
    ///
    /// @param fps frames a second
    /// @param robotType the robot, possibly empty
    /// @param features all but the automatic ones
    /// @param version `v3.0` or `v2.1`
    /// @param storage file sizes and paths
    /// @param encoding how videos are encoded
    public record Settings(
            int fps,
            String robotType,
            List<Feature> features,
            String version,
            Info.Storage storage,
            VideoEncoding encoding) {

        public Settings {
            features = List.copyOf(features);
            if (fps < 1)
                throw new IllegalArgumentException(
                        "fps is %d; it must be at least 1".formatted(fps));
            if (!version.equals("v3.0") && !version.equals("v2.1")) {
                throw new IllegalArgumentException(
                        "version '%s' is not written; choose v3.0 or v2.1".formatted(version));
            }
            for (var feature : features) {
                if (Feature.AUTOMATIC.contains(feature.name())) {
                    throw new IllegalArgumentException(
                            "feature '%s' is filled in by the writer".formatted(feature.name()));
                }
            }
        }

        /// Version 3.0 with the usual sizes and AV1.
        public static Settings v3(int fps, String robotType, List<Feature> features) {
            return new Settings(
                    fps, robotType, features, "v3.0", Info.Storage.v3(), VideoEncoding.av1());
        }

        /// Version 2.1 with the usual sizes and AV1.
        public static Settings v21(int fps, String robotType, List<Feature> features) {
            return new Settings(
                    fps, robotType, features, "v2.1", Info.Storage.v21(), VideoEncoding.av1());
        }

        /// The same with another way of encoding videos.
        public Settings withEncoding(VideoEncoding other) {
            return new Settings(fps, robotType, features, version, storage, other);
        }

        /// The same with other file sizes.
        public Settings withStorage(Info.Storage other) {
            return new Settings(fps, robotType, features, version, other, encoding);
        }
    }

    private final Path root, work;
    private final Info info;
    private final Sink sink;
    private final SequencedMap<Integer, String> tasks;
    private final Map<String, Integer> taskNumbers = new HashMap<>();
    private final EpisodeBuffer buffer;
    private final List<String> frameTasks = new ArrayList<>();
    private final EpisodeVideos videos;
    private final List<SequencedMap<String, FeatureStats>> totals = new ArrayList<>();
    private final Optional<Histograms> histograms;
    private final WriterLock lock;
    private final TaskLog taskLog;
    private int episodes;
    private long frames;
    private boolean closed;

    private LeRobotWriter(
            Path root,
            Path work,
            Meta meta,
            VideoEncoding encoding,
            Sink sink,
            Optional<Histograms> histograms,
            WriterLock lock) {
        this.lock = lock;
        this.taskLog = new TaskLog(work);
        this.histograms = histograms;
        this.root = root;
        this.work = work;
        this.info = meta.info();
        this.videos = new EpisodeVideos(work, info.fps(), encoding);
        this.sink = sink;
        this.tasks = new TreeMap<>(meta.tasks());
        tasks.forEach((number, task) -> taskNumbers.put(task, number));
        this.buffer = new EpisodeBuffer(info.features().values());
        this.episodes = meta.episodes().size();
        this.frames = meta.episodes().isEmpty() ? 0 : meta.episodes().getLast().to();
        if (!meta.stats().isEmpty()) totals.add(meta.stats());
    }

    /// Begins a new data set.
    ///
    /// @throws IllegalArgumentException if the folder holds something already
    /// @throws DatasetException if the folder beside it cannot be written
    public static LeRobotWriter create(Path root, Settings settings) {
        try {
            if (Files.exists(root) && (!Files.isDirectory(root) || notEmpty(root))) {
                throw new IllegalArgumentException(
                        root + " exists already; choose another folder, or append to it");
            }
            var work =
                    root.toAbsolutePath()
                            .normalize()
                            .resolveSibling(
                                    root.toAbsolutePath().normalize().getFileName() + ".partial");
            Files.createDirectories(work.getParent());
            begin(work);
            return create(root, work, settings);
        } catch (IOException e) {
            throw DatasetException.at(root, "cannot be created", e);
        }
    }

    private static LeRobotWriter create(Path root, Path work, Settings settings) {
        try {
            var features = new LinkedHashMap<String, Feature>();
            settings.features().forEach(f -> features.put(f.name(), f));
            Feature.automatic().forEach(f -> features.put(f.name(), f));
            var info =
                    new Info(
                            settings.version(),
                            settings.fps(),
                            settings.robotType(),
                            new Info.Totals(0, 0, 0),
                            settings.storage(),
                            features,
                            new LinkedHashMap<>(),
                            JsonNodeFactory.instance.objectNode());
            // Written at once, so that a data set that is never finished can be repaired.
            MetaFiles.info(work, info);
            var sink =
                    info.isV3()
                            ? new SinkV3(work, info, Optional.empty())
                            : new SinkV21(work, info);
            var meta = new Meta(info, new TreeMap<>(), List.of(), new LinkedHashMap<>());
            var none = Optional.of(new Histograms());
            return new LeRobotWriter(
                    root, work, meta, settings.encoding(), sink, none, WriterLock.take(work));
        } catch (RuntimeException e) {
            Atomic.delete(work);
            throw e;
        }
    }

    private static void begin(Path work) throws IOException {
        try {
            Files.createDirectory(work);
        } catch (FileAlreadyExistsException _) {
            WriterLock.take(work).release();
            throw new IllegalArgumentException(
                    work
                            + " is left from a writer that was stopped; rescue it with 'orrery data repair' or delete it");
        }
    }

    private static boolean notEmpty(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.findAny().isPresent();
        }
    }

    /// Opens a data set of version 3.0 to add episodes, in new files.
    ///
    /// @throws IllegalArgumentException if it is of another version
    /// @throws DatasetException if it cannot be read
    public static LeRobotWriter append(Path root) {
        return append(root, VideoEncoding.av1());
    }

    /// Opens a data set of version 3.0 to add episodes, with its videos encoded in this way.
    ///
    /// @throws IllegalArgumentException if it is of another version, another writer has it, or one
    ///   that was stopped has left files
    public static LeRobotWriter append(Path root, VideoEncoding encoding) {
        var meta = Meta.read(root);
        if (!meta.info().isV3()) {
            throw new IllegalArgumentException(
                    "%s is version %s; convert it with 'orrery data convert --to v3.0' before adding to it"
                            .formatted(root, meta.info().version()));
        }
        var lock = WriterLock.take(root);
        try {
            // Another writer may have finished between the first look and the lock.
            return append(root, Meta.read(root), encoding, lock);
        } catch (RuntimeException e) {
            lock.release();
            throw e;
        }
    }

    private static LeRobotWriter append(
            Path root, Meta meta, VideoEncoding encoding, WriterLock lock) {
        var used = AppendPoint.of(root, meta);
        // Without counts of what is there already, quantiles over all frames cannot be known.
        var counted =
                meta.episodes().isEmpty()
                        ? Optional.of(new Histograms())
                        : Histograms.read(root, meta.info());
        var sink = new SinkV3(root, meta.info(), used);
        return new LeRobotWriter(root, root, meta, encoding, sink, counted, lock);
    }

    /// The description of the data set, with the counts it had when it was opened.
    public Info info() {
        return info;
    }

    /// The number of frames added since the last episode was saved.
    public int pending() {
        return frameTasks.size();
    }

    /// The number of episodes saved, those of before included.
    public int episodes() {
        return episodes;
    }

    /// Adds a frame to the current episode.
    ///
    /// @param task what is to be done, in words
    /// @param values one for every feature that is not automatic
    /// @throws IllegalArgumentException if a feature is missing, unknown, automatic or of another
    ///   shape; nothing is then added
    /// @throws DatasetException if a video cannot be encoded
    public void add(String task, Map<String, Value> values) {
        if (closed) throw new IllegalStateException(root + ": the writer is closed");
        if (task.isBlank()) throw new IllegalArgumentException("a frame needs a task in words");
        for (var name : values.keySet()) {
            if (Feature.AUTOMATIC.contains(name)) {
                throw new IllegalArgumentException(
                        "feature '%s' is filled in by the writer; leave it out".formatted(name));
            }
            if (!info.features().containsKey(name)) {
                throw new IllegalArgumentException(
                        "there is no feature '%s'; there are %s"
                                .formatted(name, info.features().keySet()));
            }
        }
        for (var feature : info.features().values()) {
            if (Feature.AUTOMATIC.contains(feature.name())) continue;
            var value = values.get(feature.name());
            if (value == null)
                throw new IllegalArgumentException(
                        "the frame lacks feature '%s'".formatted(feature.name()));
            EpisodeBuffer.check(feature, value);
        }
        for (var entry : values.entrySet()) {
            var feature = info.features().get(entry.getKey());
            buffer.add(feature, entry.getValue(), image -> videos.add(episodes, feature, image));
        }
        frameTasks.add(task);
    }

    /// Adds the frames of a video as a whole to the current episode, without decoding them. They
    /// must be as many as its frames.
    void addVideo(String name, VideoCopy.Piece piece, FeatureStats stats) {
        videos.add(name, piece);
        buffer.know(name, stats);
    }

    /// Adds a frame that is known to fit, but for the videos that come through [#addVideo].
    void addTrusted(String task, Map<String, Value> values) {
        for (var entry : values.entrySet()) {
            var feature = info.features().get(entry.getKey());
            buffer.add(feature, entry.getValue(), image -> videos.add(episodes, feature, image));
        }
        frameTasks.add(task);
    }

    /// Takes picture statistics as known for the current episode.
    void know(String name, FeatureStats stats) {
        buffer.know(name, stats);
    }

    /// Stores the current episode and begins the next.
    ///
    /// @return its number
    /// @throws IllegalStateException if it has no frames
    /// @throws DatasetException if the disk is full or fails
    public int saveEpisode() {
        int length = frameTasks.size();
        if (length == 0)
            throw new IllegalStateException("the episode has no frames; add some before saving it");
        int known = tasks.isEmpty() ? -1 : tasks.lastEntry().getKey();
        automatic(length);
        var more = new TreeMap<>(tasks).tailMap(known, false);
        if (!more.isEmpty()) taskLog.add(more);
        var pieces = videos.finish(episodes, length, info.features());
        var stats = new LinkedHashMap<String, FeatureStats>();
        for (var feature : info.features().values()) {
            buffer.stats(feature).ifPresent(s -> stats.put(feature.name(), s));
        }
        var record =
                new EpisodeRecord(
                        episodes,
                        frames,
                        length,
                        List.copyOf(new LinkedHashSet<>(frameTasks)),
                        buffer,
                        stats,
                        pieces);
        sink.episode(record);
        histograms.ifPresent(all -> all.add(info.features().values(), buffer, length));
        remember(stats);
        frames += length;
        int number = episodes++;
        reset();
        return number;
    }

    private void automatic(int length) {
        var features = info.features();
        for (int i = 0; i < length; i++) {
            int task =
                    taskNumbers.computeIfAbsent(
                            frameTasks.get(i),
                            text -> {
                                int number = tasks.isEmpty() ? 0 : tasks.lastEntry().getKey() + 1;
                                tasks.put(number, text);
                                return number;
                            });
            buffer.add(features.get("timestamp"), Value.of((double) i / info.fps()), _ -> {});
            buffer.add(features.get("frame_index"), Value.of((long) i), _ -> {});
            buffer.add(features.get("episode_index"), Value.of((long) episodes), _ -> {});
            buffer.add(features.get("index"), Value.of(frames + i), _ -> {});
            buffer.add(features.get("task_index"), Value.of((long) task), _ -> {});
        }
    }

    private void remember(SequencedMap<String, FeatureStats> stats) {
        totals.add(stats);
        if (totals.size() < 1000) return;
        var folded = StatsFold.aggregate(totals);
        totals.clear();
        totals.add(folded);
    }

    /// Drops the frames added since the last episode was saved.
    public void clearEpisode() {
        videos.drop(episodes);
        reset();
    }

    private void reset() {
        buffer.clear();
        videos.clear();
        frameTasks.clear();
    }

    /// Finishes the data set; frames of an episode that was not saved are dropped.
    ///
    /// @throws DatasetException if the disk is full or fails; what was complete before stays
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        try {
            finish();
        } finally {
            lock.release();
        }
        if (work.equals(root)) return;
        try {
            Files.deleteIfExists(root);
            Atomic.move(work, root);
        } catch (IOException e) {
            throw DatasetException.at(root, "cannot be renamed from " + work, e);
        }
    }

    private void finish() {
        clearEpisode();
        buffer.close();
        var features = new LinkedHashMap<>(info.features());
        features.putAll(videos.described());
        var stats = StatsFold.aggregate(totals);
        histograms.ifPresentOrElse(all -> all.write(work), () -> Histograms.forget(work));
        sink.finish(
                info.withFeatures(features)
                        .withTotals(new Info.Totals(episodes, frames, tasks.size())),
                tasks,
                histograms.map(all -> all.exact(stats)).orElse(stats));
        Atomic.delete(work.resolve(".episodes"));
        taskLog.delete();
    }

    /// Gives up a data set that was being created, and deletes what was written of it.
    ///
    /// @throws IllegalStateException for one that is only being added to
    public void discard() {
        if (work.equals(root))
            throw new IllegalStateException("episodes were added to an existing data set");
        closed = true;
        clearEpisode();
        buffer.close();
        lock.release();
        Atomic.delete(work);
    }
}
