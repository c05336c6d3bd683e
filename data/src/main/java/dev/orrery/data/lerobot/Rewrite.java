package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.VideoCopy;
import dev.orrery.data.media.VideoEncoding;
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
import tools.jackson.databind.node.JsonNodeFactory;

/// Makes data sets out of data sets: conversion, merging, splitting, deletion, renaming.
///
/// The sources stay as they are. Indices and times are counted anew; statistics of the parts are
/// joined; videos are copied without decoding wherever an episode begins at a key frame, else
/// encoded again.
public final class Rewrite {

    private static final String REWRITTEN = ".rewritten", REPLACED = ".replaced";

    /// What is to be different.
    ///
    /// @param version `v3.0` or `v2.1`
    /// @param fields which features there are, and their names
    /// @param pictures how cameras are stored
    /// @param task turns each task into its new text
    /// @param rate how often there is a frame
    public record Changes(
            String version,
            Fields fields,
            Pictures pictures,
            UnaryOperator<String> task,
            Rate rate) {

        /// @param rename new names of features, by old name
        /// @param remove features to leave out, by old name
        /// @param add features that the source does not have
        public record Fields(Map<String, String> rename, Set<String> remove, List<Addition> add) {}

        /// @param stored how to store cameras that are named here, by new name
        /// @param encoding how videos are encoded where they cannot be copied
        /// @param reencode whether videos are encoded again even where they could be copied
        public record Pictures(
                Map<String, Dtype> stored, VideoEncoding encoding, boolean reencode) {}

        /// @param fps frames a second, 0 for that of the first source
        /// @param summed features, by old name, that tell what changes until the next frame: where
        ///   frames are left out, theirs are added up
        public record Rate(int fps, Set<String> summed) {}

        /// No change but the version.
        public static Changes none(String version) {
            return new Changes(
                    version,
                    new Fields(Map.of(), Set.of(), List.of()),
                    new Pictures(Map.of(), VideoEncoding.av1(), false),
                    UnaryOperator.identity(),
                    new Rate(0, Set.of()));
        }

        private Changes with(Fields other) {
            return new Changes(version, other, pictures, task, rate);
        }

        private Changes with(Pictures other) {
            return new Changes(version, fields, other, task, rate);
        }

        /// The same with other names.
        public Changes renaming(Map<String, String> names) {
            return with(new Fields(names, fields.remove, fields.add));
        }

        /// The same without some features.
        public Changes removing(Set<String> names) {
            return with(new Fields(fields.rename, names, fields.add));
        }

        /// The same with more features.
        public Changes adding(List<Addition> more) {
            return with(new Fields(fields.rename, fields.remove, more));
        }

        /// The same with some cameras stored as images or videos.
        public Changes storing(Map<String, Dtype> cameras) {
            return with(new Pictures(cameras, pictures.encoding, pictures.reencode));
        }

        /// The same with all videos encoded anew.
        public Changes encoding(VideoEncoding other) {
            return with(new Pictures(pictures.stored, other, true));
        }

        /// The same with other task texts.
        public Changes tasks(UnaryOperator<String> text) {
            return new Changes(version, fields, pictures, text, rate);
        }

        /// The same at another rate: each frame is the one of the source that is nearest in time.
        public Changes at(int fps, Set<String> summed) {
            return new Changes(version, fields, pictures, task, new Rate(fps, summed));
        }
    }

    /// A feature that the source does not have.
    ///
    /// @param feature what it is
    /// @param values what it is in each frame
    public record Addition(Feature feature, Filling values) {}

    /// What an added feature is.
    @FunctionalInterface
    public interface Filling {
        /// @param number of the frame, through the whole source
        Value at(long number);
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
    ///
    /// @throws IllegalArgumentException if another writer has it, or an interrupted change left
    ///   files
    public static void inPlace(Path root, Consumer<Path> write) {
        if (!Files.isDirectory(root)) throw DatasetException.at(root, "there is no such folder");
        var old = beside(root, REPLACED);
        var fresh = beside(root, REWRITTEN);
        if (Files.exists(old) || Files.exists(fresh)) {
            throw new IllegalArgumentException(
                    "%s or %s is left from an interrupted change; look at it and delete it"
                            .formatted(old, fresh));
        }
        replace(root, write);
    }

