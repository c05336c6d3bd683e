package dev.orrery.env.homegrid;

/// Paints plain shapes on a square of RGB pixels; what lies outside is left out.
final class TileBrush {

    private final int size;
    private final byte[] rgb;

    TileBrush(int size) {
        this.size = size;
        this.rgb = new byte[size * size * 3];
    }

    TileBrush fill(int colour) {
        return box(0, 0, size, size, colour);
    }

    TileBrush box(int x, int y, int width, int height, int colour) {
        for (int row = y; row < y + height; row++) {
            for (int column = x; column < x + width; column++) {
                dot(column, row, colour);
            }
        }
        return this;
    }

    TileBrush disc(int x, int y, int radius, int colour) {
        for (int dy = -radius; dy <= radius; dy++) {
            for (int dx = -radius; dx <= radius; dx++) {
                if (dx * dx + dy * dy <= radius * radius) {
                    dot(x + dx, y + dy, colour);
                }
            }
        }
        return this;
    }

    private void dot(int x, int y, int colour) {
        if (x >= 0 && y >= 0 && x < size && y < size) {
            int at = (y * size + x) * 3;
            rgb[at] = (byte) (colour >> 16);
            rgb[at + 1] = (byte) (colour >> 8);
            rgb[at + 2] = (byte) colour;
        }
    }

    /// The colour half-way between two.
    static int blend(int one, int other) {
        return ((one & 0xfefefe) >> 1) + ((other & 0xfefefe) >> 1);
    }

    byte[] pixels() {
        return rgb;
    }
}
