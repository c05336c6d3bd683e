package dev.orrery.policy.finetune;

import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotWriter;
import dev.orrery.data.lerobot.Value;
import dev.orrery.env.Image;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Two short episodes of a robot that picks up a red block, as a LeRobot data set.
public final class TinyRobot {

    private TinyRobot() {}

    /// @param dims of state and action
    /// @param cameras sides of the pictures by name
    /// @param moving whether the first dimension of actions moves
    public static Path record(Path root, int dims, Map<String, Integer> cameras, boolean moving) {
        var features = new ArrayList<Feature>();
        var names = IntStream.range(0, dims).mapToObj(d -> "j" + d).toList();
        features.add(Feature.numbers("observation.state", Dtype.FLOAT32, List.of(dims), names));
        features.add(Feature.numbers("action", Dtype.FLOAT32, List.of(dims), names));
        cameras.forEach((camera, side) ->
                features.add(
                        Feature.picture("observation.images." + camera, Dtype.IMAGE, side, side)));
        var random = new SplittableRandom(3);
        try (var writer =
                LeRobotWriter.create(root, LeRobotWriter.Settings.v3(10, "arm", features))) {
            for (int e = 0; e < 2; e++) {
                for (int t = 0; t < 12; t++) {
                    var state = new float[dims];
                    var action = new float[dims];
                    for (int d = 0; d < dims; d++) {
                        state[d] = (float) random.nextDouble(-1, 1);
                        action[d] = moving || d > 0 ? (float) Math.sin(t + d) : 0;
                    }
                    var values = new LinkedHashMap<String, Value>();
                    values.put("observation.state", Value.of(state));
                    values.put("action", Value.of(action));
                    cameras.forEach((camera, side) ->
                            values.put("observation.images." + camera, Value.of(grey(side))));
                    writer.add("pick up the red block", values);
                }
                writer.saveEpisode();
            }
        }
        return root;
    }

    /// A grey square.
    public static Image grey(int side) {
        var rgb = new byte[3 * side * side];
        Arrays.fill(rgb, (byte) 90);
        return new Image(side, side, rgb);
    }
}
