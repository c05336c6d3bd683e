package dev.orrery.env.platformer;

/// Sprites, backgrounds and colours, made once. Index 0 lets through what is behind.
final class PlatformerArt {

    private static final int SPAN = 256, SIZE = 64, COLOURS = 32;

    /// Indices of the palette.
    private static final byte SKY = 1, CLOUD = 5, MOUNTAIN = 7, HILL = 9, TURF = 11, EARTH = 13;

    private static final byte PLANK = 15, CRATE = 17, LAVA = 19, SPIKE = 21, WALKER = 23;
    private static final byte COIN = 26, PLAYER = 28;

    /// For each theme the colours from index 1 to 27; two of the player follow.
    private static final int[][] THEMES = {
        {
            0x6fb7ff, 0x86c4ff, 0x9ed1ff, 0xb6ddff, 0xffffff, 0xe6f2ff, 0x7d8fb3, 0x93a4c4,
                    0x5fa35f,
            0x74b36b, 0x3f8f3f, 0x57a94b, 0x7a5230, 0x8d6239, 0xb5833f, 0x8f6530, 0xa8702f,
                    0x7a4d1d,
            0xff5a1f, 0xffa12e, 0xb9c2cc, 0x7f8a96, 0x6a3fa0, 0x8a5cc2, 0xf5f0ff, 0xffc83d, 0xd99a1e
        },
        {
            0x231942, 0x2f2357, 0x3c2e6c, 0x4a3a82, 0x6d6192, 0x594d80, 0x2a2144, 0x342a52,
                    0x1f3b4d,
            0x284a5e, 0x27706b, 0x319188, 0x3b3355, 0x484066, 0x7b6f9c, 0x5c5278, 0x6b5b95,
                    0x4c406e,
            0xe6455a, 0xff8f70, 0x9fb4c8, 0x66788a, 0xc24f6b, 0xe07a8f, 0xfff0f0, 0xf2d16b, 0xbf9a3a
        },
        {
            0xffb36b, 0xffc285, 0xffd09e, 0xffdeb8, 0xfff2dd, 0xffe6c4, 0xb3654a, 0xc47a5c,
                    0xa0703c,
            0xb2824a, 0xc2a14d, 0xd4b55f, 0x94532e, 0xa8643b, 0x7d5a38, 0x624527, 0x8c6239,
                    0x6a4526,
            0xd92b1f, 0xff7429, 0xd9d2c5, 0x9e968a, 0x4d6b3c, 0x688a52, 0xf2f7e8, 0xffe14d, 0xcc9f1f
        },
        {
            0xa8d8e0, 0xbbe2e8, 0xcdecf0, 0xdff5f7, 0xfafeff, 0xeaf6fa, 0x8fa9bd, 0xa5bccd,
                    0xb4cbd8,
            0xc6d9e3, 0xe8f3f8, 0xf7fbfd, 0x6f8798, 0x8299a8, 0x9a7f66, 0x7c6450, 0xa68a6d,
                    0x846b52,
            0x2f6fd0, 0x5c9bf0, 0x8896a3, 0x5b6873, 0x3a4f66, 0x55708c, 0xe0f0ff, 0xffb52e, 0xc77f12
        }
    };

    private static final String[] PLAYER_STAND = {
        "..1111..",
        ".111111.",
        ".112121.",
        ".111111.",
        "..1221..",
        ".122221.",
        "..1..1..",
        ".11..11."
    };
    private static final String[] PLAYER_STRIDE = {
        "..1111..",
        ".111111.",
        ".112121.",
        ".111111.",
        "..1221..",
        ".122221.",
        "..1.1...",
        "..1..11."
    };
    private static final String[] PLAYER_JUMP = {
        "..1111..",
        ".111111.",
        ".112121.",
        "1111111.",
        "1.122211",
        "..2222..",
        ".1....1.",
        "1......1"
    };
    private static final String[] WALKER_ONE = {
        "........",
        "..1111..",
        ".111111.",
        ".131131.",
        ".111111.",
        "11222211",
        ".2.22.2.",
        ".2....2."
    };
    private static final String[] WALKER_TWO = {
        "........",
        "..1111..",
        ".111111.",
        ".131131.",
        ".111111.",
        "11222211",
        "..2222..",
        "..2..2.."
    };
    private static final String[] COIN_ROWS = {
        "..1111..",
        ".112211.",
        "11211211",
        "11211211",
        "11211211",
        "11211211",
        ".112211.",
        "..1111.."
    };
    private static final String[] CRATE_ROWS = {
        "22222222",
        "21111112",
        "21211212",
        "21122112",
        "21122112",
        "21211212",
        "21111112",
        "22222222"
    };
    private static final String[] SPIKE_ROWS = {
        "...1....",
        "...1...1",
        "..112..1",
        "..112.11",
        ".1112.11",
        ".11121.1",
        "11112111",
        "22222222"
    };

