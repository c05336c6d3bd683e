package dev.orrery.env.tabletop;

import java.util.List;

/// Tells whether a task can be asked for in a scene that was not made for it.
final class Feasible {

    private Feasible() {}

    /// @throws IllegalArgumentException if it cannot; the message says why
    static void check(World w, Task task) {
        for (var kind : task.blocks()) {
            if (w.find(kind) < 0) {
                throw new IllegalArgumentException(
                        "there is no %s on this table".formatted(kind.words()));
            }
        }
        for (var part : Layout.parts(task)) {
            place(w, part);
            if (!(part instanceof Task.Press) && Goal.holds(w, part)) {
                throw new IllegalArgumentException("that is so already");
            }
        }
    }

    private static void place(World w, Task task) {
        switch (task) {
            case Task.PushZone(_, var colour) -> zone(w, colour);
            case Task.PutZone(_, var colour) -> zone(w, colour);
            case Task.Clear(var colour) -> zone(w, colour);
            case Task.OnSymbol(_, var glyph) -> {
                if (w.pad(glyph) < 0) {
                    throw new IllegalArgumentException(
                            "there is no pad with the %s on this table".formatted(glyph.words()));
                }
            }
            case Task.Sort(var colour) -> {
                if (blocks(w, colour).isEmpty()) {
                    throw new IllegalArgumentException(
                            "there is no %s block on this table".formatted(colour.word()));
                }
            }
            case Task.Swap(var one, var other) -> {
                if (w.find(one) > 1 || w.find(other) > 1) {
                    throw new IllegalArgumentException(
                            "this table was not laid for swapping the %s and the %s"
                                    .formatted(one.words(), other.words()));
                }
            }
            case Task.Align _ -> {
                if (!w.turning) {
                    throw new IllegalArgumentException(
                            "the blocks of this table do not turn; that takes seven degrees of freedom");
                }
            }
            case Task.Beside(var kind, var side, var reference) -> {
                int i = w.find(kind), other = w.find(reference);
                float px = w.bx[other] + Layout.BESIDE * side.dx;
                float py = w.by[other] + Layout.BESIDE * side.dy;
                var objection = Layout.cell(w, i, px, py, other);
                if (!objection.isEmpty()) {
                    throw new IllegalArgumentException(objection);
                }
            }
            case Task.Reach _,
                    Task.Press _,
                    Task.PushDir _,
                    Task.PushTo _,
                    Task.Pick _,
                    Task.PutTray _,
                    Task.Stack _,
                    Task.TakeOut _,
                    Task.Unstack _,
                    Task.Then _,
                    Task.Tower _,
                    Task.PushAround _ -> {}
        }
    }

    private static void zone(World w, Colour colour) {
        if (w.zone(colour) < 0) {
            throw new IllegalArgumentException(
                    "there is no %s zone on this table".formatted(colour.word()));
        }
    }

    private static List<Kind> blocks(World w, Colour colour) {
        return Kind.ALL.stream().filter(k -> k.colour() == colour && w.find(k) >= 0).toList();
    }
}
