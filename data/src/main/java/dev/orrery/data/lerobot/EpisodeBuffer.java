package dev.orrery.data.lerobot;

import dev.orrery.data.media.Pictures;
import dev.orrery.data.media.Png;
import dev.orrery.data.parquet.ColumnData;
import dev.orrery.data.parquet.Leaf;
import dev.orrery.env.Image;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// The frames of the episode being written, feature by feature.
final class EpisodeBuffer {

    private static final int PNG_LEVEL = 1;

    private final Map<String, Track> tracks = new LinkedHashMap<>();
    private final Png.Encoder png = new Png.Encoder(PNG_LEVEL);

    EpisodeBuffer(Iterable<Feature> features) {
        for (var feature : features) tracks.put(feature.name(), new Track(feature));
    }

    /// What one feature is in every frame up to now.
    private static final class Track {
        final Feature feature;
        double[] reals = {};
        long[] integers = {};
        int size;
        final List<byte[]> pictures = new ArrayList<>();
        final List<String> texts = new ArrayList<>();
        final List<JsonNode> records = new ArrayList<>();
        final ImageCounts counts = new ImageCounts();
        Optional<FeatureStats> known = Optional.empty();

        Track(Feature feature) {
            this.feature = feature;
        }

        void clear() {
            size = 0;
            pictures.clear();
            texts.clear();
            records.clear();
            counts.clear();
            known = Optional.empty();
        }

        void reals(double[] values) {
            if (size + values.length > reals.length)
                reals = Arrays.copyOf(reals, Math.max(size + values.length, 2 * size));
            System.arraycopy(values, 0, reals, size, values.length);
            size += values.length;
        }

        void integers(long[] values) {
            if (size + values.length > integers.length)
                integers = Arrays.copyOf(integers, Math.max(size + values.length, 2 * size));
            System.arraycopy(values, 0, integers, size, values.length);
            size += values.length;
        }
    }

    void clear() {
        tracks.values().forEach(Track::clear);
    }

    /// Gives native memory back; nothing can be added afterwards.
    void close() {
        png.close();
    }

    /// Checks a value against its feature without keeping it.
    ///
    /// @throws IllegalArgumentException if it does not fit
    static void check(Feature feature, Value value) {
        switch (value) {
            case Value.Reals(var array) -> {
                if (!feature.dtype().isFloat()) throw wrong(feature, "floating-point numbers");
                count(feature, array.length);
            }
            case Value.Integers(var array) -> {
                if (!feature.dtype().isNumber()) throw wrong(feature, "whole numbers");
                count(feature, array.length);
            }
            case Value.Text _ -> {
                if (feature.dtype() != Dtype.STRING) throw wrong(feature, "text");
            }
            case Value.Picture(var image) -> size(feature, image);
            case Value.Encoded _ -> {
                if (feature.dtype() != Dtype.IMAGE) throw wrong(feature, "an encoded picture");
            }
            case Value.Records _ -> {
                if (feature.dtype() != Dtype.LANGUAGE) throw wrong(feature, "language records");
            }
        }
    }

    private static IllegalArgumentException wrong(Feature feature, String got) {
        return new IllegalArgumentException(
                "feature '%s' is of dtype %s, got %s"
                        .formatted(feature.name(), feature.dtype().label(), got));
    }

    private static void count(Feature feature, int found) {
        if (found != feature.elements()) {
            throw new IllegalArgumentException(
                    "feature '%s' of shape %s needs %d numbers, got %d"
                            .formatted(feature.name(), feature.shape(), feature.elements(), found));
        }
    }

    private static void size(Feature feature, Image image) {
        if (!feature.dtype().isPicture()) throw wrong(feature, "a picture");
        if (image.height() != feature.height() || image.width() != feature.width()) {
            throw new IllegalArgumentException(
                    "feature '%s' is %d x %d, got a picture of %d x %d (H x W)"
                            .formatted(
                                    feature.name(),
                                    feature.height(),
                                    feature.width(),
                                    image.height(),
                                    image.width()));
        }
    }

    /// Keeps a value that was checked; the frames of videos go to `video`.
    void add(Feature feature, Value value, Consumer<Image> video) {
        var track = tracks.get(feature.name());
        switch (value) {
            case Value.Reals(var array) -> track.reals(array);
            case Value.Integers(var array) when feature.dtype().isFloat() ->
                    track.reals(Arrays.stream(array).asDoubleStream().toArray());
            case Value.Integers(var array) -> track.integers(array);
            case Value.Text(var text) -> track.texts.add(text);
            case Value.Records(var list) -> track.records.add(list);
            case Value.Encoded(var bytes) -> {
                track.pictures.add(bytes);
                if (track.known.isEmpty()) track.counts.add(Pictures.decode(bytes));
            }
            case Value.Picture(var image) -> {
                track.counts.add(image);
                if (feature.dtype() == Dtype.VIDEO) video.accept(image);
                else track.pictures.add(png.encode(image));
            }
        }
    }

    /// Takes statistics as known instead of computing them, for pictures that are only passed on.
    void know(String feature, FeatureStats stats) {
        tracks.get(feature).known = Optional.of(stats);
    }

    /// The feature's leaves, filled.
    List<ColumnData> columns(Feature feature, List<Leaf> leaves) {
        var track = tracks.get(feature.name());
        return switch (feature.dtype()) {
            case IMAGE -> Columns.pictures(leaves, track.pictures);
            case STRING -> List.of(Columns.texts(leaves.getFirst(), track.texts));
            case LANGUAGE -> Columns.records(feature, leaves, track.records);
            case VIDEO -> List.of();
            default ->
                    Columns.numbers(
                            feature,
                            leaves.getFirst(),
                            Columns.typed(
                                    feature.dtype(),
                                    Arrays.copyOf(
                                            track.reals,
                                            feature.dtype().isFloat() ? track.size : 0),
                                    Arrays.copyOf(
                                            track.integers,
                                            feature.dtype().isFloat() ? 0 : track.size)));
        };
    }

    /// Statistics of a feature over the episode; none for text.
    Optional<FeatureStats> stats(Feature feature) {
        var track = tracks.get(feature.name());
        return switch (feature.dtype()) {
            case STRING, LANGUAGE -> Optional.empty();
            case IMAGE, VIDEO -> track.known.or(() -> Optional.of(track.counts.stats()));
            default -> Optional.of(EpisodeStats.of(numbers(track), feature.elements()));
        };
    }

    /// The elements of a feature of numbers as they are stored, frame after frame.
    double[] numbers(Feature feature) {
        return numbers(tracks.get(feature.name()));
    }

    private static double[] numbers(Track track) {
        if (!track.feature.dtype().isFloat())
            return Arrays.stream(track.integers, 0, track.size).asDoubleStream().toArray();
        // Statistics are those of what is stored, not of what was handed in.
        if (track.feature.dtype() == Dtype.FLOAT64) return Arrays.copyOf(track.reals, track.size);
        return Arrays.stream(track.reals, 0, track.size).map(v -> (float) v).toArray();
    }
}