    private final byte[][] palettes = new byte[THEMES.length][];
    private final byte[][] players = {
        sprite(PLAYER, PLAYER_STAND), sprite(PLAYER, PLAYER_STRIDE), sprite(PLAYER, PLAYER_JUMP)
    };
    private final byte[][] walkers = {sprite(WALKER, WALKER_ONE), sprite(WALKER, WALKER_TWO)};
    private final byte[] coin = sprite(COIN, COIN_ROWS);
    private final byte[][] tiles = {
        new byte[64],
        grain(EARTH),
        planks(),
        sprite(CRATE, CRATE_ROWS),
        waves(),
        sprite(SPIKE, SPIKE_ROWS)
    };
    private final byte[] turf = turf();
    private final Layer clouds = Layer.of(puffs());
    private final Layer mountains = Layer.of(ridge(MOUNTAIN, 40, 64, 18));
    private final Layer hills = Layer.of(ridge(HILL, 50, 32, 8));

    /// A background that repeats every 256 pixels.
    ///
    /// @param pixels 64 rows of indices
    /// @param used which rows hold anything
    record Layer(byte[] pixels, boolean[] used) {

        static Layer of(byte[] pixels) {
            var used = new boolean[SIZE];
            for (int i = 0; i < pixels.length; i++) {
                used[i / SPAN] |= pixels[i] != 0;
            }
            return new Layer(pixels, used);
        }
    }

    PlatformerArt() {
        for (int theme = 0; theme < THEMES.length; theme++) {
            palettes[theme] = new byte[COLOURS * 3];
            for (int i = 0; i < THEMES[theme].length; i++) {
                set(palettes[theme], i + 1, THEMES[theme][i]);
            }
            set(palettes[theme], PLAYER, PlatformerPainter.PLAYER_COLOURS[0]);
            set(palettes[theme], PLAYER + 1, PlatformerPainter.PLAYER_COLOURS[1]);
        }
    }

    private static void set(byte[] palette, int index, int colour) {
        palette[3 * index] = (byte) (colour >> 16);
        palette[3 * index + 1] = (byte) (colour >> 8);
        palette[3 * index + 2] = (byte) colour;
    }

    byte[] palette(int theme) {
        return palettes[theme];
    }

    byte sky(int y) {
        return (byte) (SKY + y / 16);
    }

    Layer clouds() {
        return clouds;
    }

    Layer mountains() {
        return mountains;
    }

    Layer hills() {
        return hills;
    }

    byte[] player(int pose) {
        return players[pose];
    }

    byte[] walker(int pose) {
        return walkers[pose];
    }

    byte[] coin() {
        return coin;
    }

    /// @param covered whether the tile above is ground, too
    byte[] tile(byte kind, boolean covered) {
        return kind == Level.GROUND && !covered ? turf : tiles[kind];
    }

    private static byte[] sprite(byte first, String... rows) {
        var pixels = new byte[64];
        for (int i = 0; i < 64; i++) {
            char letter = rows[i / 8].charAt(i % 8);
            pixels[i] = letter == '.' ? 0 : (byte) (first + letter - '1');
        }
        return pixels;
    }

    private static byte[] grain(byte first) {
        var pixels = new byte[64];
        for (int i = 0; i < 64; i++) {
            pixels[i] = (byte) (first + ((i % 8 * 5 + i / 8 * 3) % 7 < 2 ? 1 : 0));
        }
        return pixels;
    }

    private static byte[] turf() {
        var pixels = grain(EARTH);
        for (int x = 0; x < 8; x++) {
            pixels[x] = TURF + 1;
            pixels[8 + x] = TURF;
            if (x % 3 == 0) {
                pixels[16 + x] = TURF;
            }
        }
        return pixels;
    }

    private static byte[] planks() {
        var pixels = new byte[64];
        for (int x = 0; x < 8; x++) {
            pixels[x] = PLANK;
            pixels[8 + x] = PLANK;
            pixels[16 + x] = PLANK + 1;
        }
        return pixels;
    }

    private static byte[] waves() {
        var pixels = new byte[64];
        for (int i = 8; i < 64; i++) {
            boolean crest = i / 8 == 1 && i % 4 < 2;
            boolean spark = i / 8 > 1 && (i % 8 + i / 8 * 3) % 6 == 0;
            pixels[i] = i / 8 == 1 && !crest ? 0 : (spark || crest ? LAVA + 1 : LAVA);
        }
        return pixels;
    }

    private static byte[] puffs() {
        var pixels = new byte[SPAN * SIZE];
        int[][] places = {
            {20, 10, 9}, {30, 8, 7}, {96, 18, 8}, {104, 16, 10}, {170, 7, 8}, {225, 14, 9}
        };
        for (var puff : places) {
            for (int y = 0; y < SIZE; y++) {
                for (int x = 0; x < SPAN; x++) {
                    int dx = x - puff[0], dy = 2 * (y - puff[1]);
                    if (dx * dx + dy * dy <= puff[2] * puff[2]) {
                        pixels[y * SPAN + x] = dy > puff[2] / 2 ? CLOUD + 1 : CLOUD;
                    }
                }
            }
        }
        return pixels;
    }

    /// A ridge of triangles: the first colour on the left slope, the second on the right.
    private static byte[] ridge(byte first, int base, int period, int height) {
        var pixels = new byte[SPAN * SIZE];
        for (int x = 0; x < SPAN; x++) {
            int along = x % period, half = period / 2;
            int rise = (along < half ? along : period - along) * 2 * height / period;
            int lower = x / period % 2 == 0 ? 0 : height / 3;
            for (int y = Math.max(0, base - rise + lower); y < SIZE; y++) {
                pixels[y * SPAN + x] = (byte) (along < half ? first : first + 1);
            }
        }
        return pixels;
    }
}
