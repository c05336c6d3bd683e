package dev.orrery.env.tabletop;

import static dev.orrery.env.tabletop.World.R;

/// What an episode has done so far, for naming its failure.
final class Trace {

    private static final float NEAR = .10f, LOW = .13f;

    private final boolean[] own = new boolean[World.MOST_BLOCKS];
    private boolean reached, wrong, grasped;

    Trace(World w, Task task) {
        for (int i = 0; i < w.count; i++) {
            own[i] = concerns(w, task, i);
        }
    }

    /// Whether a task is about a block.
    private static boolean concerns(World w, Task task, int i) {
        var kind = Kind.of(w.kind[i]);
        if (task instanceof Task.Sort(var colour)) {
            return kind.colour() == colour;
        }
        if (task instanceof Task.Clear(var colour)) {
            int zone = w.zone(colour);
            return w.distance(i, w.zoneX[zone], w.zoneY[zone]) < World.ZONE + R / 2;
        }
        if (task instanceof Task.Then(var first, var second)) {
            return concerns(w, first, i) || concerns(w, second, i);
        }
        boolean obstacle = task instanceof Task.PushAround(_, var other, _) && other.equals(kind);
        return !obstacle && task.blocks().contains(kind);
    }

    void look(World w, Task task) {
        for (int i = 0; i < w.count; i++) {
            if (own[i]) {
                reached |= w.z < LOW && w.distance(i, w.x, w.y) < NEAR;
                grasped |= w.held == i;
            } else {
                wrong |= w.held == i || Goal.moved(w, i, R);
            }
        }
        float dx = w.x - w.buttonX, dy = w.y - w.buttonY;
        boolean button = Layout.parts(task).stream().anyMatch(Task.Press.class::isInstance);
        reached |= button && w.z < LOW && dx * dx + dy * dy < NEAR * NEAR;
    }

    Outcome failure(World w, boolean everHeld) {
        if (everHeld) {
            return Outcome.OVERSHOOT;
        }
        if (wrong) {
            return Outcome.WRONG_BLOCK;
        }
        if (!reached) {
            return Outcome.NEVER_REACHED;
        }
        return grasped && w.held < 0 ? Outcome.DROPPED : Outcome.TIME_OUT;
    }

    Trace copy(World w, Task task) {
        var copy = new Trace(w, task);
        System.arraycopy(own, 0, copy.own, 0, own.length);
        copy.reached = reached;
        copy.wrong = wrong;
        copy.grasped = grasped;
        return copy;
    }
}
