package dev.orrery.env.tabletop;

/// Counts for how long a goal has held, and passes from the first part of a sequence to the second.
final class Progress {

    private final Task task;
    private int held;
    private boolean everHeld;

    Progress(Task task) {
        this.task = task;
    }

    /// Looks at the state after a step; true when the goal is reached.
    boolean advance(World w) {
        held = Goal.holds(w, task) ? held + 1 : 0;
        everHeld |= held > 0;
        if (held < Goal.HOLD) {
            return false;
        }
        if (task instanceof Task.Then && w.stage == 0) {
            w.stage = 1;
            held = 0;
            everHeld = false;
            return false;
        }
        return true;
    }

    /// Whether the goal has held for at least one step.
    boolean everHeld() {
        return everHeld;
    }

    Progress copy() {
        var copy = new Progress(task);
        copy.held = held;
        copy.everHeld = everHeld;
        return copy;
    }
}
