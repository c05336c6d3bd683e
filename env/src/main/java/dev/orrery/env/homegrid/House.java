package dev.orrery.env.homegrid;

import java.util.ArrayList;
import java.util.List;

/// The map of the house: 14 x 12 cells, (0, 0) top left, a cell's number is `y * 14 + x`.
///
/// `W` wall, `.` nothing, `K`, `L`, `D` the floors of the rooms; a lower-case letter is furniture
/// that stands on that floor and is in the way.
final class House {

    static final int WIDTH = 14, HEIGHT = 12, CELLS = WIDTH * HEIGHT;

    private static final String[] ROOMS = {
        "......WWWWWWWW",
        "......WLLLLLLW",
        "......WLLLLLLW",
        "......WLLLLLLW",
        "......WLLLLLLW",
        "WWWWWWWWLLLLLW",
        "WKKKKKKWDDDDDW",
        "WKKKKKKKDDDDDW",
        "WKKKKKKKDDDDDW",
        "WKKKKKKKDDDDDW",
        "WKKKKKKWDDDDDW",
        "WWWWWWWWWWWWWW"
    };
    private static final String[] FURNITURE = {
        "......WWWWWWWW",
        "......WnhlhLmW",
        "......WiLLLLLW",
        "......WiLjkLLW",
        "......WLLLLLLW",
        "WWWWWWWWLLLLLW",
        "WaabbacWDDDDDW",
        "WKKKKKKKDDDDDW",
        "WKKKKKKKDegfDW",
        "WKKKKKKKDegfDW",
        "WddddddWDDDDDW",
        "WWWWWWWWWWWWWW"
    };

    /// Names of the furniture, by letter from `a` on.
    static final List<String> FURNITURE_NAMES =
            List.of(
                    "cupboard",
                    "stove",
                    "fridge",
                    "countertop",
                    "chairl",
                    "chairr",
                    "table",
                    "sofa",
                    "sofa_side",
                    "rugl",
                    "rugr",
                    "coffeetable",
                    "cabinet",
                    "plant");

    /// Where objects may appear, and where bins may stand.
    static final int[] OBJECT_CELLS = {
        cell(9, 1), cell(8, 2), cell(12, 2), cell(7, 4), cell(2, 6),
        cell(5, 6), cell(10, 8), cell(10, 9), cell(2, 10), cell(3, 10)
    };

    static final int[] BIN_CELLS = {cell(11, 1), cell(1, 9), cell(12, 10)};

    /// Where the agent may start.
    static final int[] START_CELLS = starts();

    private static final byte[] ROOM = new byte[CELLS];
    private static final boolean[] WALL = new boolean[CELLS];
    private static final byte[] FURNISHED = new byte[CELLS];

    static {
        for (int cell = 0; cell < CELLS; cell++) {
            char room = ROOMS[cell / WIDTH].charAt(cell % WIDTH);
            char item = FURNITURE[cell / WIDTH].charAt(cell % WIDTH);
            ROOM[cell] = (byte) "KLD".indexOf(room);
            WALL[cell] = room == 'W';
            FURNISHED[cell] = (byte) (Character.isLowerCase(item) ? item - 'a' : -1);
        }
    }

    private House() {}

    static int cell(int x, int y) {
        return y * WIDTH + x;
    }

    /// The number of the room that a cell belongs to, -1 for none.
    static int room(int cell) {
        return cell < 0 ? -1 : ROOM[cell];
    }

    static boolean wall(int cell) {
        return WALL[cell];
    }

    /// The number of the furniture on a cell, -1 for none.
    static int furniture(int cell) {
        return FURNISHED[cell];
    }

    /// Whether one may walk there if nothing lies in the way.
    static boolean walkable(int cell) {
        return !WALL[cell] && FURNISHED[cell] < 0;
    }

    private static int[] starts() {
        var cells = new ArrayList<Integer>();
        for (int y = 2; y <= 10; y++) {
            int from = y >= 7 && y <= 9 ? 1 : 8;
            for (int x = from; x <= 12; x++) {
                boolean behindTable = (y == 8 || y == 9) && x > 8 && x < 12;
                if (!behindTable) {
                    cells.add(cell(x, y));
                }
            }
        }
        return cells.stream().mapToInt(Integer::intValue).toArray();
    }
}
