package dev.orrery.env.platformer;

import dev.orrery.env.Dice;
import java.util.Arrays;

/// A course of 64 x 8 tiles of 8 pixels.
///
/// Rows from the top, a character a tile: space air, `#` ground, `=` platform that can be entered
/// from below, `c` crate, `~` lava, `^` spikes, `w` air with a walker, `o` the coin, `P` the start.
public final class Level {

    /// Tiles across and down, pixels a tile, and the number of themes.
    public static final int COLUMNS = 64, ROWS = 8, TILE = 8, THEMES = 4;

    /// Pixels across and down.
    static final int WIDTH = COLUMNS * TILE, HEIGHT = ROWS * TILE;

    private static final String KINDS = " #=c~^";
    static final byte AIR = 0, GROUND = 1, PLATFORM = 2, CRATE = 3, LAVA = 4, SPIKES = 5;

    private final byte[] tiles = new byte[COLUMNS * ROWS];
    private final int theme;
    private final int[] walkers;
    private final int start, coin;

    private Level(String[] rows, int theme) {
        this.theme = theme;
        int starts = -1, coins = -1;
        var found = new int[COLUMNS * ROWS];
        int count = 0;
        for (int at = 0; at < tiles.length; at++) {
            char kind = rows[at / COLUMNS].charAt(at % COLUMNS);
            switch (kind) {
                case 'P' -> starts = at;
                case 'o' -> coins = at;
                case 'w' -> found[count++] = at;
                default -> tiles[at] = kind(kind, at);
            }
        }
        if (starts < 0 || coins < 0) {
            throw new IllegalArgumentException(
                    "level has no %s; put one %s somewhere"
                            .formatted(starts < 0 ? "start" : "coin", starts < 0 ? "'P'" : "'o'"));
        }
        start = starts;
        coin = coins;
        walkers = Arrays.copyOf(found, count);
    }

    private static byte kind(char letter, int at) {
        int kind = KINDS.indexOf(letter);
        if (kind < 0) {
            throw new IllegalArgumentException(
                    "level has '%s' in row %d, column %d; choose one of '%swoP'"
                            .formatted(letter, at / COLUMNS, at % COLUMNS, KINDS));
        }
        return (byte) kind;
    }

    /// The level of these rows.
    ///
    /// @param theme colours, 0 to 3
    /// @throws IllegalArgumentException if there are not 8 rows of 64 known characters with a start
    ///   and a coin
    public static Level parse(int theme, String... rows) {
        if (theme < 0 || theme >= THEMES) {
            throw new IllegalArgumentException("theme %d; choose 0 to 3".formatted(theme));
        }
        if (rows.length != ROWS) {
            throw new IllegalArgumentException(
                    "level has %d rows; it needs %d".formatted(rows.length, ROWS));
        }
        for (int row = 0; row < ROWS; row++) {
            if (rows[row].length() != COLUMNS) {
                throw new IllegalArgumentException(
                        "level has %d tiles in row %d; it needs %d"
                                .formatted(rows[row].length(), row, COLUMNS));
            }
        }
        return new Level(rows, theme);
    }

    /// The level of a seed: sections of three to eight tiles from left to right.
    public static Level of(long seed) {
        var dice = Dice.of(seed, 17);
        int theme = dice.nextInt(THEMES);
        return parse(theme, new LevelBuilder(dice).build());
    }

    byte tile(int column, int row) {
        boolean outside = column < 0 || row < 0 || column >= COLUMNS || row >= ROWS;
        return outside ? AIR : tiles[row * COLUMNS + column];
    }

    static boolean solid(byte tile) {
        return tile == GROUND || tile == CRATE;
    }

    static boolean deadly(byte tile) {
        return tile == LAVA || tile == SPIKES;
    }

    /// Colours, 0 to 3.
    public int theme() {
        return theme;
    }

    int walkers() {
        return walkers.length;
    }

    int walkerX(int walker) {
        return walkers[walker] % COLUMNS * TILE;
    }

    int walkerY(int walker) {
        return walkers[walker] / COLUMNS * TILE;
    }

    int startX() {
        return start % COLUMNS * TILE;
    }

    int startY() {
        return start / COLUMNS * TILE;
    }

    int coinX() {
        return coin % COLUMNS * TILE;
    }

    int coinY() {
        return coin / COLUMNS * TILE;
    }

    /// The rows as [#parse] reads them.
    public String[] rows() {
        var rows = new String[ROWS];
        for (int row = 0; row < ROWS; row++) {
            var text = new StringBuilder();
            for (int column = 0; column < COLUMNS; column++) {
                int at = row * COLUMNS + column;
                boolean walker = Arrays.stream(walkers).anyMatch(w -> w == at);
                text.append(
                        at == start
                                ? 'P'
                                : at == coin ? 'o' : walker ? 'w' : KINDS.charAt(tiles[at]));
            }
            rows[row] = text.toString();
        }
        return rows;
    }
}
