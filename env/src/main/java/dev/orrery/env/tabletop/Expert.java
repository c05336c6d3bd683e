package dev.orrery.env.tabletop;

import static dev.orrery.env.tabletop.Physics.FINGER;
import static dev.orrery.env.tabletop.Physics.HALF;
import static dev.orrery.env.tabletop.World.HEIGHT;
import static dev.orrery.env.tabletop.World.R;
import static dev.orrery.env.tabletop.World.TRAY;

/// The scripted rule that solves every family: a Markov function of the true state, with no hidden
/// phase, so that a policy can learn it by imitation.
///
/// Actions are written in five values: motion in x, y, z, turn, grip; all within -1 to 1.
final class Expert {

    private static final float CENTRED = .02f, CLOSE = .05f, SLIP = .045f;
    private static final float HOVER = .16f, LIFT = .18f, OVER = .12f, LOW = .03f;
    private static final float BEHIND = R + FINGER + .025f;
    private static final int GRID = 19;

    private final float[] out;

    private Expert(float[] out) {
        this.out = out;
    }

    /// Writes the action for this state to `out`, five values.
    static void act(World w, Task task, float[] out) {
        new Expert(out).solve(w, task);
    }

    private void solve(World w, Task task) {
        switch (task) {
            case Task.Reach(var k) -> {
                int i = w.find(k);
                go(w, w.bx[i], w.by[i], .06f, 0, false);
            }
            case Task.Press _ -> press(w);
            case Task.PushDir(var k, var d) -> {
                int i = w.find(k);
                push(w, i, d.dx, d.dy, 1);
            }
            case Task.PushZone(var k, var c) -> {
                int zone = w.zone(c);
                pushTo(w, w.find(k), w.zoneX[zone], w.zoneY[zone], .05f);
            }
            case Task.PushAround(var k, var p, var c) -> around(w, w.find(k), w.find(p), w.zone(c));
            case Task.PushTo(var k, var p) -> {
                int other = w.find(p);
                pushTo(w, w.find(k), w.bx[other], w.by[other], .10f);
            }
            case Task.Pick(var k) -> {
                int i = w.find(k);
                if (w.held == i) {
                    go(w, w.x, w.y, LIFT, 0, true);
                } else {
                    fetch(w, i);
                }
            }
            case Task.PutZone(var k, var c) -> place(w, task, w.find(k), w.zone(c));
            case Task.OnSymbol(var k, var g) -> place(w, task, w.find(k), w.pad(g));
            case Task.PutTray(var k) -> putInTray(w, task, w.find(k));
            case Task.Stack(var k, var p) -> stack(w, w.find(k), w.find(p));
            case Task.Beside(var k, var d, var p) -> {
                int other = w.find(p);
                float reach = Layout.BESIDE;
                bring(
                        w,
                        task,
                        w.find(k),
                        w.bx[other] + reach * d.dx,
                        w.by[other] + reach * d.dy,
                        LOW);
            }
            case Task.TakeOut(var k) -> bringToFree(w, task, w.find(k), w.trayX, w.trayY);
            case Task.Unstack(var k, var p) -> {
                int other = w.find(p);
                bringToFree(w, task, w.find(k), w.bx[other], w.by[other]);
            }
            case Task.Then(var first, var second) -> solve(w, w.stage == 0 ? first : second);
            case Task.Sort(var c) -> sort(w, c);
            case Task.Swap _ -> swap(w, task);
            case Task.Tower(var a, var b, var c) -> tower(w, w.find(a), w.find(b), w.find(c));
            case Task.Clear(var c) -> clear(w, task, w.zone(c));
            case Task.Align(var k, var d) -> align(w, task, w.find(k), d);
        }
    }

    /// Moves straight to a point; the grip is closed or open.
    private void go(World w, float px, float py, float pz, float spin, boolean closed) {
        out[0] = unit(px - w.x);
        out[1] = unit(py - w.y);
        out[2] = unit(pz - w.z);
        out[3] = spin;
        out[4] = closed ? 1 : -1;
    }

    private static float unit(float difference) {
        return Math.clamp(difference / Physics.STRIDE, -1f, 1f);
    }

    /// The height to aim at on the way down to `low` over a point at a distance.
    private static float funnel(World w, float distance, float low, float high) {
        return distance < CENTRED ? low : distance < CLOSE ? Math.max(w.z, low) : high;
    }

    private static float distance(World w, float px, float py) {
        return distance(px - w.x, py - w.y);
    }

    private static float distance(float dx, float dy) {
        return (float) Math.sqrt(dx * dx + dy * dy);
    }

    private void press(World w) {
        float away = distance(w, w.buttonX, w.buttonY);
        go(w, w.buttonX, w.buttonY, funnel(w, away, LOW, Math.max(w.z, OVER)), 0, true);
    }

    private void rest(World w) {
        go(w, w.x, w.y, HOVER, 0, false);
    }

