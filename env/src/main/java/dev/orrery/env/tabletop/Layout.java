package dev.orrery.env.tabletop;

import static dev.orrery.env.tabletop.World.HEIGHT;
import static dev.orrery.env.tabletop.World.TABLE;

import dev.orrery.env.Dice;
import java.util.ArrayList;
import java.util.List;

/// Draws the start of an episode for a task: fixtures and blocks by rejection, until nothing is too
/// near, the goal does not hold yet and the place it needs is on the table and free.
final class Layout {

    static final float BESIDE = .14f;

    private static final float ZONES_APART = .25f, BUTTON_APART = .22f, FIXTURE_APART = .20f;
    private static final float BLOCKS_APART = .13f, LOW = .1f, HIGH = .9f;
    private static final int TRIES = 60, SCENES = 2000;

    private final World w;
    private final Dice dice;
    private final Task task;

    private Layout(World w, Task task, Dice dice) {
        this.w = w;
        this.task = task;
        this.dice = dice;
    }

    /// Fills `w` with a new scene.
    ///
    /// @param least fewest blocks
    /// @param most most blocks
    /// @throws IllegalArgumentException if no scene fits; the message says what stood in the way
    static void fill(World w, Task task, Dice dice, int least, int most) {
        var layout = new Layout(w, task, dice);
        var reason = "no place for the blocks";
        for (int scene = 0; scene < SCENES; scene++) {
            if (layout.draw(least, most)) {
                reason = layout.objection();
                if (reason.isEmpty()) {
                    return;
                }
            }
        }
        throw new IllegalArgumentException(
                "no scene fits task '%s': %s".formatted(task.code(), reason));
    }

    private boolean draw(int least, int most) {
        w.closed = w.pressed = false;
        w.held = -1;
        w.stage = 0;
        w.yaw = 0;
        w.x = dice.between(.05f, .95f);
        w.y = dice.between(.05f, .95f);
        w.z = .20f;
        w.count = 0;
        w.turning = task instanceof Task.Align;
        w.route = dice.nextInt(2) * 2 - 1;
        float[] at = new float[2];
        spot(at, 0, 0, 0);
        w.trayX = at[0];
        w.trayY = at[1];
        chooseZones();
        for (int k = 0; k < World.ZONES; k++) {
            if (!spot(at, k + 1, ZONES_APART, 0)) {
                return false;
            }
            w.zoneX[k] = at[0];
            w.zoneY[k] = at[1];
        }
        if (!spot(at, 3, BUTTON_APART, 0)) {
            return false;
        }
        w.buttonX = at[0];
        w.buttonY = at[1];
        return placeBlocks(chooseBlocks(least, most));
    }

    private void chooseZones() {
        w.glyph[0] = w.glyph[1] = -1;
        var wanted = zones(task);
        w.zoneColour[0] = wanted.isEmpty() ? dice.nextInt(4) : wanted.getFirst().ordinal();
        w.zoneColour[1] =
                wanted.size() > 1
                        ? wanted.get(1).ordinal()
                        : (w.zoneColour[0] + 1 + dice.nextInt(3)) % 4;
        if (task instanceof Task.OnSymbol(_, var glyph)) {
            int signs = Glyph.values().length;
            w.glyph[0] = glyph.ordinal();
            w.glyph[1] = (glyph.ordinal() + 1 + dice.nextInt(signs - 1)) % signs;
        }
    }

    private static List<Colour> zones(Task task) {
        return switch (task) {
            case Task.PushZone(_, var c) -> List.of(c);
            case Task.PutZone(_, var c) -> List.of(c);
            case Task.Clear(var c) -> List.of(c);
            case Task.PushAround(_, _, var c) -> List.of(c);
            case Task.Then(var a, var b) -> {
                var all = new ArrayList<>(zones(a));
                zones(b).stream().filter(c -> !all.contains(c)).forEach(all::add);
                yield all;
            }
            case Task.Reach _,
                    Task.Press _,
                    Task.PushDir _,
                    Task.PushTo _,
                    Task.Pick _,
                    Task.PutTray _,
                    Task.Stack _,
                    Task.Beside _,
                    Task.TakeOut _,
                    Task.Unstack _,
                    Task.Sort _,
                    Task.Swap _,
                    Task.Tower _,
                    Task.Align _,
                    Task.OnSymbol _ ->
                    List.of();
        };
    }

