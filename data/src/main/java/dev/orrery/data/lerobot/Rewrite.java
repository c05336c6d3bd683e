package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.VideoCopy;
import dev.orrery.data.media.VideoEncoding;
import dev.orrery.data.media.VideoFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Makes data sets out of data sets: conversion, merging, splitting, deletion, renaming.
///
/// The sources stay as they are. Indices and times are counted anew; statistics of the parts are
/// joined; videos are copied without decoding wherever an episode begins at a key frame, else
/// encoded again.
public final class Rewrite {

    /// What is to be different.
    ///
    /// @param version `v3.0` or `v2.1`
    /// @param rename new names of features, by old name
    /// @param remove features to leave out, by old name
    /// @param pictures how to store cameras that are named here, by new name
    /// @param task turns each task into its new text
    /// @param encoding how videos are encoded where they cannot be copied
    /// @param reencode whether videos are encoded again even where they could be copied
    public record Changes(
            String version,
            Map<String, String> rename,
            Set<String> remove,
            Map<String, Dtype> pictures,
            UnaryOperator<String> task,
            VideoEncoding encoding,
            boolean reencode) {

        /// No change but the version.
        public static Changes none(String version) {
            return new Changes(
                    version,
                    Map.of(),
                    Set.of(),
                    Map.of(),
                    UnaryOperator.identity(),
                    VideoEncoding.av1(),
                    false);
        }

        /// The same with other names.
        public Changes renaming(Map<String, String> names) {
            return new Changes(version, names, remove, pictures, task, encoding, reencode);
        }

        /// The same without some features.
        public Changes removing(Set<String> names) {
            return new Changes(version, rename, names, pictures, task, encoding, reencode);
        }

        /// The same with some cameras stored as images or videos.
        public Changes storing(Map<String, Dtype> cameras) {
            return new Changes(version, rename, remove, cameras, task, encoding, reencode);
        }

        /// The same with other task texts.
        public Changes tasks(UnaryOperator<String> text) {
            return new Changes(version, rename, remove, pictures, text, encoding, reencode);
        }

        /// The same with all videos encoded anew.
        public Changes encoding(VideoEncoding other) {
            return new Changes(version, rename, remove, pictures, task, other, true);
        }
    }

    /// Hears how far the work has come.
    public interface Progress {
        /// @param done episodes done
        /// @param of episodes in all
        void episodes(int done, int of);
    }

    private final Changes changes;
    private final LeRobotWriter writer;

    private Rewrite(Changes changes, LeRobotWriter writer) {
        this.changes = changes;
        this.writer = writer;
    }

    /// Writes all episodes of one data set anew.
    public static void copy(LeRobotDataset source, Changes changes, Path out, Progress progress) {
        select(source, _ -> true, changes, out, progress);
    }

    /// Writes all episodes anew, with the statistics of each computed from its frames.
    static void copyCounting(LeRobotDataset source, Changes changes, Path out, Progress progress) {
        var all = IntStream.range(0, source.episodes().size()).boxed().toList();
        run(List.of(source), List.of(all), _ -> Map.of(), changes, out, progress);
    }

    /// Writes some episodes, chosen by their places.
    ///
    /// @throws IllegalArgumentException if none is chosen
    public static void select(
            LeRobotDataset source,
            IntPredicate wanted,
            Changes changes,
            Path out,
            Progress progress) {
        var places = IntStream.range(0, source.episodes().size()).filter(wanted).boxed().toList();
        if (places.isEmpty())
            throw new IllegalArgumentException(source.root() + ": no episode would be left");
        run(List.of(source), List.of(places), LeRobotDataset::episodeStats, changes, out, progress);
    }

    /// Writes the episodes of several data sets one after another.
    ///
    /// @throws IllegalArgumentException if their rates or features differ; the message says how
    public static void merge(
            List<LeRobotDataset> sources, Changes changes, Path out, Progress progress) {
        run(
                sources,
                sources.stream()
                        .map(s -> IntStream.range(0, s.episodes().size()).boxed().toList())
                        .toList(),
                LeRobotDataset::episodeStats,
                changes,
                out,
                progress);
    }

