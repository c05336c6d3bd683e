package dev.orrery.env.tabletop;

import static dev.orrery.env.tabletop.World.HEIGHT;
import static dev.orrery.env.tabletop.World.R;
import static dev.orrery.env.tabletop.World.TABLE;

/// The quasi-static rules: nothing moves on its own, and every step ends at rest.
final class Physics {

    static final float STRIDE = .05f, TURN = .2f;
    static final float LOWEST = .02f, HIGHEST = .25f;
    static final float FINGER = .025f, HALF = HEIGHT / 2;
    private static final float GRASP_HEIGHT = .04f, GRASP_REACH = .05f, STACK_REACH = .06f;
    private static final float PUSH_BELOW = .06f, PUSH_COSINE = .7f;
    private static final float EDGE = .05f;
    private static final int ITERATIONS = 4;

    private Physics() {}

    /// Moves the gripper by `STRIDE` times each clipped value, turns it, opens or closes it.
    static void step(World w, float ax, float ay, float az, float spin, float grip) {
        float oldX = w.x, oldY = w.y;
        w.x = Math.clamp(w.x + STRIDE * Math.clamp(ax, -1f, 1f), 0f, 1f);
        w.y = Math.clamp(w.y + STRIDE * Math.clamp(ay, -1f, 1f), 0f, 1f);
        w.z = Math.clamp(w.z + STRIDE * Math.clamp(az, -1f, 1f), LOWEST, HIGHEST);
        float turned = TURN * Math.clamp(spin, -1f, 1f);
        w.yaw = wrap(w.yaw + turned);
        if (w.held >= 0) {
            w.turn[w.held] = wrap(w.turn[w.held] + turned);
            carry(w);
        }
        if (grip > 0 && !w.closed) {
            w.closed = true;
            grasp(w);
        } else if (!(grip > 0) && w.closed) {
            w.closed = false;
            release(w);
        }
        if (w.closed && w.held < 0 && w.z < PUSH_BELOW) {
            push(w, w.x - oldX, w.y - oldY, oldX, oldY);
        }
        settle(w);
        float dx = w.x - w.buttonX, dy = w.y - w.buttonY;
        w.pressed |= w.closed && w.held < 0 && w.z < .05f && dx * dx + dy * dy < .055f * .055f;
    }

    static void carry(World w) {
        w.bx[w.held] = w.x;
        w.by[w.held] = w.y;
        w.bz[w.held] = Math.max(0, w.z - HALF);
    }

    private static void grasp(World w) {
        float nearest = GRASP_REACH;
        for (int i = 0; i < w.count; i++) {
            float distance = w.distance(i, w.x, w.y);
            if (distance < nearest
                    && Math.abs(w.z - (w.bz[i] + HALF)) < GRASP_HEIGHT
                    && w.freeTop(i)) {
                nearest = distance;
                w.held = i;
            }
        }
        if (w.held >= 0) {
            w.support[w.held] = TABLE;
            carry(w);
        }
    }

    private static void release(World w) {
        int block = w.held;
        if (block < 0) {
            return;
        }
        w.held = -1;
        int under = TABLE;
        float nearest = STACK_REACH;
        for (int i = 0; i < w.count; i++) {
            float distance = w.distance(i, w.bx[block], w.by[block]);
            if (i != block && distance < nearest && w.freeTop(i)) {
                nearest = distance;
                under = i;
            }
        }
        w.support[block] = under;
        w.bz[block] = under == TABLE ? 0 : w.bz[under] + HEIGHT;
        if (under != TABLE) {
            w.bx[block] = w.bx[under];
            w.by[block] = w.by[under];
        }
    }

    /// The closed fingers are a disc. A block in the way of the motion moves along it just enough
    /// to clear; any other overlapping block is pushed out radially.
    private static void push(World w, float mx, float my, float oldX, float oldY) {
        float clear = R + FINGER;
        float motion = (float) Math.sqrt(mx * mx + my * my);
        for (int i = 0; i < w.count; i++) {
            float dx = w.bx[i] - w.x, dy = w.by[i] - w.y;
            float square = dx * dx + dy * dy;
            if (w.support[i] != TABLE || square >= clear * clear) {
                continue;
            }
            float fromX = w.bx[i] - oldX, fromY = w.by[i] - oldY;
            float from = (float) Math.sqrt(fromX * fromX + fromY * fromY);
            float along = fromX * mx + fromY * my;
            if (motion > 1e-6f && along > PUSH_COSINE * from * motion) {
                float ux = mx / motion, uy = my / motion;
                float b = dx * ux + dy * uy;
                float t = -b + (float) Math.sqrt(Math.max(0, b * b - square + clear * clear));
                w.bx[i] += t * ux;
                w.by[i] += t * uy;
            } else {
                float distance = (float) Math.sqrt(square);
                float ux = distance > 1e-6f ? dx / distance : 1;
                float uy = distance > 1e-6f ? dy / distance : 0;
                w.bx[i] = w.x + clear * ux;
                w.by[i] = w.y + clear * uy;
            }
        }
    }

    /// Parts overlapping blocks, keeps them on the table and moves stacked ones with their support.
    static void settle(World w) {
        for (int pass = 0; pass < ITERATIONS; pass++) {
            for (int i = 0; i < w.count; i++) {
                for (int j = i + 1; j < w.count; j++) {
                    part(w, i, j);
                }
            }
            for (int i = 0; i < w.count; i++) {
                if (onTable(w, i)) {
                    w.bx[i] = Math.clamp(w.bx[i], EDGE, 1 - EDGE);
                    w.by[i] = Math.clamp(w.by[i], EDGE, 1 - EDGE);
                }
            }
        }
        for (int level = 1; level < w.count; level++) {
            for (int i = 0; i < w.count; i++) {
                if (w.support[i] != TABLE && i != w.held) {
                    w.bx[i] = w.bx[w.support[i]];
                    w.by[i] = w.by[w.support[i]];
                }
            }
        }
    }

    private static boolean onTable(World w, int i) {
        return w.support[i] == TABLE && i != w.held;
    }

    private static void part(World w, int i, int j) {
        float dx = w.bx[j] - w.bx[i], dy = w.by[j] - w.by[i];
        float square = dx * dx + dy * dy;
        if (square >= 4 * R * R || !onTable(w, i) || !onTable(w, j)) {
            return;
        }
        float distance = (float) Math.sqrt(square);
        float ux = distance > 1e-6f ? dx / distance : 1;
        float uy = distance > 1e-6f ? dy / distance : 0;
        float half = (2 * R - distance) / 2;
        w.bx[i] -= half * ux;
        w.by[i] -= half * uy;
        w.bx[j] += half * ux;
        w.by[j] += half * uy;
    }

    static float wrap(float angle) {
        float full = (float) (2 * Math.PI);
        return angle > Math.PI ? angle - full : angle <= -Math.PI ? angle + full : angle;
    }
}