    private void fetch(World w, int i) {
        float away = distance(w, w.bx[i], w.by[i]), height = w.bz[i] + HALF;
        float over = Math.max(Math.max(HOVER, height + .06f), Math.min(w.z, LIFT));
        boolean there = away < CENTRED && Math.abs(w.z - height) < CENTRED && !w.closed;
        go(w, w.bx[i], w.by[i], funnel(w, away, height, over), 0, there);
    }

    /// Carries the held block to a point and opens there.
    private void carry(World w, float px, float py, float low) {
        float away = distance(w, px, py);
        boolean there = away < CENTRED && w.z - low < CENTRED;
        boolean lifting = w.z < OVER && away >= CLOSE;
        float pz = funnel(w, away, low, LIFT);
        go(w, lifting ? w.x : px, lifting ? w.y : py, pz, 0, !there);
    }

    private void bring(World w, Task task, int i, float px, float py, float low) {
        if (w.held == i) {
            carry(w, px, py, low);
        } else if (Goal.holds(w, task)) {
            rest(w);
        } else {
            fetch(w, i);
        }
    }

    private void place(World w, Task task, int i, int zone) {
        bring(w, task, i, w.zoneX[zone], w.zoneY[zone], LOW);
    }

    private void stack(World w, int i, int under) {
        if (w.held == i) {
            carry(w, w.bx[under], w.by[under], w.bz[under] + HEIGHT + HALF);
        } else if (w.support[i] == under) {
            rest(w);
        } else {
            fetch(w, i);
        }
    }

    private void bringToFree(World w, Task task, int i, float nearX, float nearY) {
        long cell = w.held == i ? freeCell(w, i, nearX, nearY) : 0;
        bring(w, task, i, cellX(cell), cellY(cell), LOW);
    }

    private static float cellX(long cell) {
        return .05f * (1 + cell % GRID);
    }

    private static float cellY(long cell) {
        return .05f * (1 + cell / GRID);
    }

    /// The free cell of a grid with the shortest way from the gripper plus to the point: off tray,
    /// zones and button, and clear of every other block. The gripper's part settles ties for good,
    /// since every step towards a cell makes it the better one.
    static int freeCell(World w, int moved, float nearX, float nearY) {
        int best = -1;
        float least = Float.MAX_VALUE;
        for (int cell = 0; cell < GRID * GRID; cell++) {
            float cx = cellX(cell), cy = cellY(cell);
            float way = distance(cx - nearX, cy - nearY) + distance(cx - w.x, cy - w.y);
            if (way < least && free(w, moved, cx, cy)) {
                least = way;
                best = cell;
            }
        }
        return best;
    }

    private static boolean free(World w, int moved, float px, float py) {
        float edge = .08f, margin = TRAY + R + .03f;
        if (px < edge || px > 1 - edge || py < edge || py > 1 - edge) {
            return false;
        }
        if (Math.max(Math.abs(px - w.trayX), Math.abs(py - w.trayY)) < margin) {
            return false;
        }
        for (int k = 0; k < World.ZONES; k++) {
            if (near(px - w.zoneX[k], py - w.zoneY[k], World.ZONE + R + .03f)) {
                return false;
            }
        }
        return !near(px - w.buttonX, py - w.buttonY, .10f) && Layout.clear(w, moved, px, py, .115f);
    }

    private static boolean near(float dx, float dy, float reach) {
        return dx * dx + dy * dy < reach * reach;
    }

    private void sort(World w, Colour colour) {
        int next = -1, inside = 0;
        for (int i = 0; i < w.count; i++) {
            if (w.kind[i] / 4 == colour.ordinal()) {
                boolean done = i != w.held && w.inTray(i);
                inside += done ? 1 : 0;
                next = !done && (next < 0 || i == w.held) ? i : next;
            }
        }
        if (next < 0) {
            rest(w);
        } else if (w.held == next) {
            int slot = freeSlot(w, next);
            carry(w, w.trayX + SLOT_X[slot], w.trayY + SLOT_Y[slot], LOW);
        } else {
            fetch(w, next);
        }
    }

    private static final float[] SLOT_X = {-.05f, .05f, 0}, SLOT_Y = {-.045f, -.045f, .05f};

    /// In the middle of the tray, or beside what lies there.
    private void putInTray(World w, Task task, int i) {
        if (Layout.clear(w, i, w.trayX, w.trayY, 2 * R)) {
            bring(w, task, i, w.trayX, w.trayY, LOW);
        } else {
            int slot = freeSlot(w, i);
            bring(w, task, i, w.trayX + SLOT_X[slot], w.trayY + SLOT_Y[slot], LOW);
        }
    }

    /// The first place in the tray with no block near it.
    private static int freeSlot(World w, int moved) {
        int best = 0;
        float most = -1;
        for (int slot = 0; slot < SLOT_X.length; slot++) {
            float nearest = .08f;
            for (int i = 0; i < w.count; i++) {
                if (i != moved) {
                    float away = w.distance(i, w.trayX + SLOT_X[slot], w.trayY + SLOT_Y[slot]);
                    nearest = Math.min(nearest, away);
                }
            }
            if (nearest > most) {
                most = nearest;
                best = slot;
            }
        }
        return best;
    }

