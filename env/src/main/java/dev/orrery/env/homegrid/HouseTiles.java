package dev.orrery.env.homegrid;

/// The tiles of the house: 32 x 32 RGB pixels each, drawn when first asked for and kept.
final class HouseTiles {

    private static final int SIZE = 32;
    private static final int WALL_COLOUR = 0x646464, RED = 0xff0000, SKIN = 0x3f6fd8;

    /// Two shades a room, laid as tiles, carpet and planks.
    private static final int[][] FLOORS = {
        {0xe8e8ee, 0xd4d8e2}, {0xb98a8a, 0xb08080}, {0xc89b5e, 0xb98b50}
    };

    private static final int[] FURNITURE = {
        0x8a5a2b, 0x404048, 0xdfe8ee, 0x9aa3ad, 0x7a4a20, 0x6a3f1a, 0x8f5f30,
        0x5566aa, 0x6677bb, 0xaa3355, 0xaa5533, 0x704820, 0x5f3a18, 0x2f7a35
    };
    private static final int[] OBJECTS = {0x1fa060, 0xd9362b, 0xf7f3d0, 0x8fc7f2};
    private static final int[] BINS = {0x2a62c9, 0x4a4f57, 0x4b8f2c};

    static final byte[] WALL = new TileBrush(SIZE).fill(WALL_COLOUR).pixels();
    private static final byte[] VOID = new TileBrush(SIZE).fill(0xffffff).pixels();

    private static final byte[][] FLOOR = new byte[3 * 15][];
    private static final byte[][] OBJECT = new byte[3 * 15 * Thing.OBJECTS][];
    private static final byte[][] BIN = new byte[3 * 9][];
    private static final byte[][] AGENT = new byte[3 * 4 * 5][];

    static {
        for (int room = 0; room < 3; room++) {
            for (int item = -1; item < FURNITURE.length; item++) {
                int at = room * 15 + item + 1;
                FLOOR[at] = ground(room, item).pixels();
                for (int thing = 0; thing < Thing.OBJECTS; thing++) {
                    OBJECT[at * Thing.OBJECTS + thing] =
                            object(ground(room, item), thing, 16, 16).pixels();
                }
            }
            for (int bin = 0; bin < 3; bin++) {
                for (int lid = 0; lid < 3; lid++) {
                    BIN[room * 9 + bin * 3 + lid] = bin(ground(room, -1), bin, lid).pixels();
                }
            }
            for (int facing = 0; facing < 4; facing++) {
                for (int carried = -1; carried < Thing.OBJECTS; carried++) {
                    AGENT[(room * 4 + facing) * 5 + carried + 1] =
                            agent(ground(room, -1), facing, carried).pixels();
                }
            }
        }
    }

    private HouseTiles() {}

    /// A floor with its furniture, -1 for none; white outside the house.
    static byte[] floor(int room, int furniture) {
        return room < 0 ? VOID : FLOOR[room * 15 + furniture + 1];
    }

    /// An object on a floor or on furniture.
    static byte[] object(int room, int furniture, int thing) {
        return OBJECT[(room * 15 + furniture + 1) * Thing.OBJECTS + thing];
    }

    /// A bin in one of its three states.
    static byte[] bin(int room, int bin, int lid) {
        return BIN[room * 9 + (bin - Thing.OBJECTS) * 3 + lid];
    }

    /// The agent over what it carries, -1 for nothing.
    static byte[] agent(int room, int facing, int carried) {
        return AGENT[(room * 4 + facing) * 5 + carried + 1];
    }

    private static TileBrush ground(int room, int furniture) {
        var brush = new TileBrush(SIZE).fill(FLOORS[room][0]);
        for (int k = 0; k < 4; k++) {
            switch (Room.ALL[room]) {
                case KITCHEN -> brush.box(k % 2 * 16, k / 2 * 16, 15, 15, FLOORS[room][k % 3 / 2]);
                case LIVING -> brush.box(k * 8, 0, 4, SIZE, FLOORS[room][1]);
                case DINING -> brush.box(0, k * 8 + 7, SIZE, 1, FLOORS[room][1]);
            }
        }
        return furniture < 0 ? brush : furnish(brush, furniture);
    }

    private static TileBrush furnish(TileBrush brush, int item) {
        int colour = FURNITURE[item], light = TileBrush.blend(colour, 0xffffff);
        return switch (House.FURNITURE_NAMES.get(item)) {
            case "stove" ->
                    brush.box(1, 1, 30, 30, colour).disc(10, 10, 5, light).disc(22, 22, 5, light);
            case "chairl", "chairr" -> brush.box(6, 6, 20, 20, colour).box(9, 9, 14, 14, light);
            case "sofa", "sofa_side" -> brush.box(0, 3, 32, 26, colour).box(3, 12, 26, 14, light);
            case "rugl", "rugr" -> brush.box(0, 4, 32, 24, colour).box(4, 8, 24, 16, light);
            case "plant" -> brush.box(11, 20, 10, 10, 0x8a5a2b).disc(16, 12, 10, colour);
            case "fridge", "cabinet" ->
                    brush.box(3, 0, 26, 32, colour).box(24, 8, 2, 8, WALL_COLOUR);
            default -> brush.box(0, 2, 32, 28, colour).box(3, 5, 26, 22, light);
        };
    }

    private static TileBrush object(TileBrush brush, int thing, int x, int y) {
        int colour = OBJECTS[thing], dark = TileBrush.blend(colour, 0);
        return switch (Thing.of(thing)) {
            case BOTTLE -> brush.box(x - 4, y - 4, 8, 13, colour).box(x - 2, y - 10, 4, 6, dark);
            case FRUIT -> brush.disc(x, y, 8, colour).box(x - 1, y - 11, 2, 5, 0x2f7a35);
            case PAPERS -> brush.box(x - 8, y - 9, 14, 16, dark).box(x - 6, y - 7, 14, 16, colour);
            case PLATES -> brush.disc(x, y, 10, dark).disc(x, y, 8, colour).disc(x, y, 4, dark);
            case RECYCLING, TRASH, COMPOST -> brush;
        };
    }

    private static TileBrush bin(TileBrush brush, int bin, int lid) {
        int colour = BINS[bin], dark = TileBrush.blend(colour, 0);
        return switch (HouseState.Lid.values()[lid]) {
            case OPEN ->
                    brush.box(6, 12, 20, 18, colour)
                            .box(8, 14, 16, 6, 0x101010)
                            .box(4, 2, 4, 12, dark);
            case CLOSED -> brush.box(6, 12, 20, 18, colour).box(4, 8, 24, 5, dark);
            case BROKEN -> brush.box(2, 6, 18, 20, colour).box(20, 4, 5, 24, dark);
        };
    }

    private static TileBrush agent(TileBrush brush, int facing, int carried) {
        if (carried >= 0) {
            object(brush, carried, 16, 20);
        }
        brush.disc(16, 12, 8, SKIN);
        var way = Facing.of(facing);
        for (int k = 0; k < 7; k++) {
            int half = 6 - k;
            int x = 16 + way.dx * (6 + k), y = 16 + way.dy * (6 + k);
            brush.box(
                    x - (way.dx == 0 ? half : 0),
                    y - (way.dy == 0 ? half : 0),
                    way.dx == 0 ? 2 * half + 1 : 1,
                    way.dy == 0 ? 2 * half + 1 : 1,
                    RED);
        }
        return brush;
    }
}
