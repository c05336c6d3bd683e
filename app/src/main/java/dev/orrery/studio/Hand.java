package dev.orrery.studio;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The reader's hand: where it wants the gripper to be, and the action that brings it there.
final class Hand {

    private static final float STRIDE = .05f, NEAR = .002f;

    /// Steps that go on after the gripper has arrived, so that a goal can be seen to hold.
    private static final int SETTLE = 4;

    private TableCommand.@Nullable Hand wanted;
    private int stillSteps;

    void forget() {
        wanted = null;
        stillSteps = 0;
    }

    void point(TableCommand.Hand where) {
        wanted = where;
    }

    boolean points() {
        return wanted != null;
    }

    /// Whether the gripper was there already when it last acted.
    boolean still() {
        return stillSteps > 0;
    }

    /// The next action; none if the gripper has been there for a while.
    ///
    /// @param state of the gripper: x, y, z and how far its fingers are open
    Optional<float[]> act(float[] state) {
        var to = wanted;
        if (to == null) {
            return Optional.empty();
        }
        float dx = to.x() - state[0], dy = to.y() - state[1], dz = to.z() - state[2];
        boolean there = Math.abs(dx) < NEAR && Math.abs(dy) < NEAR && Math.abs(dz) < NEAR;
        there &= to.close() == state[3] < .75f;
        stillSteps = there ? stillSteps + 1 : 0;
        return stillSteps > SETTLE
                ? Optional.empty()
                : Optional.of(
                        new float[] {
                            Math.clamp(dx / STRIDE, -1, 1),
                            Math.clamp(dy / STRIDE, -1, 1),
                            Math.clamp(dz / STRIDE, -1, 1),
                            to.close() ? 1 : -1
                        });
    }
}