    /// Writes a data set that can be made again at will in the place of the one that is there, if
    /// one is. What an interrupted change left beside it is deleted.
    ///
    /// @throws IllegalArgumentException if another writer has it, or the folder holds something
    ///   that is no data set
    public static void anew(Path root, Consumer<Path> write) {
        try {
            Files.createDirectories(root);
            if (!Files.exists(root.resolve("meta/info.json")) && holdsFiles(root)) {
                throw new IllegalArgumentException(
                        "%s holds files that are no data set; move them elsewhere".formatted(root));
            }
        } catch (IOException e) {
            throw DatasetException.at(root, "cannot be written", e);
        }
        replace(
                root,
                fresh -> {
                    for (var left : List.of(REPLACED, REWRITTEN, REWRITTEN + ".partial")) {
                        Atomic.delete(beside(root, left));
                    }
                    try {
                        write.accept(fresh);
                    } catch (RuntimeException e) {
                        Atomic.delete(fresh);
                        throw e;
                    }
                });
    }

    private static boolean holdsFiles(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.anyMatch(f -> !f.getFileName().toString().startsWith("."));
        }
    }

    private static Path beside(Path root, String ending) {
        var place = root.toAbsolutePath().normalize();
        return place.resolveSibling(place.getFileName() + ending);
    }

    private static void replace(Path root, Consumer<Path> write) {
        var place = beside(root, "");
        var fresh = beside(root, REWRITTEN);
        var old = beside(root, REPLACED);
        var lock = WriterLock.take(place);
        try {
            write.accept(fresh);
            Files.move(place, old);
            Files.move(fresh, place);
        } catch (IOException e) {
            throw DatasetException.at(
                    root,
                    "cannot be replaced; the old data set is in %s or still here, the new one in %s"
                            .formatted(old, fresh),
                    e);
        } finally {
            lock.release();
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
        checkNames(sources, changes);
        for (var source : sources) {
            checkSame(sources.getFirst(), source, features, changes);
        }
        var first = sources.getFirst().info();
        int fps = changes.rate().fps() == 0 ? first.fps() : changes.rate().fps();
        var storage = changes.version().equals("v3.0") ? Info.Storage.v3() : Info.Storage.v21();
        var settings =
                new LeRobotWriter.Settings(
                        fps,
                        first.robotType(),
                        features,
                        changes.version(),
                        storage,
                        changes.pictures().encoding());
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
            if (!kept(feature, changes)) continue;
            var named = feature.named(name(feature, changes));
            var stored = changes.pictures().stored().getOrDefault(named.name(), named.dtype());
            out.add(stored == named.dtype() ? named : stored(named, stored));
        }
        changes.fields().add().forEach(added -> out.add(added.feature()));
        if (out.stream().map(Feature::name).distinct().count() != out.size()) {
            throw new IllegalArgumentException(
                    "two features would have one name: "
                            + out.stream().map(Feature::name).toList());
        }
        return out;
    }

    /// The facts of an encoding fall away; those of the camera stay.
    private static Feature stored(Feature feature, Dtype dtype) {
        var plain = feature.stored(dtype, JsonNodeFactory.instance.objectNode());
        return CameraSpec.of(feature).map(camera -> camera.on(plain)).orElse(plain);
    }

    private static boolean kept(Feature feature, Changes changes) {
        return !Feature.AUTOMATIC.contains(feature.name())
                && !changes.fields().remove().contains(feature.name());
    }

    private static String name(Feature feature, Changes changes) {
        return changes.fields().rename().getOrDefault(feature.name(), feature.name());
    }

