package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.data.lerobot.LeRobotWriter.Settings;
import dev.orrery.env.Image;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever the features are: what is written is read, bit for bit.
class RandomSchemasTest {

    private static final List<Dtype> KINDS =
            Stream.of(Dtype.values()).filter(d -> d != Dtype.VIDEO && d != Dtype.LANGUAGE).toList();

    @TempDir Path folder;

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    private static Feature feature(int number, SplittableRandom random) {
        var dtype = KINDS.get(random.nextInt(KINDS.size()));
        var name = "f" + number + (random.nextBoolean() ? ".part" : "");
        if (dtype == Dtype.IMAGE)
            return Feature.picture(name, dtype, 1 + random.nextInt(9), 1 + random.nextInt(9));
        if (dtype == Dtype.STRING) return Feature.text(name);
        var shape = random.ints(1 + random.nextInt(4), 1, 4).boxed().toList();
        return Feature.numbers(name, dtype, shape, List.of());
    }

    private static Value value(Feature feature, SplittableRandom random) {
        int n = feature.elements();
        return switch (feature.dtype()) {
            case IMAGE -> {
                var rgb = new byte[feature.height() * feature.width() * 3];
                for (int i = 0; i < rgb.length; i++) rgb[i] = (byte) random.nextInt();
                yield Value.of(new Image(feature.height(), feature.width(), rgb));
            }
            case STRING -> Value.of(random.nextInt(5) == 0 ? "" : "wort ü " + random.nextInt(100));
            case FLOAT64 -> Value.of(random.doubles(n, -1e12, 1e12).toArray());
            case FLOAT32 -> Value.of(random.doubles(n, -9, 9).map(v -> (float) v).toArray());
            case FLOAT16 -> Value.of(random.ints(n, -500, 500).mapToDouble(v -> v / 4.0).toArray());
            case BOOL -> Value.of(random.longs(n, 0, 2).toArray());
            case INT8 -> Value.of(random.longs(n, -128, 128).toArray());
            case INT16 -> Value.of(random.longs(n, -32_768, 32_768).toArray());
            case INT32 -> Value.of(random.longs(n, Integer.MIN_VALUE, 1L << 31).toArray());
            case UINT8 -> Value.of(random.longs(n, 0, 256).toArray());
            case UINT16 -> Value.of(random.longs(n, 0, 65_536).toArray());
            case UINT32 -> Value.of(random.longs(n, 0, 1L << 32).toArray());
            case INT64, UINT64 -> Value.of(random.longs(n).toArray());
            case VIDEO, LANGUAGE -> throw new AssertionError(feature);
        };
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyValueComesBack(int seed) {
        var random = new SplittableRandom(seed);
        var features =
                IntStream.range(0, 1 + random.nextInt(6))
                        .mapToObj(i -> feature(i, random))
                        .toList();
        var settings =
                random.nextBoolean()
                        ? Settings.v3(1 + random.nextInt(60), "", features)
                        : Settings.v21(1 + random.nextInt(60), "", features);
        var root = folder.resolve("s");
        var frames = new ArrayList<Map<String, Value>>();
        try (var writer = LeRobotWriter.create(root, settings)) {
            for (int e = random.nextInt(3); e >= 0; e--) {
                for (int i = random.nextInt(12); i >= 0; i--) {
                    var frame = new LinkedHashMap<String, Value>();
                    features.forEach(f -> frame.put(f.name(), value(f, random)));
                    writer.add("task " + random.nextInt(3), frame);
                    frames.add(frame);
                }
                writer.saveEpisode();
            }
        }
        try (var data = LeRobotDataset.open(root)) {
            assertThat(data.frames()).as("seed %d", seed).isEqualTo(frames.size());
            for (int i = 0; i < frames.size(); i++) {
                var found = data.frame(i);
                for (var feature : features) {
                    var what = "seed %d, frame %d, %s".formatted(seed, i, feature);
                    switch (frames.get(i).get(feature.name())) {
                        case Value.Reals(var array) ->
                                assertThat(found.doubles(feature.name()))
                                        .as(what)
                                        .containsExactly(array);
                        case Value.Integers(var array) ->
                                assertThat(found.longs(feature.name()))
                                        .as(what)
                                        .containsExactly(array);
                        case Value.Text(var text) ->
                                assertThat(found.text(feature.name())).as(what).isEqualTo(text);
                        case Value.Picture(var image) ->
                                assertThat(found.image(feature.name())).as(what).isEqualTo(image);
                        case Value other -> throw new AssertionError(other);
                    }
                }
            }
        }
        assertThat(Verify.run(root, Verify.Settings.thorough(), (_, _) -> {}).findings())
                .as("seed %d", seed)
                .isEmpty();
    }
}