    /// The kinds of the scene, those that the task names first, in its order.
    private List<Kind> chooseBlocks(int least, int most) {
        var chosen = new ArrayList<>(task.blocks());
        int wanted = Math.max(chosen.size(), least + dice.nextInt(most - least + 1));
        if (task instanceof Task.Sort(var colour)) {
            int same = 2 + dice.nextInt(2);
            int first = dice.nextInt(4);
            for (int k = 0; k < same; k++) {
                chosen.add(new Kind(colour, Shape.values()[(first + k) % 4]));
            }
        }
        while (chosen.size() < wanted) {
            var kind = Kind.ALL.get(dice.nextInt(16));
            boolean spoils = task instanceof Task.Sort(var c) && kind.colour() == c;
            if (!chosen.contains(kind) && !spoils) {
                chosen.add(kind);
            }
        }
        return chosen;
    }

    private boolean placeBlocks(List<Kind> kinds) {
        float[] at = new float[2];
        for (int i = 0; i < kinds.size(); i++) {
            w.kind[i] = kinds.get(i).index();
            w.support[i] = TABLE;
            w.bz[i] = 0;
            w.turn[i] = w.turning ? dice.between(-3.14f, 3.14f) : 0;
            if (!start(i, at)) {
                if (!spot(at, 4, FIXTURE_APART, BLOCKS_APART)) {
                    return false;
                }
            }
            w.bx[i] = w.startX[i] = at[0];
            w.by[i] = w.startY[i] = at[1];
            w.count = i + 1;
        }
        for (var part : parts(task)) {
            if (part instanceof Task.Unstack(var k, var p)) {
                int i = w.find(k), under = w.find(p);
                w.support[i] = under;
                w.bz[i] = HEIGHT;
                w.bx[i] = w.startX[i] = w.bx[under];
                w.by[i] = w.startY[i] = w.by[under];
            }
        }
        return true;
    }

    static List<Task> parts(Task task) {
        return task instanceof Task.Then(var a, var b) ? List.of(a, b) : List.of(task);
    }

    /// Where the task itself says that a block starts: in the tray or on a zone.
    private boolean start(int i, float[] at) {
        for (var part : parts(task)) {
            if (part instanceof Task.TakeOut(var k) && w.kind[i] == k.index()) {
                return around(at, w.trayX, w.trayY, .05f);
            }
        }
        if (task instanceof Task.Swap && i < 2) {
            return around(at, w.zoneX[i], w.zoneY[i], .03f);
        }
        if (task instanceof Task.Clear && i < 1) {
            return around(at, w.zoneX[0], w.zoneY[0], .05f);
        }
        if (task instanceof Task.PushAround && i == 1) {
            // half way between the block to push, which is already placed, and its zone
            at[0] = .5f * (w.bx[0] + w.zoneX[0]);
            at[1] = .5f * (w.by[0] + w.zoneY[0]);
            return true;
        }
        return false;
    }

    private boolean around(float[] at, float px, float py, float spread) {
        at[0] = px + dice.between(-spread, spread);
        at[1] = py + dice.between(-spread, spread);
        return true;
    }

    private boolean spot(float[] at, int fixtures, float fromFixtures, float fromBlocks) {
        float low = fixtures < 3 ? .12f : LOW, high = fixtures < 3 ? .88f : HIGH;
        for (int attempt = 0; attempt < TRIES; attempt++) {
            float px = dice.between(low, high), py = dice.between(low, high);
            if (offFixtures(px, py, fixtures, fromFixtures) && clear(w, -1, px, py, fromBlocks)) {
                at[0] = px;
                at[1] = py;
                return true;
            }
        }
        return false;
    }

