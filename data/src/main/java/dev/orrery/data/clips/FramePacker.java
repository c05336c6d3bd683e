package dev.orrery.data.clips;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// Packs the frames of an episode in blocks: palette indices while the episode has no more than 256
/// colours, RGB from then on; each frame less the one before it in its block; zlib.
///
/// A block is a byte that says which, and the zlib stream.
final class FramePacker {

    /// Frames in every block but the last of an episode.
    static final int BLOCK = 16;

    static final int INDEXED = 0, RGB = 1, MOST_COLOURS = 256;
    private static final int SLOTS = 1024;

    private final int pixels;
    private final int[] slots = new int[SLOTS];
    private final byte[] palette = new byte[3 * MOST_COLOURS];
    private final byte[] rgb;
    private final byte[] before, now;
    private int colours, waiting;

    /// @param pixels H * W
    FramePacker(int pixels) {
        this.pixels = pixels;
        rgb = new byte[BLOCK * pixels * 3];
        before = new byte[pixels * 3];
        now = new byte[pixels * 3];
        Arrays.fill(slots, -1);
    }

    /// Begins another episode.
    void begin() {
        colours = waiting = 0;
        Arrays.fill(slots, -1);
    }

    /// @return whether the block is full and must be taken
    boolean add(byte[] frame) {
        System.arraycopy(frame, 0, rgb, waiting * pixels * 3, pixels * 3);
        return ++waiting == BLOCK;
    }

    int waiting() {
        return waiting;
    }

    /// The colours of the blocks taken so far, three bytes each.
    byte[] palette() {
        return Arrays.copyOf(palette, 3 * Math.min(colours, MOST_COLOURS));
    }

    /// Packs the frames that were added since the last block.
    byte[] take() {
        var indices = new byte[waiting * pixels];
        boolean few = colours <= MOST_COLOURS && index(indices);
        var out = new ByteArrayOutputStream();
        out.write(few ? INDEXED : RGB);
        deflate(few ? indices : rgb, few ? pixels : pixels * 3, out);
        waiting = 0;
        return out.toByteArray();
    }

    /// @return false if there are too many colours
    private boolean index(byte[] indices) {
        for (int i = 0; i < indices.length; i++) {
            int colour =
                    (rgb[3 * i] & 0xff) << 16
                            | (rgb[3 * i + 1] & 0xff) << 8
                            | rgb[3 * i + 2] & 0xff;
            int index = index(colour);
            if (index < 0) {
                colours = MOST_COLOURS + 1;
                return false;
            }
            indices[i] = (byte) index;
        }
        return true;
    }

    private int index(int colour) {
        int slot = (colour * 0x9e3779b1) >>> 22;
        while (slots[slot] >= 0) {
            int at = 3 * slots[slot];
            if (palette[at] == (byte) (colour >> 16)
                    && palette[at + 1] == (byte) (colour >> 8)
                    && palette[at + 2] == (byte) colour) {
                return slots[slot];
            }
            slot = slot + 1 & SLOTS - 1;
        }
        if (colours == MOST_COLOURS) return -1;
        palette[3 * colours] = (byte) (colour >> 16);
        palette[3 * colours + 1] = (byte) (colour >> 8);
        palette[3 * colours + 2] = (byte) colour;
        slots[slot] = colours;
        return colours++;
    }

    private void deflate(byte[] values, int size, ByteArrayOutputStream out) {
        var deflater = new Deflater(6);
        try {
            var packed = new byte[8192];
            Arrays.fill(before, (byte) 0);
            for (int f = 0; f < waiting; f++) {
                for (int i = 0; i < size; i++) {
                    now[i] = (byte) (values[f * size + i] - before[i]);
                    before[i] = values[f * size + i];
                }
                deflater.setInput(now, 0, size);
                while (!deflater.needsInput()) {
                    out.write(packed, 0, deflater.deflate(packed));
                }
            }
            deflater.finish();
            while (!deflater.finished()) out.write(packed, 0, deflater.deflate(packed));
        } finally {
            deflater.end();
        }
    }

    /// Unpacks a block.
    ///
    /// @param frames how many it holds
    /// @return `u8 (frames, H, W, 3)`
    /// @throws DataFormatException if it is damaged
    static byte[] unpack(byte[] block, int frames, int pixels, byte[] palette)
            throws DataFormatException {
        if (block.length < 1 || block[0] != INDEXED && block[0] != RGB) {
            throw new DataFormatException("unknown kind");
        }
        boolean indexed = block[0] == INDEXED;
        int size = indexed ? pixels : pixels * 3;
        if ((long) frames * size > 1040L * block.length + 64) {
            throw new DataFormatException("too few bytes");
        }
        var values = new byte[Math.multiplyExact(frames, size)];
        inflate(block, values);
        for (int i = size; i < values.length; i++) values[i] += values[i - size];
        return indexed ? colours(values, palette) : values;
    }

    private static void inflate(byte[] block, byte[] values) throws DataFormatException {
        var inflater = new Inflater();
        try {
            inflater.setInput(block, 1, block.length - 1);
            int filled = 0;
            while (filled < values.length) {
                int n = inflater.inflate(values, filled, values.length - filled);
                if (n == 0) throw new DataFormatException("cut off");
                filled += n;
            }
        } finally {
            inflater.end();
        }
    }

    private static byte[] colours(byte[] indices, byte[] palette) throws DataFormatException {
        var rgb = new byte[indices.length * 3];
        for (int i = 0; i < indices.length; i++) {
            int at = 3 * (indices[i] & 0xff);
            if (at >= palette.length) throw new DataFormatException("a colour is not there");
            rgb[3 * i] = palette[at];
            rgb[3 * i + 1] = palette[at + 1];
            rgb[3 * i + 2] = palette[at + 2];
        }
        return rgb;
    }
}
