package dev.orrery.data.lerobot;

import dev.orrery.data.media.VideoCopy;
import dev.orrery.data.media.VideoFile;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// The features of one episode, frame by frame, at the rate of the data set that is made of it.
final class EpisodeTracks {

    private final LeRobotDataset source;
    private final int place;
    private final int[] frames;

    /// @param fps the rate that is wanted; each frame is the nearest one in time
    EpisodeTracks(LeRobotDataset source, int place, int fps) {
        this.source = source;
        this.place = place;
        this.frames = nearest(source.episode(place).length(), source.fps(), fps);
    }

    private static int[] nearest(int length, int from, int to) {
        int wanted = from == to ? length : (int) ((long) (length - 1) * to / from) + 1;
        return IntStream.range(0, wanted)
                .map(i -> (int) Math.min(length - 1, Math.round((double) i * from / to)))
                .toArray();
    }

    /// The number of frames.
    int length() {
        return frames.length;
    }

    /// Whether every frame of the source is there once.
    boolean whole() {
        return frames.length == all()
                && IntStream.range(0, frames.length).allMatch(i -> frames[i] == i);
    }

    private int all() {
        return source.episode(place).length();
    }

    /// What is to be done in each frame.
    List<String> tasks() {
        var numbers = source.longs(place, "task_index", 0, all());
        return Arrays.stream(frames).mapToObj(f -> source.task((int) numbers[f])).toList();
    }

    /// What a feature is in each frame.
    ///
    /// @param stored what it will be stored as
    /// @param summed whether the elements of frames that are left out are added to the one before
    /// @throws IllegalArgumentException if what is to be summed is no number, or frames are
    ///   repeated
    List<Value> values(Feature feature, Dtype stored, boolean summed) {
        if (summed && (!feature.dtype().isNumber() || frames.length > all())) {
            throw new IllegalArgumentException(
                    "'%s' cannot be added up: %s"
                            .formatted(
                                    feature.name(),
                                    feature.dtype().isNumber()
                                            ? "the new rate is higher, no frames are left out"
                                            : "it holds no numbers"));
        }
        return switch (feature.dtype()) {
            case STRING -> {
                var texts = source.texts(place, feature.name(), 0, all());
                yield made(f -> new Value.Text(texts.get(f)));
            }
            case LANGUAGE -> {
                var records = source.language(place, feature.name(), 0, all());
                yield made(f -> new Value.Records(records.get(f)));
            }
            case IMAGE ->
                    stored == Dtype.IMAGE
                            ? made(f -> new Value.Encoded(source.pictureBytes(place, feature, f)))
                            : made(f -> Value.of(source.image(place, feature.name(), f)));
            case VIDEO -> made(f -> Value.of(source.image(place, feature.name(), f)));
            case BOOL -> flags(feature, summed);
            default -> summed ? sums(feature) : numbers(feature);
        };
    }

    /// What is true in a frame that is left out stays true in the one before.
    private List<Value> flags(Feature feature, boolean summed) {
        if (!summed && frames.length > all()) return numbers(feature);
        var sums = sums(feature);
        return new Lazy(
                frames.length,
                i -> {
                    var array = ((Value.Integers) sums.get(i)).array();
                    return Value.of(Arrays.stream(array).map(v -> Math.min(1, v)).toArray());
                });
    }

    private List<Value> numbers(Feature feature) {
        int n = feature.elements();
        if (feature.dtype().isFloat()) {
            var all = source.doubles(place, feature.name(), 0, all());
            return made(f -> Value.of(Arrays.copyOfRange(all, f * n, (f + 1) * n)));
        }
        var all = source.longs(place, feature.name(), 0, all());
        return made(f -> Value.of(Arrays.copyOfRange(all, f * n, (f + 1) * n)));
    }

    private List<Value> sums(Feature feature) {
        int n = feature.elements();
        var all = source.doubles(place, feature.name(), 0, all());
        return new Lazy(
                frames.length,
                i -> {
                    var sum = new double[n];
                    int end = i + 1 < frames.length ? frames[i + 1] : all();
                    for (int at = frames[i] * n; at < end * n; at++) sum[at % n] += all[at];
                    return feature.dtype().isFloat()
                            ? Value.of(sum)
                            : Value.of(Arrays.stream(sum).mapToLong(Math::round).toArray());
                });
    }

    /// Values made of the number of the source's frame, when they are asked for.
    List<Value> made(IntFunction<Value> make) {
        return new Lazy(frames.length, i -> make.apply(frames[i]));
    }

    /// The episode's stretch of its video.
    VideoCopy.Piece piece(Feature feature) {
        var file = source.videoFile(place, feature);
        var span = source.span(place, feature);
        try (var video = VideoFile.open(file)) {
            int from = video.frameAt(span.from(), 0.5 / source.fps());
            return new VideoCopy.Piece(file, from, from + all());
        }
    }

    /// Statistics of pictures, counted from them.
    FeatureStats counted(Feature feature) {
        var counts = new ImageCounts();
        for (int i = 0; i < all(); i++) counts.add(source.image(place, feature.name(), i));
        return counts.stats();
    }

    /// Values that are made when they are asked for, so that one picture at a time is in memory.
    private static final class Lazy extends AbstractList<Value> {
        private final int size;
        private final IntFunction<Value> make;

        Lazy(int size, IntFunction<Value> make) {
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