    /// Parks the first block when both are still home, then brings the second over, then the first.
    private void swap(World w, Task task) {
        boolean secondDone = w.held != 1 && w.distance(1, w.startX[0], w.startY[0]) < Goal.ON_ZONE;
        boolean firstAway = w.held != 0 && w.distance(0, w.startX[0], w.startY[0]) > .13f;
        if (Goal.holds(w, task)) {
            rest(w);
        } else if (w.held == 1 || (w.held < 0 && firstAway && !secondDone)) {
            bring(w, task, 1, w.startX[0], w.startY[0], LOW);
        } else if (secondDone) {
            bring(w, task, 0, w.startX[1], w.startY[1], LOW);
        } else {
            bringToFree(w, task, 0, w.startX[0], w.startY[0]);
        }
    }

    private void tower(World w, int top, int middle, int bottom) {
        boolean base = w.held != middle && w.support[middle] == bottom;
        if (w.held == top && !base) {
            long cell = freeCell(w, top, w.bx[bottom], w.by[bottom]);
            carry(w, cellX(cell), cellY(cell), LOW);
        } else if (base) {
            stack(w, top, middle);
        } else if (w.support[top] == middle && w.held != top) {
            fetch(w, top);
        } else {
            stack(w, middle, bottom);
        }
    }

    private void clear(World w, Task task, int zone) {
        int next = w.held >= 0 ? w.held : Goal.occupant(w, zone);
        if (next < 0) {
            rest(w);
        } else {
            bringToFree(w, task, next, w.zoneX[zone], w.zoneY[zone]);
        }
    }

    private void align(World w, Task task, int i, Direction d) {
        if (w.held != i) {
            bring(w, task, i, w.x, w.y, LOW);
            return;
        }
        float off = Physics.wrap(d.angle() - w.turn[i]);
        boolean turned = Math.abs(off) < Goal.ANGLE / 2;
        float spin = Math.clamp(off / Physics.TURN, -1f, 1f);
        go(w, w.x, w.y, turned ? LOW : .08f, spin, !(turned && w.z - LOW < CENTRED));
    }

    private static final float DETOUR = .14f, ABREAST = -.05f, PASSED = .06f;

    /// Pushes to a point beside the obstacle, on the side that the scene has drawn, until the block
    /// is past it, then to the zone.
    private void around(World w, int i, int obstacle, int zone) {
        float zx = w.zoneX[zone], zy = w.zoneY[zone];
        float dx = zx - w.startX[i], dy = zy - w.startY[i];
        float length = (float) Math.sqrt(dx * dx + dy * dy);
        float ux = dx / length, uy = dy / length;
        float sx = -uy * w.route, sy = ux * w.route;
        float px = w.bx[i] - w.bx[obstacle], py = w.by[i] - w.by[obstacle];
        float along = px * ux + py * uy, side = px * sx + py * sy;
        if (along > PASSED || (along > ABREAST && side > 2 * DETOUR)) {
            pushTo(w, i, zx, zy, .05f);
        } else {
            float ahead = along < ABREAST ? 0 : DETOUR;
            float wx = w.bx[obstacle] + DETOUR * sx + ahead * ux;
            float wy = w.by[obstacle] + DETOUR * sy + ahead * uy;
            pushTo(w, i, wx, wy, .01f);
        }
    }

    private void pushTo(World w, int i, float px, float py, float enough) {
        float dx = px - w.bx[i], dy = py - w.by[i];
        float distance = (float) Math.sqrt(dx * dx + dy * dy);
        if (w.held == i || distance < enough) {
            go(w, w.x, w.y, OVER, 0, w.held != i);
        } else {
            push(
                    w,
                    i,
                    dx / distance,
                    dy / distance,
                    Math.min(1, (distance - enough + .02f) / .05f));
        }
    }

    /// Goes to a point behind the block, lowers, and pushes along (ux, uy); approaches again when
    /// it has drifted sideways.
    private void push(World w, int i, float ux, float uy, float speed) {
        if (w.held >= 0) {
            go(w, w.x, w.y, LOW, 0, false);
            return;
        }
        float rx = w.x - w.bx[i], ry = w.y - w.by[i];
        float along = rx * ux + ry * uy, side = ry * ux - rx * uy;
        boolean behind = along < -R && along > -BEHIND - .05f && Math.abs(side) < SLIP;
        if (behind && w.z < .055f && w.closed) {
            float correction = -side / 2 / Physics.STRIDE;
            go(w, w.x, w.y, LOW, 0, true);
            out[0] = Math.clamp(ux * speed - uy * correction, -1f, 1f);
            out[1] = Math.clamp(uy * speed + ux * correction, -1f, 1f);
            return;
        }
        float px = Math.clamp(w.bx[i] - BEHIND * ux, 0f, 1f);
        float py = Math.clamp(w.by[i] - BEHIND * uy, 0f, 1f);
        float away = distance(w, px, py);
        if (away < CENTRED) {
            go(w, px, py, LOW, 0, true);
        } else if (w.z < .09f) {
            go(w, w.x, w.y, OVER, 0, true);
        } else {
            go(w, px, py, OVER, 0, true);
        }
    }
}