    /// Replaces a data set by one that `write` makes beside it.
    ///
    /// The old one is deleted last; if that is interrupted it lies in `NAME.replaced`.
    public static void inPlace(Path root, Consumer<Path> write) {
        var place = root.toAbsolutePath();
        var fresh = place.resolveSibling(place.getFileName() + ".rewritten");
        var old = place.resolveSibling(place.getFileName() + ".replaced");
        if (Files.exists(old) || Files.exists(fresh)) {
            throw new IllegalArgumentException(
                    "%s or %s is left from an interrupted change; look at it and delete it"
                            .formatted(old, fresh));
        }
        write.accept(fresh);
        try {
            Files.move(place, old);
            Files.move(fresh, place);
        } catch (IOException e) {
            throw DatasetException.at(
                    root,
                    "cannot be replaced; the old data set is in %s or still here, the new one in %s"
                            .formatted(old, fresh),
                    e);
        }
        Atomic.delete(old);
    }

    private static void run(
            List<LeRobotDataset> sources,
            List<List<Integer>> places,
            Function<LeRobotDataset, Map<Integer, SequencedMap<String, FeatureStats>>> known,
            Changes changes,
            Path out,
            Progress progress) {
        var features = features(sources.getFirst(), changes);
        for (var source : sources) {
            checkNames(source, changes);
            checkSame(sources.getFirst(), source, features, changes);
        }
        var first = sources.getFirst().info();
        var storage = changes.version().equals("v3.0") ? Info.Storage.v3() : Info.Storage.v21();
        var settings =
                new LeRobotWriter.Settings(
                        first.fps(),
                        first.robotType(),
                        features,
                        changes.version(),
                        storage,
                        changes.encoding());
        var writer = LeRobotWriter.create(out, settings);
        try {
            var rewrite = new Rewrite(changes, writer);
            int done = 0, total = places.stream().mapToInt(List::size).sum();
            for (int s = 0; s < sources.size(); s++) {
                var stats = known.apply(sources.get(s));
                for (int place : places.get(s)) {
                    rewrite.episode(
                            sources.get(s),
                            place,
                            Optional.ofNullable(stats.get(sources.get(s).episode(place).index())));
                    progress.episodes(++done, total);
                }
            }
            writer.close();
        } catch (RuntimeException e) {
            writer.discard();
            throw e;
        }
    }

    private static List<Feature> features(LeRobotDataset source, Changes changes) {
        var out = new ArrayList<Feature>();
        for (var feature : source.features().values()) {
            if (Feature.AUTOMATIC.contains(feature.name())
                    || changes.remove().contains(feature.name())) continue;
            var named =
                    feature.named(changes.rename().getOrDefault(feature.name(), feature.name()));
            var stored = changes.pictures().getOrDefault(named.name(), named.dtype());
            out.add(
                    stored == named.dtype()
                            ? named
                            : named.stored(
                                    stored,
                                    tools.jackson.databind.node.JsonNodeFactory.instance
                                            .objectNode()));
        }
        if (out.stream().map(Feature::name).distinct().count() != out.size()) {
            throw new IllegalArgumentException(
                    "two features would have one name: "
                            + out.stream().map(Feature::name).toList());
        }
        return out;
    }

    private static void checkNames(LeRobotDataset source, Changes changes) {
        for (var name : changes.rename().keySet()) source.feature(name);
        for (var name : changes.remove()) {
            source.feature(name);
            if (Feature.AUTOMATIC.contains(name))
                throw new IllegalArgumentException(
                        "feature '%s' cannot be removed".formatted(name));
        }
        for (var name : changes.rename().values()) Feature.checkName(name);
    }

    private static void checkSame(
            LeRobotDataset first, LeRobotDataset other, List<Feature> features, Changes changes) {
        if (other.fps() != first.fps()) {
            throw new IllegalArgumentException(
                    "%s runs at %d frames/s and %s at %d; data sets of one rate can be merged"
                            .formatted(first.root(), first.fps(), other.root(), other.fps()));
        }
        var wanted = new LinkedHashMap<String, String>();
        features.forEach(f -> wanted.put(f.name(), kind(f)));
        var found = new LinkedHashMap<String, String>();
        features(other, changes).forEach(f -> found.put(f.name(), kind(f)));
        if (!wanted.equals(found)) {
            var missing =
                    wanted.entrySet().stream().filter(e -> !found.entrySet().contains(e)).toList();
            var extra =
                    found.entrySet().stream().filter(e -> !wanted.entrySet().contains(e)).toList();
            throw new IllegalArgumentException(
                    "features differ: %s has %s, %s has %s; use --rename OLD=NEW, --remove NAME or --store NAME=video"
                            .formatted(first.root(), missing, other.root(), extra));
        }
    }

