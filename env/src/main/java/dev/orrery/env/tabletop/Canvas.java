package dev.orrery.env.tabletop;

/// A square picture that shapes are painted on, with smooth edges.
///
/// Squares that lie straight cover their pixels exactly; everything else goes through a [Mask].
/// Colours are blended in whole numbers and positions use only the four rules of float arithmetic
/// and rounding down, so pictures are equal bit for bit on every machine.
final class Canvas {

    /// Full cover of a pixel, and full opacity.
    static final int FULL = 256;

    private final byte[] rgb;
    private final int offset, size;

    /// @param rgb where `size * size * 3` bytes are written, rows from the top
    /// @param offset the first byte to write
    Canvas(byte[] rgb, int offset, int size) {
        this.rgb = rgb;
        this.offset = offset;
        this.size = size;
    }

    void fill(int colour) {
        for (int i = 0; i < 3 * size; i += 3) {
            rgb[offset + i] = (byte) (colour >> 16);
            rgb[offset + i + 1] = (byte) (colour >> 8);
            rgb[offset + i + 2] = (byte) colour;
        }
        for (int row = 1; row < size; row++) {
            System.arraycopy(rgb, offset, rgb, offset + 3 * size * row, 3 * size);
        }
    }

    /// Paints a straight rectangle around a centre; lengths in pixels.
    ///
    /// @param alpha opacity, 0 to [#FULL]
    void rectangle(float cx, float cy, float halfWidth, float halfHeight, int colour, int alpha) {
        float left = cx - halfWidth, right = cx + halfWidth;
        float top = cy - halfHeight, bottom = cy + halfHeight;
        if (right <= 0 || bottom <= 0 || left >= size || top >= size) {
            return;
        }
        int firstRow = Math.max(0, (int) top), lastRow = Math.min(size - 1, (int) bottom);
        int first = Math.max(0, (int) left), last = Math.min(size - 1, (int) right);
        for (int row = firstRow; row <= lastRow; row++) {
            int high = (int) (FULL * (Math.min(bottom, row + 1) - Math.max(top, row)));
            for (int column = first; column <= last; column++) {
                int wide = (int) (FULL * (Math.min(right, column + 1) - Math.max(left, column)));
                blend(row * size + column, colour, (wide * high >> 8) * alpha);
            }
        }
    }

    /// Paints an outline around a centre, turned by the angle whose cosine and sine are given;
    /// lengths in pixels.
    void outline(
            Mask.Outline outline,
            float cx,
            float cy,
            float halfWidth,
            float halfHeight,
            float cos,
            float sin,
            int colour,
            int alpha) {
        if (outline == Mask.Outline.SQUARE && sin == 0) {
            rectangle(cx, cy, halfWidth, halfHeight, colour, alpha);
            return;
        }
        int fineX = (int) Math.floor(cx * Mask.FINE), fineY = (int) Math.floor(cy * Mask.FINE);
        int subX = fineX & (Mask.FINE - 1), subY = fineY & (Mask.FINE - 1);
        var mask = Mask.of(outline, halfWidth, halfHeight, cos, sin, subX, subY);
        int top = (fineY - subY) / Mask.FINE - mask.reach();
        int left = (fineX - subX) / Mask.FINE - mask.reach();
        for (int row = Math.max(0, -top); row < mask.side() && top + row < size; row++) {
            int at = row * mask.side();
            for (int c = Math.max(0, -left); c < mask.side() && left + c < size; c++) {
                int cover = mask.cover()[at + c];
                if (cover != 0) {
                    blend((top + row) * size + left + c, colour, cover * alpha);
                }
            }
        }
    }

    /// Mixes a colour into a pixel; `weight` is cover times opacity, 0 to 65536.
    private void blend(int pixel, int colour, int weight) {
        int i = offset + 3 * pixel;
        int r = rgb[i] & 0xff, g = rgb[i + 1] & 0xff, b = rgb[i + 2] & 0xff;
        rgb[i] = (byte) (r + (((colour >> 16 & 0xff) - r) * weight + 0x8000 >> 16));
        rgb[i + 1] = (byte) (g + (((colour >> 8 & 0xff) - g) * weight + 0x8000 >> 16));
        rgb[i + 2] = (byte) (b + (((colour & 0xff) - b) * weight + 0x8000 >> 16));
    }

    /// Multiplies the channels by gains, 256 being one.
    void light(int red, int green, int blue) {
        for (int i = offset, end = offset + 3 * size * size; i < end; i += 3) {
            rgb[i] = (byte) Math.min(255, (rgb[i] & 0xff) * red >> 8);
            rgb[i + 1] = (byte) Math.min(255, (rgb[i + 1] & 0xff) * green >> 8);
            rgb[i + 2] = (byte) Math.min(255, (rgb[i + 2] & 0xff) * blue >> 8);
        }
    }
}
