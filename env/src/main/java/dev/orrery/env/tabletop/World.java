package dev.orrery.env.tabletop;

/// The true state of a table: gripper, blocks and fixtures. Lengths are in table units, the table
/// is the unit square, y and z point up. Agents never see it; pictures are drawn from it.
///
/// Every number is a float, so that a stored state draws the same picture as the live one.
final class World {

    static final float R = .045f, HEIGHT = .06f, TRAY = .10f, ZONE = .10f;
    static final int MOST_BLOCKS = 8, ZONES = 2;

    /// A block's support when it stands on the table.
    static final int TABLE = -1;

    float x, y, z, yaw;
    boolean closed, pressed;
    int held = -1, stage;

    int count;
    final int[] kind = new int[MOST_BLOCKS], support = new int[MOST_BLOCKS];
    final float[] bx = new float[MOST_BLOCKS],
            by = new float[MOST_BLOCKS],
            bz = new float[MOST_BLOCKS],
            turn = new float[MOST_BLOCKS],
            startX = new float[MOST_BLOCKS],
            startY = new float[MOST_BLOCKS];
    float trayX, trayY, buttonX, buttonY;
    final float[] zoneX = new float[ZONES], zoneY = new float[ZONES];
    final int[] zoneColour = new int[ZONES];

    /// The sign on each zone, or -1 for a plain coloured zone.
    final int[] glyph = {-1, -1};

    /// The side on which the expert passes an obstacle: 1 left of the way, -1 right of it.
    int route = 1;

    /// Whether blocks can turn, which draws their notches.
    boolean turning;

    /// The place of a block by its kind, or -1.
    int find(Kind wanted) {
        int index = wanted.index();
        for (int i = 0; i < count; i++) {
            if (kind[i] == index) {
                return i;
            }
        }
        return -1;
    }

    /// The place of a zone by its colour, or -1.
    int zone(Colour colour) {
        for (int k = 0; k < ZONES; k++) {
            if (glyph[k] < 0 && zoneColour[k] == colour.ordinal()) {
                return k;
            }
        }
        return -1;
    }

    /// The place of a pad by its sign, or -1.
    int pad(Glyph wanted) {
        for (int k = 0; k < ZONES; k++) {
            if (glyph[k] == wanted.ordinal()) {
                return k;
            }
        }
        return -1;
    }

    boolean freeTop(int block) {
        for (int i = 0; i < count; i++) {
            if (support[i] == block && i != held) {
                return false;
            }
        }
        return true;
    }

    boolean inTray(int i) {
        return Math.abs(bx[i] - trayX) < TRAY && Math.abs(by[i] - trayY) < TRAY;
    }

    float distance(int i, float px, float py) {
        float dx = bx[i] - px, dy = by[i] - py;
        return (float) Math.sqrt(dx * dx + dy * dy);
    }

    /// 1 open, .5 closed on a block, 0 closed and empty.
    float gap() {
        return !closed ? 1 : held >= 0 ? .5f : 0;
    }

    /// Moves a block that is not held, and whatever stands on it, to another place of the table.
    void place(int block, float px, float py) {
        support[block] = TABLE;
        bz[block] = 0;
        bx[block] = px;
        by[block] = py;
        for (int level = 1; level < count; level++) {
            for (int i = 0; i < count; i++) {
                if (support[i] != TABLE) {
                    bz[i] = bz[support[i]] + HEIGHT;
                }
            }
        }
        Physics.settle(this);
    }

    /// Moves the gripper, with what it holds, to a place within its reach.
    void moveGripper(float px, float py, float pz) {
        x = Math.clamp(px, 0f, 1f);
        y = Math.clamp(py, 0f, 1f);
        z = Math.clamp(pz, Physics.LOWEST, Physics.HIGHEST);
        if (held >= 0) {
            Physics.carry(this);
        }
    }

    /// Floats that [#writeScene] writes at most.
    static final int SCENE = 7 + 4 * ZONES + 3 * MOST_BLOCKS;

    /// Floats that [#writeMoment] writes at most.
    static final int MOMENT = 8 + 5 * MOST_BLOCKS;

    /// Floats that [#writeMoment] writes for this many blocks.
    static int momentSize(int blocks) {
        return 8 + 5 * blocks;
    }

    /// Takes over everything from another table.
    void set(World other) {
        var stored = new float[Math.max(SCENE, MOMENT)];
        other.writeScene(stored, 0);
        readScene(stored, 0);
        other.writeMoment(stored, 0);
        readMoment(stored, 0);
    }

    /// Stores what stays the same throughout an episode.
    void writeScene(float[] out, int at) {
        out[at++] = count;
        out[at++] = route;
        out[at++] = turning ? 1 : 0;
        out[at++] = trayX;
        out[at++] = trayY;
        out[at++] = buttonX;
        out[at++] = buttonY;
        for (int k = 0; k < ZONES; k++) {
            out[at++] = zoneX[k];
            out[at++] = zoneY[k];
            out[at++] = zoneColour[k];
            out[at++] = glyph[k];
        }
        for (int i = 0; i < count; i++) {
            out[at++] = kind[i];
            out[at++] = startX[i];
            out[at++] = startY[i];
        }
    }

    /// Restores what [#writeScene] stored.
    void readScene(float[] in, int at) {
        count = (int) in[at++];
        route = (int) in[at++];
        turning = in[at++] > 0;
        trayX = in[at++];
        trayY = in[at++];
        buttonX = in[at++];
        buttonY = in[at++];
        for (int k = 0; k < ZONES; k++) {
            zoneX[k] = in[at++];
            zoneY[k] = in[at++];
            zoneColour[k] = (int) in[at++];
            glyph[k] = (int) in[at++];
        }
        for (int i = 0; i < count; i++) {
            kind[i] = (int) in[at++];
            startX[i] = in[at++];
            startY[i] = in[at++];
        }
    }

    /// Stores what changes from step to step.
    void writeMoment(float[] out, int at) {
        out[at++] = x;
        out[at++] = y;
        out[at++] = z;
        out[at++] = yaw;
        out[at++] = closed ? 1 : 0;
        out[at++] = pressed ? 1 : 0;
        out[at++] = held;
        out[at++] = stage;
        for (int i = 0; i < count; i++) {
            out[at++] = bx[i];
            out[at++] = by[i];
            out[at++] = bz[i];
            out[at++] = turn[i];
            out[at++] = support[i];
        }
    }

    /// Restores what [#writeMoment] stored; the scene comes first.
    void readMoment(float[] in, int at) {
        x = in[at++];
        y = in[at++];
        z = in[at++];
        yaw = in[at++];
        closed = in[at++] > 0;
        pressed = in[at++] > 0;
        held = (int) in[at++];
        stage = (int) in[at++];
        for (int i = 0; i < count; i++) {
            bx[i] = in[at++];
            by[i] = in[at++];
            bz[i] = in[at++];
            turn[i] = in[at++];
            support[i] = (int) in[at++];
        }
    }
}