    private static String kind(Feature feature) {
        return feature.dtype().label() + feature.shape();
    }

    private void episode(
            LeRobotDataset source, int place, Optional<SequencedMap<String, FeatureStats>> stats) {
        var episode = source.episode(place);
        int length = episode.length();
        if (length == 0) return;
        var tracks = new HashMap<String, List<Value>>();
        for (var feature : source.features().values()) {
            if (Feature.AUTOMATIC.contains(feature.name())
                    || changes.remove().contains(feature.name())) continue;
            var name = changes.rename().getOrDefault(feature.name(), feature.name());
            var known =
                    stats.map(s -> s.get(feature.name()))
                            .filter(s -> s != null && !s.quantiles().isEmpty());
            if (feature.dtype() == Dtype.VIDEO && copies(name)) {
                var piece = piece(source, place, feature);
                if (VideoCopy.canCopy(piece)) {
                    writer.addVideo(
                            name, piece, known.orElseGet(() -> counted(source, place, feature)));
                    continue;
                }
            }
            tracks.put(name, values(source, place, feature, name));
            if (feature.dtype() == Dtype.IMAGE && known.isPresent()) writer.know(name, known.get());
        }
        var tasks = source.longs(place, "task_index", 0, length);
        for (int i = 0; i < length; i++) {
            int row = i;
            var values = new LinkedHashMap<String, Value>();
            tracks.forEach((name, track) -> values.put(name, track.get(row)));
            writer.addTrusted(changes.task().apply(source.task((int) tasks[i])), values);
        }
        writer.saveEpisode();
    }

    private boolean copies(String name) {
        return !changes.reencode() && writer.info().features().get(name).dtype() == Dtype.VIDEO;
    }

    private VideoCopy.Piece piece(LeRobotDataset source, int place, Feature feature) {
        var file = source.videoFile(place, feature);
        var span = source.span(place, feature);
        try (var video = VideoFile.open(file)) {
            int from = video.frameAt(span.from(), 0.5 / source.fps());
            return new VideoCopy.Piece(file, from, from + source.episode(place).length());
        }
    }

    private static FeatureStats counted(LeRobotDataset source, int place, Feature feature) {
        var counts = new ImageCounts();
        for (int i = 0; i < source.episode(place).length(); i++)
            counts.add(source.image(place, feature.name(), i));
        return counts.stats();
    }

    private List<Value> values(LeRobotDataset source, int place, Feature feature, String name) {
        int length = source.episode(place).length();
        return switch (feature.dtype()) {
            case STRING ->
                    source.texts(place, feature.name(), 0, length).stream()
                            .<Value>map(Value.Text::new)
                            .toList();
            case LANGUAGE ->
                    source.language(place, feature.name(), 0, length).stream()
                            .<Value>map(Value.Records::new)
                            .toList();
            case IMAGE -> {
                boolean asIs = writer.info().features().get(name).dtype() == Dtype.IMAGE;
                yield new Lazy(
                        length,
                        i ->
                                asIs
                                        ? new Value.Encoded(source.pictureBytes(place, feature, i))
                                        : Value.of(source.image(place, feature.name(), i)));
            }
            case VIDEO -> new Lazy(length, i -> Value.of(source.image(place, feature.name(), i)));
            default -> numbers(source, place, feature, length);
        };
    }

    private static List<Value> numbers(
            LeRobotDataset source, int place, Feature feature, int length) {
        int n = feature.elements();
        if (feature.dtype().isFloat()) {
            var all = source.doubles(place, feature.name(), 0, length);
            return new Lazy(
                    length, i -> Value.of(java.util.Arrays.copyOfRange(all, i * n, (i + 1) * n)));
        }
        var all = source.longs(place, feature.name(), 0, length);
        return new Lazy(
                length, i -> Value.of(java.util.Arrays.copyOfRange(all, i * n, (i + 1) * n)));
    }

    /// Values that are made when they are asked for, so that one picture at a time is in memory.
    private static final class Lazy extends java.util.AbstractList<Value> {
        private final int size;
        private final java.util.function.IntFunction<Value> make;

        Lazy(int size, java.util.function.IntFunction<Value> make) {
            this.size = size;
            this.make = make;
        }

        @Override
        public Value get(int index) {
            return make.apply(index);
        }

        @Override
        public int size() {
            return size;
        }
    }
}
