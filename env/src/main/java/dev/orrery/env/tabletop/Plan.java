package dev.orrery.env.tabletop;

/// What the expert is about to do, in a few words of the vocabulary: `go to the red star`, `move it
/// to the tray`. For policies that say what they do before they do it.
///
/// A plan is read off one frame of a demonstration: what is held, what the expert does now, what
/// the task names. Equal frames get equal plans.
public final class Plan {

    private static final float NEAR = .05f, DOWN = .06f, RISING = .5f;

    private Plan() {}

    /// The plan at frame `t`, at most nine words.
    public static String of(Demonstration shown, int t) {
        var w = new World();
        shown.restore(w, t);
        var action = new float[shown.arm().actionSize()];
        shown.action(t, action, 0);
        var task = part(w, shown.task());
        if (Goal.holds(w, task)) return "nothing";
        boolean closing = action[action.length - 1] > 0;
        if (w.held >= 0) return holding(w, task, action[2], closing);
        if (task instanceof Task.Press) {
            return near(w.x - w.buttonX, w.y - w.buttonY) ? "press the button" : "go to the button";
        }
        int wanted = wanted(w, task);
        if (wanted < 0) return "go up";
        var name = "the " + Kind.of(w.kind[wanted]).words();
        if (closing && pushes(task)) return (w.z < DOWN ? "push " : "go to ") + name;
        if (closing) return "grasp " + name;
        return (near(w.x - w.bx[wanted], w.y - w.by[wanted]) ? "go down to " : "go to ") + name;
    }

    private static Task part(World w, Task task) {
        return task instanceof Task.Then(var first, var second)
                ? w.stage == 0 ? first : second
                : task;
    }

    private static String holding(World w, Task task, float rise, boolean closing) {
        var name = "the " + Kind.of(w.kind[w.held]).words();
        if (!closing) return "drop " + name;
        return rise > RISING ? "lift " + name : "move it " + goal(task);
    }

    private static String goal(Task task) {
        return switch (task) {
            case Task.PutZone(_, var c) -> "to the %s zone".formatted(c.word());
            case Task.PutTray _, Task.Sort _ -> "to the tray";
            case Task.Stack(_, var p) -> "over the " + p.words();
            case Task.Beside(_, var d, var p) -> "%s the %s".formatted(d.side(), p.words());
            case Task.OnSymbol(_, var g) -> "to the " + g.words();
            case Task.Tower(_, var p, _) -> "over the " + p.words();
            case Task.TakeOut _ -> "out of the tray";
            case Task.Reach _,
                    Task.Press _,
                    Task.PushDir _,
                    Task.PushZone _,
                    Task.PushTo _,
                    Task.Pick _,
                    Task.Unstack _,
                    Task.Then _,
                    Task.Swap _,
                    Task.Clear _,
                    Task.Align _,
                    Task.PushAround _ ->
                    "to a place";
        };
    }

    private static boolean pushes(Task task) {
        return task instanceof Task.PushDir
                || task instanceof Task.PushZone
                || task instanceof Task.PushTo
                || task instanceof Task.PushAround;
    }

    /// The block to act on: the first that the task names, or the nearest one that it means.
    private static int wanted(World w, Task task) {
        if (!task.blocks().isEmpty()) return w.find(task.blocks().getFirst());
        int best = -1;
        for (int i = 0; i < w.count; i++) {
            boolean meant = !(task instanceof Task.Sort(var c)) || w.kind[i] / 4 == c.ordinal();
            boolean closer = best < 0 || w.distance(i, w.x, w.y) < w.distance(best, w.x, w.y);
            if (meant && closer) best = i;
        }
        return best;
    }

    private static boolean near(float dx, float dy) {
        return dx * dx + dy * dy < NEAR * NEAR;
    }
}