    private boolean offFixtures(float px, float py, int fixtures, float apart) {
        return (fixtures < 1 || far(px - w.trayX, py - w.trayY, apart))
                && (fixtures < 2 || far(px - w.zoneX[0], py - w.zoneY[0], apart))
                && (fixtures < 3 || far(px - w.zoneX[1], py - w.zoneY[1], apart))
                && (fixtures < 4 || far(px - w.buttonX, py - w.buttonY, apart));
    }

    private static boolean far(float dx, float dy, float apart) {
        return dx * dx + dy * dy >= apart * apart;
    }

    /// Whether a point is at least this far from every block but `moved`.
    static boolean clear(World w, int moved, float px, float py, float apart) {
        for (int i = 0; i < w.count; i++) {
            if (i != moved && !far(px - w.bx[i], py - w.by[i], apart)) {
                return false;
            }
        }
        return true;
    }

    /// Why this scene will not do, or nothing.
    private String objection() {
        for (var part : parts(task)) {
            if (Goal.holds(w, part)) {
                return "its goal already holds";
            }
            var reason = objection(part);
            if (!reason.isEmpty()) {
                return reason;
            }
        }
        return "";
    }

    private String objection(Task part) {
        return switch (part) {
            case Task.Beside(var k, var d, var p) -> {
                int other = w.find(p);
                yield cell(
                        w,
                        w.find(k),
                        w.bx[other] + BESIDE * d.dx,
                        w.by[other] + BESIDE * d.dy,
                        other);
            }
            case Task.PushDir(var k, var d) -> {
                int i = w.find(k);
                float px = w.bx[i] + .2f * d.dx, py = w.by[i] + .2f * d.dy;
                yield cell(w, i, px, py, i);
            }
            case Task.PushAround(var k, _, var c) -> passage(w.find(k), w.zone(c));
            case Task.PushTo(var k, var p) -> {
                int i = w.find(k), other = w.find(p);
                yield w.distance(i, w.bx[other], w.by[other]) < .2f ? "the goal is too near" : "";
            }
            case Task.Reach _,
                    Task.Press _,
                    Task.PushZone _,
                    Task.Pick _,
                    Task.PutZone _,
                    Task.PutTray _,
                    Task.Stack _,
                    Task.TakeOut _,
                    Task.Unstack _,
                    Task.Then _,
                    Task.Sort _,
                    Task.Swap _,
                    Task.Tower _,
                    Task.Clear _,
                    Task.Align _,
                    Task.OnSymbol _ ->
                    "";
        };
    }

    /// Both ways past the obstacle must be on the table and free.
    private String passage(int i, int zone) {
        float dx = w.zoneX[zone] - w.bx[i], dy = w.zoneY[zone] - w.by[i];
        float length = (float) Math.sqrt(dx * dx + dy * dy);
        if (length < .38f) {
            return "the goal is too near";
        }
        for (int side = -1; side <= 1; side += 2) {
            float px = w.bx[1] - side * .15f * dy / length,
                    py = w.by[1] + side * .15f * dx / length;
            var reason = cell(w, i, px, py, 1);
            if (!reason.isEmpty() || !clear(w, i, px, py, .12f)) {
                return "the way past the obstacle is not free";
            }
        }
        return "";
    }

    /// Why a block cannot be put at a point, or nothing.
    static String cell(World w, int moved, float px, float py, int reference) {
        if (px < .07f || px > .93f || py < .07f || py > .93f) {
            return "goal cell off the table";
        }
        for (int i = 0; i < w.count; i++) {
            if (i != moved && i != reference && !far(px - w.bx[i], py - w.by[i], .1f)) {
                return "goal cell occupied by the " + Kind.of(w.kind[i]).words();
            }
        }
        return "";
    }
}
