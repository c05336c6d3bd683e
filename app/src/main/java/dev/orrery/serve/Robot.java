package dev.orrery.serve;

import dev.orrery.data.wire.ObservationKeys;
import dev.orrery.data.wire.Value;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.Value.Items;
import dev.orrery.env.ActionSpace;
import dev.orrery.env.tabletop.Arm;
import dev.orrery.env.tabletop.Camera;
import java.util.List;

/// What a policy is connected to: names, sizes and pace.
///
/// @param name as in data sets
/// @param keys how its observations are written in messages
/// @param stateSize values of its state
/// @param actions what each value of an action means
/// @param fps steps a second
public record Robot(
        String name, ObservationKeys keys, int stateSize, ActionSpace.Box actions, double fps) {

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
