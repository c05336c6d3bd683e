package dev.orrery.env.tabletop;

import static dev.orrery.env.tabletop.World.R;
import static dev.orrery.env.tabletop.World.TABLE;
import static dev.orrery.env.tabletop.World.TRAY;

/// What counts as done. A predicate must hold for [#HOLD] steps in a row.
final class Goal {

    static final int HOLD = 3;

    static final float ON_ZONE = .09f, IN_ZONE = .10f, NEAR = .12f, ANGLE = .2f, STILL = .03f;

    private Goal() {}

    /// Whether the task's predicate is true in this state. A sequence is asked one part at a time.
    static boolean holds(World w, Task task) {
        return switch (task) {
            case Task.Reach(var k) -> w.distance(w.find(k), w.x, w.y) < .05f && w.z < .1f;
            case Task.Press _ -> w.pressed;
            case Task.PushDir(var k, var d) -> pushed(w, w.find(k), d);
            case Task.PushZone(var k, var c) -> free(w, k) && near(w, k, w.zone(c), IN_ZONE);
            case Task.PushTo(var k, var p) -> {
                int other = w.find(p);
                yield free(w, k) && w.distance(w.find(k), w.bx[other], w.by[other]) < NEAR;
            }
            case Task.Pick(var k) -> w.held == w.find(k) && w.z > .14f;
            case Task.PutZone(var k, var c) -> free(w, k) && near(w, k, w.zone(c), ON_ZONE);
            case Task.PutTray(var k) -> free(w, k) && w.inTray(w.find(k));
            case Task.Stack(var k, var p) -> free(w, k) && w.support[w.find(k)] == w.find(p);
            case Task.Beside(var k, var d, var p) ->
                    free(w, k) && beside(w, w.find(k), d, w.find(p));
            case Task.TakeOut(var k) -> free(w, k) && clearOfTray(w, w.find(k));
            case Task.Unstack(var k, _) -> free(w, k) && w.support[w.find(k)] == TABLE;
            case Task.Then(var first, var second) -> holds(w, w.stage == 0 ? first : second);
            case Task.Sort(var c) -> sorted(w, c);
            case Task.Swap _ -> swapped(w);
            case Task.Tower(var a, var b, var c) ->
                    w.held < 0
                            && w.support[w.find(a)] == w.find(b)
                            && w.support[w.find(b)] == w.find(c);
            case Task.Clear(var c) -> w.held < 0 && occupant(w, w.zone(c)) < 0;
            case Task.Align(var k, var d) -> free(w, k) && aligned(w, w.find(k), d, ANGLE);
            case Task.OnSymbol(var k, var g) -> free(w, k) && near(w, k, w.pad(g), ON_ZONE);
            case Task.PushAround(var k, var p, var c) ->
                    free(w, k) && near(w, k, w.zone(c), IN_ZONE) && !moved(w, w.find(p), STILL);
        };
    }

    private static boolean free(World w, Kind k) {
        return w.held != w.find(k);
    }

    private static boolean near(World w, Kind k, int zone, float reach) {
        return w.distance(w.find(k), w.zoneX[zone], w.zoneY[zone]) < reach;
    }

    private static boolean pushed(World w, int i, Direction d) {
        float dx = w.bx[i] - w.startX[i], dy = w.by[i] - w.startY[i];
        float along = dx * d.dx + dy * d.dy, across = Math.abs(dx * d.dy) + Math.abs(dy * d.dx);
        return i != w.held && along >= .12f && across < along / 2;
    }

    static boolean moved(World w, int i, float slack) {
        return w.distance(i, w.startX[i], w.startY[i]) > slack;
    }

    static boolean beside(World w, int i, Direction d, int other) {
        float dx = w.bx[i] - w.bx[other], dy = w.by[i] - w.by[other];
        float along = dx * d.dx + dy * d.dy, across = Math.abs(dx * d.dy) + Math.abs(dy * d.dx);
        return along > .06f && along < .24f && across < .08f;
    }

    private static boolean clearOfTray(World w, int i) {
        float dx = Math.abs(w.bx[i] - w.trayX), dy = Math.abs(w.by[i] - w.trayY);
        return Math.max(dx, dy) > TRAY + R;
    }

    private static boolean sorted(World w, Colour colour) {
        for (int i = 0; i < w.count; i++) {
            if (w.kind[i] / 4 == colour.ordinal() && (i == w.held || !w.inTray(i))) {
                return false;
            }
        }
        return true;
    }

    /// Each of the first two blocks lies where the other started.
    private static boolean swapped(World w) {
        return w.held < 0
                && w.distance(0, w.startX[1], w.startY[1]) < ON_ZONE
                && w.distance(1, w.startX[0], w.startY[0]) < ON_ZONE;
    }

    /// A block whose centre is in the zone, the one on top first, or -1.
    static int occupant(World w, int zone) {
        int found = -1;
        for (int i = 0; i < w.count; i++) {
            if (i != w.held && w.distance(i, w.zoneX[zone], w.zoneY[zone]) < World.ZONE + R / 2) {
                found = found < 0 || w.bz[i] > w.bz[found] ? i : found;
            }
        }
        return found;
    }

    static boolean aligned(World w, int i, Direction d, float tolerance) {
        return Math.abs(Physics.wrap(w.turn[i] - d.angle())) < tolerance;
    }
}
