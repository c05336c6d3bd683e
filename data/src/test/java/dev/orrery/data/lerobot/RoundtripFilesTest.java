package dev.orrery.data.lerobot;

import dev.orrery.data.lerobot.LeRobotWriter.Settings;
import dev.orrery.data.media.VideoEncoding;
import dev.orrery.env.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes the data sets that are opened by the Python library, each with a `frames.json` of what
/// must be found; see docs/formats/lerobot-roundtrip.md.
@Tag("slow")
@EnabledIfSystemProperty(named = "orrery.roundtrip", matches = ".+")
class RoundtripFilesTest {

    private static final Path OUT = Path.of(System.getProperty("orrery.roundtrip", ""));

    @Test
    void writesThem() throws IOException {
        Files.createDirectories(OUT);
        write("image-v3", Dtype.IMAGE, "v3.0", VideoEncoding.av1());
        write("av1-v3", Dtype.VIDEO, "v3.0", VideoEncoding.av1());
        write("h264-v3", Dtype.VIDEO, "v3.0", VideoEncoding.h264());
        write("image-v21", Dtype.IMAGE, "v2.1", VideoEncoding.av1());
        write("av1-v21", Dtype.VIDEO, "v2.1", VideoEncoding.av1());
    }

    private static void write(String name, Dtype pictures, String version, VideoEncoding encoding)
            throws IOException {
        var features =
                List.of(
                        Feature.picture("observation.images.cam", pictures, 64, 96),
                        Feature.numbers(
                                "observation.state",
                                Dtype.FLOAT32,
                                List.of(4),
                                List.of("x", "y", "z", "gap")),
                        Feature.numbers("action", Dtype.FLOAT64, List.of(3), List.of()),
                        Feature.numbers("next.done", Dtype.BOOL, List.of(1), List.of()),
                        Feature.numbers("count", Dtype.INT32, List.of(1), List.of()),
                        Feature.numbers("bytes", Dtype.UINT8, List.of(5), List.of()),
                        Feature.numbers("half", Dtype.FLOAT16, List.of(2), List.of()),
                        Feature.numbers("grid", Dtype.FLOAT32, List.of(2, 3), List.of()),
                        Feature.numbers("cube", Dtype.INT64, List.of(2, 2, 2), List.of()),
                        Feature.text("note"));
        var settings =
                version.equals("v3.0")
                        ? Settings.v3(10, "arm", features)
                        : Settings.v21(10, "arm", features);
        var random = new SplittableRandom(11);
        var expected = JsonNodeFactory.instance.arrayNode();
        var root = OUT.resolve(name);
        try (var writer = LeRobotWriter.create(root, settings.withEncoding(encoding))) {
            for (int episode = 0; episode < 4; episode++) {
                for (int i = 0; i < 5 + 3 * episode; i++) {
                    var frame = expected.addObject();
                    var values = new LinkedHashMap<String, Value>();
                    var image = LeRobotWriterTest.smooth(random, 64, 96);
                    values.put("observation.images.cam", Value.of(image));
                    mean(frame.putArray("mean:observation.images.cam"), image);
                    floats(values, frame, "observation.state", random, 4, true);
                    floats(values, frame, "action", random, 3, false);
                    integers(values, frame, "next.done", random, 1, 2);
                    integers(values, frame, "count", random, 1, 1000);
                    integers(values, frame, "bytes", random, 5, 256);
                    values.put("half", Value.of(0.5, i * 0.25));
                    frame.putArray("half").add(0.5).add(i * 0.25);
                    floats(values, frame, "grid", random, 6, true);
                    integers(values, frame, "cube", random, 8, 50);
                    values.put("note", Value.of("frame " + i));
                    var task = episode % 2 == 0 ? "push the cube" : "hebe den Würfel";
                    frame.put("task", task);
                    writer.add(task, values);
                }
                writer.saveEpisode();
            }
        }
        Files.write(root.resolve("frames.json"), Json.MAPPER.writeValueAsBytes(expected));
    }

    private static void floats(
            LinkedHashMap<String, Value> values,
            ObjectNode frame,
            String name,
            SplittableRandom random,
            int n,
            boolean single) {
        var array = random.doubles(n, -2, 2).map(v -> single ? (float) v : v).toArray();
        values.put(name, Value.of(array));
        var list = frame.putArray(name);
        for (var v : array) list.add(v);
    }

    private static void integers(
            LinkedHashMap<String, Value> values,
            ObjectNode frame,
            String name,
            SplittableRandom random,
            int n,
            int below) {
        var array = random.longs(n, 0, below).toArray();
        values.put(name, Value.of(array));
        var list = frame.putArray(name);
        for (var v : array) list.add(v);
    }

    private static void mean(tools.jackson.databind.node.ArrayNode out, Image image) {
        var sum = new double[3];
        for (int i = 0; i < image.rgb().length; i++) sum[i % 3] += image.rgb()[i] & 0xff;
        for (var s : sum) out.add(s / image.height() / image.width());
    }
}
