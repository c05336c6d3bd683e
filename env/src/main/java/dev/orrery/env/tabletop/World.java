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

    /// Takes over everything from another table.
    void set(World other) {
        x = other.x;
        y = other.y;
        z = other.z;
        yaw = other.yaw;
        closed = other.closed;
        pressed = other.pressed;
        held = other.held;
        stage = other.stage;
        count = other.count;
        trayX = other.trayX;
        trayY = other.trayY;
        buttonX = other.buttonX;
        buttonY = other.buttonY;
        turning = other.turning;
        System.arraycopy(other.kind, 0, kind, 0, MOST_BLOCKS);
        System.arraycopy(other.support, 0, support, 0, MOST_BLOCKS);
        System.arraycopy(other.bx, 0, bx, 0, MOST_BLOCKS);
        System.arraycopy(other.by, 0, by, 0, MOST_BLOCKS);
        System.arraycopy(other.bz, 0, bz, 0, MOST_BLOCKS);
        System.arraycopy(other.turn, 0, turn, 0, MOST_BLOCKS);
        System.arraycopy(other.startX, 0, startX, 0, MOST_BLOCKS);
        System.arraycopy(other.startY, 0, startY, 0, MOST_BLOCKS);
        System.arraycopy(other.zoneX, 0, zoneX, 0, ZONES);
        System.arraycopy(other.zoneY, 0, zoneY, 0, ZONES);
        System.arraycopy(other.zoneColour, 0, zoneColour, 0, ZONES);
        System.arraycopy(other.glyph, 0, glyph, 0, ZONES);
    }
}
