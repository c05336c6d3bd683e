package dev.orrery.env.messenger;

import dev.orrery.env.Image;
import java.util.function.IntUnaryOperator;

/// Draws a grid of plain coloured pieces.
final class MessengerPainter {

    private static final int GROUND = 0x1f2132;

    /// Colours by layer.
    private static final int[] COLOURS = {
        0, 0, 0x8fc7f2, 0x9b59b6, 0xa0522d, 0x2ecc71, 0x1abc9c, 0xecf0f1, 0x34495e, 0xd35400,
        0xe74c3c, 0x95a5a6, 0xff69b4, 0xc0c0ff, 0x7f8c8d, 0xf39c12, 0xfff04d
    };

    private MessengerPainter() {}

    static Image paint(
            MessengerConfig.Window window, int scale, Board board, IntUnaryOperator layers) {
        int width = window.width() * scale, height = window.height() * scale;
        var rgb = new byte[width * height * 3];
        var ground = new byte[3];
        dot(ground, 0, GROUND);
        for (int i = 0; i < rgb.length; i += 3) {
            System.arraycopy(ground, 0, rgb, i, 3);
        }
        for (int piece = Board.PIECES - 1; piece >= 0; piece--) {
            if (board.present(piece)) {
                int left = (board.x(piece) - 2 * window.x()) * scale / 2;
                int top = (board.y(piece) - 2 * window.y()) * scale / 2;
                int colour = COLOURS[layers.applyAsInt(piece)];
                int margin = piece == Board.AVATAR ? scale / 4 : 1;
                for (int y = top + margin; y < top + scale - margin; y++) {
                    for (int x = left + margin; x < left + scale - margin; x++) {
                        if (x >= 0 && y >= 0 && x < width && y < height) {
                            dot(rgb, (y * width + x) * 3, colour);
                        }
                    }
                }
            }
        }
        return new Image(height, width, rgb);
    }

    private static void dot(byte[] rgb, int at, int colour) {
        rgb[at] = (byte) (colour >> 16);
        rgb[at + 1] = (byte) (colour >> 8);
        rgb[at + 2] = (byte) colour;
    }
}
