package dev.orrery.env.tabletop;

import dev.orrery.env.ActionSpace;
import java.util.List;

/// What the gripper can do and what it feels.
public enum Arm {
    /// Moves along x, y and z. State: x, y, z, finger gap (1 open, .5 on a block, 0 closed).
    FOUR(4, List.of("dx", "dy", "dz", "grip")),

    /// The convention of LIBERO: moves, turns and grips; roll and pitch are accepted and ignored,
    /// yaw turns by .2 radians a unit. State: x, y, z, axis-angle (three), finger positions (two).
    SEVEN(8, List.of("dx", "dy", "dz", "droll", "dpitch", "dyaw", "grip"));

    private static final float FINGER_TRAVEL = .04f;

    private final int stateSize;
    private final ActionSpace.Box actions;

    Arm(int stateSize, List<String> actions) {
        this.stateSize = stateSize;
        this.actions = new ActionSpace.Box(actions, -1, 1);
    }

    /// The actions it takes, each from -1 to 1.
    public ActionSpace.Box actions() {
        return actions;
    }

    /// The number of action dimensions.
    public int actionSize() {
        return actions.size();
    }

    /// The number of state values.
    public int stateSize() {
        return stateSize;
    }

    /// Writes what it feels, `stateSize` values.
    void feel(World w, float[] out, int at) {
        out[at] = w.x;
        out[at + 1] = w.y;
        out[at + 2] = w.z;
        switch (this) {
            case FOUR -> out[at + 3] = w.gap();
            case SEVEN -> {
                out[at + 3] = out[at + 4] = 0;
                out[at + 5] = w.yaw;
                out[at + 6] = FINGER_TRAVEL * w.gap();
                out[at + 7] = -FINGER_TRAVEL * w.gap();
            }
        }
    }

    /// Moves the world by one action.
    void move(World w, float[] a) {
        switch (this) {
            case FOUR -> Physics.step(w, a[0], a[1], a[2], 0, a[3]);
            case SEVEN -> Physics.step(w, a[0], a[1], a[2], a[5], a[6]);
        }
    }

    /// Writes the expert's action for this state, `actionSize` values.
    void expert(World w, Task task, float[] wide, float[] out, int at) {
        Expert.act(w, task, wide);
        out[at] = wide[0];
        out[at + 1] = wide[1];
        out[at + 2] = wide[2];
        switch (this) {
            case FOUR -> out[at + 3] = wide[4];
            case SEVEN -> {
                out[at + 3] = out[at + 4] = 0;
                out[at + 5] = wide[3];
                out[at + 6] = wide[4];
            }
        }
    }
}
