package dev.orrery.env.platformer;

import dev.orrery.env.Dice;
import java.util.Arrays;

/// Lays out the sections of a level from left to right.
final class LevelBuilder {

    private static final int SAFE_START = 5, SAFE_END = 6, HIGHEST = 4;

    private final Dice dice;
    private final char[][] tiles = new char[Level.ROWS][Level.COLUMNS];
    private int column, height = 2;

    LevelBuilder(Dice dice) {
        this.dice = dice;
        for (var row : tiles) {
            Arrays.fill(row, ' ');
        }
    }

    String[] build() {
        ground(SAFE_START);
        put(1, height, 'P');
        while (column < Level.COLUMNS - SAFE_END - 8) {
            section();
        }
        ground(Level.COLUMNS - column);
        put(Level.COLUMNS - 3, height, 'o');
        return Arrays.stream(tiles).map(String::new).toArray(String[]::new);
    }

    private void section() {
        switch (dice.nextInt(6)) {
            case 0 -> ground(3 + dice.nextInt(4));
            case 1 -> step();
            case 2 -> pit();
            case 3 -> platform();
            case 4 -> crates();
            default -> walker();
        }
    }

    /// A step up or down by at most three tiles, then level ground.
    private void step() {
        int before = height;
        do {
            height = 1 + dice.nextInt(HIGHEST);
        } while (height == before);
        ground(3 + dice.nextInt(4));
    }

    /// A pit of two to four tiles with something deadly at its bottom, then ground to land on.
    private void pit() {
        char bottom = dice.nextInt(2) == 0 ? '~' : '^';
        int width = 2 + dice.nextInt(3);
        for (int k = 0; k < width; k++) {
            tiles[Level.ROWS - 1][column++] = bottom;
        }
        ground(4);
    }

    /// Ground with a platform above it, two or three tiles up.
    private void platform() {
        int from = column, width = 4 + dice.nextInt(4), up = 2 + dice.nextInt(2);
        ground(width);
        for (int k = from + 1; k < column - 1; k++) {
            put(k, height + up - 1, '=');
        }
    }

    /// Ground with one or two crates on each other in its middle.
    private void crates() {
        int from = column;
        ground(5 + dice.nextInt(3));
        for (int k = 0; k <= dice.nextInt(2); k++) {
            put(from + 3, height + k, 'c');
        }
    }

    /// Level ground with a walker between two crates or edges.
    private void walker() {
        int from = column;
        ground(7);
        put(from + 4 + dice.nextInt(2), height, 'w');
    }

    private void ground(int width) {
        for (int k = 0; k < width; k++, column++) {
            for (int up = 0; up < height; up++) {
                put(column, up, '#');
            }
        }
    }

    private void put(int at, int up, char tile) {
        tiles[Level.ROWS - 1 - up][at] = tile;
    }
}
