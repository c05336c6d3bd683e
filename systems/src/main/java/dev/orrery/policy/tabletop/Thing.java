package dev.orrery.policy.tabletop;

import dev.orrery.env.tabletop.Colour;
import dev.orrery.env.tabletop.Direction;
import dev.orrery.env.tabletop.Kind;
import dev.orrery.env.tabletop.Scene;
import dev.orrery.env.tabletop.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Something on the table that a text can name, or a place beside it.
///
/// @param kind its place in [SceneLabels#NAMES]
/// @param x from 0 to 1
/// @param y from 0 to 1
/// @param z of its centre
record Thing(int kind, float x, float y, float z) {

    private static final int TRAY = 16, BUTTON = 17, ZONES = 18;

    /// How far from a thing "left of" it is, and how far from the table's edge places are.
    private static final float ASIDE = .14f, EDGE = .05f;

    /// The names of everything that can lie on a table: sixteen blocks, tray, button, four zones.
    static List<String> everyName() {
        var names = new ArrayList<String>();
        Kind.ALL.forEach(kind -> names.add(kind.words()));
        names.add("tray");
        names.add("button");
        for (var colour : Colour.values()) {
            names.add(colour.name().toLowerCase(Locale.ROOT) + " zone");
        }
        return List.copyOf(names);
    }

    /// Everything on the table, what hides others last.
    static List<Thing> all(Scene scene) {
        var things = new ArrayList<Thing>();
        scene.zones().stream()
                .filter(zone -> zone.glyph().isEmpty())
                .forEach(z -> things.add(new Thing(ZONES + z.colour().ordinal(), z.x(), z.y(), 0)));
        things.add(new Thing(TRAY, scene.tray().x(), scene.tray().y(), 0));
        things.add(new Thing(BUTTON, scene.button().x(), scene.button().y(), 0));
        scene.blocks().stream()
                .map(k -> new Thing(k.kind().index(), k.x(), k.y(), k.z()))
                .sorted(Comparator.comparingDouble(Thing::z))
                .forEach(things::add);
        return things;
    }

    /// What a task is about: what to act on, then the reference or goal, as far as they lie there.
    static List<Thing> mentioned(Task task, List<Thing> things) {
        return Arrays.stream(kinds(task))
                .boxed()
                .flatMap(kind -> things.stream().filter(t -> t.kind == kind).limit(1))
                .toList();
    }

    private static int[] kinds(Task task) {
        var blocks = task.blocks().stream().mapToInt(Kind::index).toArray();
        return switch (task) {
            case Task.Press _ -> new int[] {BUTTON};
            case Task.PushZone(var a, var zone) -> new int[] {a.index(), ZONES + zone.ordinal()};
            case Task.PutZone(var a, var zone) -> new int[] {a.index(), ZONES + zone.ordinal()};
            case Task.PutTray(var a) -> new int[] {a.index(), TRAY};
            case Task.TakeOut(var a) -> new int[] {a.index(), TRAY};
            case Task.Clear(var zone) -> new int[] {ZONES + zone.ordinal()};
            default ->
                    blocks.length == 0
                            ? new int[] {TRAY}
                            : Arrays.copyOf(blocks, Math.min(2, blocks.length));
        };
    }

    /// The side of what it mentions last that a task is about.
    static Optional<Direction> side(Task task) {
        return switch (task) {
            case Task.Beside(_, var side, _) -> Optional.of(side);
            case Task.PushDir(_, var direction) -> Optional.of(direction);
            default -> Optional.empty();
        };
    }

    /// The place beside it, as the task of putting something there means it.
    Thing aside(Direction side) {
        float angle = side.angle();
        return new Thing(
                kind, x + ASIDE * (float) Math.cos(angle), y + ASIDE * (float) Math.sin(angle), z);
    }

    boolean isOnTable() {
        return Math.min(x, y) > EDGE && Math.max(x, y) < 1 - EDGE;
    }

    /// What a text calls it.
    String words() {
        return SceneLabels.NAMES.get(kind);
    }
}
