package dev.orrery.env.langroom;

import dev.orrery.env.Image;

/// Draws the cells around the agent with plain shapes: a disc, a stripe, a table and a vase.
final class LangRoomPainter {

    /// Cells that hold no thing; a thing of a colour has the number `4 * thing + colour`.
    static final int FLOOR = 16, WALL = 17, AGENT = 18;

    private static final int SIZE = 64;
    private static final int[] COLOURS = {0xff4d1a, 0x1ab333, 0x1a4dff, 0xffe600};
    private static final int GROUND = 0xb9a58c, BRICK = 0x50545c, SKIN = 0xf2f2f2;

    private LangRoomPainter() {}

    static Image paint(int[] cells, int side) {
        int cell = SIZE / side, margin = (SIZE - side * cell) / 2;
        var rgb = new byte[SIZE * SIZE * 3];
        for (int i = 0; i < cells.length; i++) {
            int left = margin + i % side * cell, top = margin + i / side * cell;
            for (int y = 0; y < cell; y++) {
                for (int x = 0; x < cell; x++) {
                    int at = ((top + y) * SIZE + left + x) * 3;
                    int colour = colour(cells[i], 2 * x + 1 - cell, 2 * y + 1 - cell, cell);
                    rgb[at] = (byte) (colour >> 16);
                    rgb[at + 1] = (byte) (colour >> 8);
                    rgb[at + 2] = (byte) colour;
                }
            }
        }
        return new Image(SIZE, SIZE, rgb);
    }

    /// @param dx twice the distance from the middle of the cell, to the right
    /// @param dy twice the distance from the middle, downwards
    private static int colour(int kind, int dx, int dy, int size) {
        if (kind == WALL) {
            return BRICK;
        }
        int round = dx * dx + dy * dy;
        if (kind == AGENT) {
            return round * 4 <= size * size * 2 ? SKIN : GROUND;
        }
        if (kind == FLOOR) {
            return GROUND;
        }
        boolean inside =
                switch (kind / 4) {
                    case 0 -> round * 2 <= size * size;
                    case 1 -> Math.abs(dy) * 2 <= size;
                    case 2 -> dy < 0 ? -dy * 2 <= size : Math.abs(dx) * 2 >= size;
                    default -> Math.abs(dx) * 4 <= size + dy;
                };
        return inside ? COLOURS[kind % 4] : GROUND;
    }
}