    /// What is named must occur in one of the sources at least.
    private static void checkNames(List<LeRobotDataset> sources, Changes changes) {
        var named = new ArrayList<>(changes.fields().rename().keySet());
        named.addAll(changes.fields().remove());
        named.addAll(changes.rate().summed());
        for (var name : named) {
            if (sources.stream().noneMatch(s -> s.features().containsKey(name)))
                sources.getFirst().feature(name);
        }
        for (var name : changes.fields().remove()) {
            if (Feature.AUTOMATIC.contains(name))
                throw new IllegalArgumentException(
                        "feature '%s' cannot be removed".formatted(name));
        }
        for (var name : changes.fields().rename().values()) Feature.checkName(name);
    }

    private static void checkSame(
            LeRobotDataset first, LeRobotDataset other, List<Feature> features, Changes changes) {
        if (other.fps() != first.fps() && changes.rate().fps() == 0) {
            throw new IllegalArgumentException(
                    "%s runs at %d frames/s and %s at %d; say at what rate to merge them, such as --fps %2$d"
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
        checkCameras(first, other, features, changes);
    }

    private static void checkCameras(
            LeRobotDataset first, LeRobotDataset other, List<Feature> features, Changes changes) {
        var others = features(other, changes);
        for (int i = 0; i < features.size(); i++) {
            var name = features.get(i).name();
            var camera = CameraSpec.of(features.get(i));
            var there =
                    others.stream()
                            .filter(f -> f.name().equals(name))
                            .findFirst()
                            .flatMap(CameraSpec::of);
            if (camera.isEmpty() || there.isEmpty()) continue;
            var differences =
                    camera.get()
                            .differences(
                                    there.get(), first.root().toString(), other.root().toString());
            if (!differences.isEmpty())
                throw new IllegalArgumentException(
                        "'%s' is not the same camera: %s; give one another name with --rename"
                                .formatted(name, String.join(", ", differences)));
        }
    }

    private static String kind(Feature feature) {
        return feature.dtype().label() + feature.shape();
    }

    private void episode(
            LeRobotDataset source, int place, Optional<SequencedMap<String, FeatureStats>> stats) {
        var episode = source.episode(place);
        if (episode.length() == 0) return;
        var tracks = new EpisodeTracks(source, place, writer.info().fps());
        var values = new HashMap<String, List<Value>>();
        for (var feature : source.features().values()) {
            if (!kept(feature, changes)) continue;
            var name = name(feature, changes);
            var known =
                    stats.map(s -> s.get(feature.name()))
                            .filter(s -> s != null && !s.quantiles().isEmpty())
                            .filter(_ -> tracks.whole());
            if (feature.dtype() == Dtype.VIDEO && tracks.whole() && copies(name)) {
                var piece = tracks.piece(feature);
                if (VideoCopy.canCopy(piece)) {
                    writer.addVideo(name, piece, known.orElseGet(() -> tracks.counted(feature)));
                    continue;
                }
            }
            var dtype = writer.info().features().get(name).dtype();
            boolean summed = changes.rate().summed().contains(feature.name());
            values.put(name, tracks.values(feature, dtype, summed));
            if (feature.dtype() == Dtype.IMAGE && known.isPresent()) writer.know(name, known.get());
        }
        long first = source.firstFrame(place);
        for (var added : changes.fields().add()) {
            values.put(added.feature().name(), tracks.made(i -> added.values().at(first + i)));
        }
        var tasks = tracks.tasks();
        for (int i = 0; i < tracks.length(); i++) {
            int row = i;
            var frame = new LinkedHashMap<String, Value>();
            values.forEach((name, track) -> frame.put(name, track.get(row)));
            writer.addTrusted(changes.task().apply(tasks.get(i)), frame);
        }
        writer.saveEpisode();
    }

    private boolean copies(String name) {
        return !changes.pictures().reencode()
                && writer.info().features().get(name).dtype() == Dtype.VIDEO;
    }
}
