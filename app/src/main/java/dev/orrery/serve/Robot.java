package dev.orrery.serve;

import dev.orrery.data.wire.ObservationKeys;
import dev.orrery.data.wire.Value;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.Value.Items;
import dev.orrery.env.ActionSpace;
import dev.orrery.env.tabletop.Arm;
import dev.orrery.env.tabletop.Camera;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;

/// What a policy is connected to: names, sizes and pace.
///
/// @param name as in data sets
/// @param keys how its observations are written in messages
/// @param stateSize values of its state
/// @param actions what each value of an action means
/// @param fps steps a second
public record Robot(
        String name, ObservationKeys keys, int stateSize, ActionSpace.Box actions, double fps) {

    private static final List<String> HAND =
            List.of("x", "y", "z", "roll", "pitch", "yaw", "gripper");
    // their files do not say how often they are asked
    private static final double WATCHED_FPS = 5, FELT_FPS = 10;

    /// The tabletop's robot.
    public static Robot tabletop() {
        return tabletop(Arm.FOUR);
    }

    /// The tabletop's robot with another arm.
    public static Robot tabletop(Arm arm) {
        return new Robot(
                "orrery_tabletop",
                ObservationKeys.openpi(List.of(Camera.OVERHEAD, Camera.WRIST)),
                arm.stateSize(),
                arm.actions(),
                10);
    }

    /// A robot that one camera looks at, in the units of a data set's statistics, as OpenVLA's are;
    /// what it feels is not asked for.
    ///
    /// @param dataSet the name of the data set, which `unnorm_key` means
    /// @param dims values of an action; seven are a hand's shift, turn and gripper
    /// @param low the least value of any
    /// @param high the greatest value of any
    public static Robot watched(String dataSet, int dims, float low, float high) {
        var image = new LinkedHashMap<String, List<String>>();
        image.put("image", List.of("observation/image", "observation.images.image", "image"));
        var names = dims == HAND.size() ? HAND : numbered(dims);
        return new Robot(
                dataSet,
                new ObservationKeys(image, List.of(), List.of("prompt", "task")),
                0,
                new ActionSpace.Box(names, low, high),
                WATCHED_FPS);
    }

    /// A robot of which only a published policy's statistics are known, as those of the π0 family.
    ///
    /// @param name what to call it
    /// @param cameras whose pictures the policy looks at, the one that sees all first
    /// @param stateSize values of its state
    /// @param dims values of an action
    /// @param low the least value of any
    /// @param high the greatest value of any
    public static Robot felt(
            String name, List<String> cameras, int stateSize, int dims, float low, float high) {
        return new Robot(
                name,
                ObservationKeys.openpi(cameras),
                stateSize,
                new ActionSpace.Box(numbered(dims), low, high),
                FELT_FPS);
    }

    private static List<String> numbered(int dims) {
        return IntStream.range(0, dims).mapToObj("a%d"::formatted).toList();
    }

    /// The same robot whose messages are named otherwise.
    public Robot with(ObservationKeys other) {
        return new Robot(name, other, stateSize, actions, fps);
    }

    /// For metadata.
    public Fields describe() {
        return Fields.empty()
                .with("robot", name)
                .with("observation", texts(keys.expected()))
                .with("state_size", stateSize)
                .with("actions", texts(actions.names()))
                .with("action_low", actions.low())
                .with("action_high", actions.high())
                .with("fps", fps);
    }

    /// A list of texts as a value.
    static Items texts(List<String> all) {
        return new Items(all.stream().<Value>map(Value.Text::new).toList());
    }
}
