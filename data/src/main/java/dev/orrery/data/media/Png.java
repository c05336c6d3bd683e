package dev.orrery.data.media;

import dev.orrery.data.DatasetException;
import dev.orrery.env.Image;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// PNG of 8-bit RGB, fast in both directions.
///
/// Source: PNG specification, third edition.
public final class Png {

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int RGB = 2, UP = 2;
    private static final int CHUNK = 12, HEADER = 13;
    private static final int IHDR = 0x49484452, IDAT = 0x49444154, IEND = 0x49454e44;
    private static final long MOST_PIXELS = 1L << 26;

    private Png() {}

    /// Encodes a picture, without loss.
    ///
    /// @param level deflate level, 0 to 9; 1 is fast
    public static byte[] encode(Image image, int level) {
        try (var encoder = new Encoder(level)) {
            return encoder.encode(image);
        }
    }

    /// Encodes picture after picture with the same memory: setting up deflate anew takes as long as
    /// packing a small picture. For one thread.
    public static final class Encoder implements AutoCloseable {

        private final Deflater deflater;
        private byte[] raw = {}, packed = {};

        /// @param level deflate level, 0 to 9; 1 is fast
        public Encoder(int level) {
            deflater = new Deflater(level);
        }

        /// Encodes a picture, without loss.
        public byte[] encode(Image image) {
            int size = (image.width() * 3 + 1) * image.height();
            if (raw.length < size) {
                raw = new byte[size];
                packed = new byte[size + size / 1000 + 64];
            }
            filter(image, raw);
            return file(image, packed, deflate(size));
        }

        private int deflate(int size) {
            deflater.reset();
            deflater.setInput(raw, 0, size);
            deflater.finish();
            int length = 0;
            while (!deflater.finished())
                length += deflater.deflate(packed, length, packed.length - length);
            return length;
        }

        @Override
        public void close() {
            deflater.end();
        }
    }

    /// Every line less the one above it, but for the first.
    private static void filter(Image image, byte[] raw) {
        int row = image.width() * 3;
        var rgb = image.rgb();
        raw[0] = 0;
        System.arraycopy(rgb, 0, raw, 1, row);
        for (int y = 1; y < image.height(); y++) {
            int to = y * (row + 1), from = y * row;
            raw[to++] = UP;
            for (int i = 0; i < row; i++)
                raw[to + i] = (byte) (rgb[from + i] - rgb[from + i - row]);
        }
    }

    private static byte[] file(Image image, byte[] packed, int length) {
        var out = ByteBuffer.allocate(SIGNATURE.length + 3 * CHUNK + HEADER + length);
        out.put(SIGNATURE);
        var head = ByteBuffer.allocate(HEADER).putInt(image.width()).putInt(image.height());
        head.put((byte) 8).put((byte) RGB).put((byte) 0).put((byte) 0).put((byte) 0);
        chunk(out, IHDR, head.array(), HEADER);
        chunk(out, IDAT, packed, length);
        chunk(out, IEND, packed, 0);
        return out.array();
    }

    private static void chunk(ByteBuffer out, int type, byte[] data, int length) {
        int from = out.position() + 4;
        out.putInt(length).putInt(type).put(data, 0, length);
        var crc = new CRC32();
        crc.update(out.array(), from, 4 + length);
        out.putInt((int) crc.getValue());
    }

    /// Decodes 8-bit RGB that is not interlaced; empty if the bytes are some other kind of picture,
    /// which [Pictures#decode] may know.
    ///
    /// @throws DatasetException if they are such a PNG but damaged
    static Optional<Image> decode(byte[] png) {
        if (png.length < 33 || !Arrays.equals(png, 0, 8, SIGNATURE, 0, 8)) return Optional.empty();
        var in = ByteBuffer.wrap(png);
        int width = in.getInt(16), height = in.getInt(20);
        if (png[24] != 8 || png[25] != RGB || png[28] != 0) return Optional.empty();
        if (width < 1 || height < 1 || (long) width * height > MOST_PIXELS) {
            throw new DatasetException("a PNG claims %d x %d pixels".formatted(height, width));
        }
        return Optional.of(new Image(height, width, pixels(in, width, height)));
    }

    private static byte[] pixels(ByteBuffer in, int width, int height) {
        int row = width * 3;
        // A deflate stream of n bytes cannot hold more than 1032 n.
        if ((long) (row + 1) * height > 1040L * in.limit()) {
            throw new DatasetException(
                    "a PNG of %d bytes claims %d x %d pixels".formatted(in.limit(), height, width));
        }
        var lines = new byte[(row + 1) * height];
        var inflater = new Inflater();
        try {
            int filled = 0;
            for (int at = 33; at + 12 <= in.limit() && filled < lines.length; ) {
                int length = in.getInt(at), type = in.getInt(at + 4);
                if (length < 0 || length > in.limit() - at - 12)
                    throw new DatasetException("a PNG is cut off");
                if (type == IDAT) {
                    inflater.setInput(in.array(), at + 8, length);
                    filled += inflateAll(inflater, lines, filled);
                }
                at += 12 + length;
            }
            if (filled < lines.length) throw new DatasetException("a PNG is cut off");
        } catch (DataFormatException e) {
            throw new DatasetException("a PNG is damaged (%s)".formatted(e.getMessage()), e);
        } finally {
            inflater.end();
        }
        return unfilter(lines, row, height);
    }

    private static int inflateAll(Inflater inflater, byte[] out, int from)
            throws DataFormatException {
        int filled = from;
        while (filled < out.length && !inflater.finished() && !inflater.needsInput()) {
            int n = inflater.inflate(out, filled, out.length - filled);
            if (n == 0 && inflater.needsDictionary())
                throw new DataFormatException("preset dictionary");
            filled += n;
        }
        return filled - from;
    }

    private static byte[] unfilter(byte[] lines, int row, int height) {
        var rgb = new byte[row * height];
        for (int y = 0; y < height; y++) {
            int from = y * (row + 1) + 1, to = y * row;
            int filter = lines[from - 1];
            if (filter == 0 || filter == UP && y == 0) {
                System.arraycopy(lines, from, rgb, to, row);
                continue;
            }
            for (int i = 0; i < row; i++) {
                int left = i < 3 ? 0 : rgb[to + i - 3] & 0xff;
                int up = y == 0 ? 0 : rgb[to + i - row] & 0xff;
                int corner = i < 3 || y == 0 ? 0 : rgb[to + i - row - 3] & 0xff;
                int add =
                        switch (filter) {
                            case 1 -> left;
                            case 2 -> up;
                            case 3 -> (left + up) / 2;
                            case 4 -> paeth(left, up, corner);
                            default ->
                                    throw new DatasetException(
                                            "a PNG uses unknown filter " + filter);
                        };
                rgb[to + i] = (byte) (lines[from + i] + add);
            }
        }
        return rgb;
    }

    private static int paeth(int left, int up, int corner) {
        int guess = left + up - corner;
        int a = Math.abs(guess - left), b = Math.abs(guess - up), c = Math.abs(guess - corner);
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
