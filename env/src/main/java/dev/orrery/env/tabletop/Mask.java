package dev.orrery.env.tabletop;

import java.util.concurrent.ConcurrentHashMap;

/// How much of each pixel an outline covers, from 8 x 8 samples a pixel, with its centre on one of
/// 16 x 16 places within a pixel. Small masks of outlines that lie straight are kept, because they
/// recur in every frame.
///
/// @param reach pixels from the centre's pixel to the mask's edge
/// @param cover `side * side` values from 0 to 256, rows from the top
record Mask(int reach, short[] cover) {

    /// Places within a pixel, along each axis.
    static final int FINE = 16;

    enum Outline {
        SQUARE,
        DISC,
        STAR,
        WEDGE
    }

    private record Key(Outline outline, float halfWidth, float halfHeight, int subX, int subY) {}

    private static final int SAMPLES = 8, LARGEST_KEPT = 24;
    private static final float STAR_LINE = .35f;

    private static final ConcurrentHashMap<Key, Mask> KEPT = new ConcurrentHashMap<>();

    int side() {
        return 2 * reach + 1;
    }

    static Mask of(
            Outline outline,
            float halfWidth,
            float halfHeight,
            float cos,
            float sin,
            int x,
            int y) {
        if (sin != 0 || cos != 1 || halfWidth > LARGEST_KEPT) {
            return draw(outline, halfWidth, halfHeight, cos, sin, x, y);
        }
        var key = new Key(outline, halfWidth, halfHeight, x, y);
        var kept = KEPT.get(key);
        return kept != null
                ? kept
                : KEPT.computeIfAbsent(key, _ -> draw(outline, halfWidth, halfHeight, 1, 0, x, y));
    }

    private static Mask draw(
            Outline outline,
            float halfWidth,
            float halfHeight,
            float cos,
            float sin,
            int x,
            int y) {
        float far = outline == Outline.SQUARE ? halfWidth + halfHeight : 1.2f * halfWidth;
        int reach = 1 + (int) far, side = 2 * reach + 1;
        float cx = reach + (float) x / FINE, cy = reach + (float) y / FINE;
        var cover = new short[side * side];
        for (int row = 0; row < side * SAMPLES; row++) {
            float dy = cy - (row + .5f) / SAMPLES;
            for (int column = 0; column < side * SAMPLES; column++) {
                float dx = (column + .5f) / SAMPLES - cx;
                float u = (cos * dx + sin * dy) / halfWidth;
                float v = (cos * dy - sin * dx) / halfHeight;
                if (inside(outline, u, v)) {
                    cover[row / SAMPLES * side + column / SAMPLES] +=
                            (short) (Canvas.FULL / (SAMPLES * SAMPLES));
                }
            }
        }
        return new Mask(reach, cover);
    }

    private static boolean inside(Outline outline, float u, float v) {
        return switch (outline) {
            case SQUARE -> u <= 1 && u >= -1 && v <= 1 && v >= -1;
            case DISC -> u * u + v * v <= 1;
            case STAR -> star(u, v);
            case WEDGE ->
                    v >= -.8f && .894f * u + .447f * v <= .45f && -.894f * u + .447f * v <= .45f;
        };
    }

    /// Five lines cross in a star; its inside is on the inner side of at least four.
    private static boolean star(float u, float v) {
        int within = v <= STAR_LINE ? 1 : 0;
        within += .9511f * u + .3090f * v <= STAR_LINE ? 1 : 0;
        within += -.9511f * u + .3090f * v <= STAR_LINE ? 1 : 0;
        within += .5878f * u - .8090f * v <= STAR_LINE ? 1 : 0;
        within += -.5878f * u - .8090f * v <= STAR_LINE ? 1 : 0;
        return within >= 4;
    }
}
