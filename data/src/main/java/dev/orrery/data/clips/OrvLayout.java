package dev.orrery.data.clips;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/// Where things are in an `.orv` file; see `docs/formats/orv.md`. Numbers are little endian.
final class OrvLayout {

    static final int HEAD = 32, TAIL = 32, VERSION = 1;
    static final byte[] BEGIN = "ORVCLIPS".getBytes(StandardCharsets.US_ASCII);
    static final byte[] END = "ORVINDEX".getBytes(StandardCharsets.US_ASCII);
    static final int NO_ACTION = 0xffff;

    private OrvLayout() {}

    static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static byte[] head(PackedClips.Head head) {
        return little(HEAD)
                .put(BEGIN)
                .putShort((short) VERSION)
                .putShort((short) FramePacker.BLOCK)
                .putShort((short) head.height())
                .putShort((short) head.width())
                .putDouble(head.fps())
                .putLong(0)
                .array();
    }

    static byte[] tail(long indexAt, byte[] head, byte[] index) {
        return little(TAIL)
                .putLong(indexAt)
                .putLong(index.length)
                .putInt(crc(head, index))
                .putInt(0)
                .put(END)
                .array();
    }

    static int crc(byte[]... parts) {
        var crc = new CRC32C();
        for (var part : parts) crc.update(part);
        return (int) crc.getValue();
    }
}
