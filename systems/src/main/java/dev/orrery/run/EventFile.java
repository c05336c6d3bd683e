package dev.orrery.run;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/// Writes scalars as TensorBoard reads them: records of a length, a masked CRC-32C, a protobuf
/// `Event` and another CRC.
final class EventFile implements AutoCloseable {

    static final String PREFIX = "events.out.tfevents.";

    private static final int VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;

    private final OutputStream out;

    EventFile(Path folder, double wallSeconds) throws IOException {
        var file = folder.resolve(PREFIX + "%010d.orrery".formatted((long) wallSeconds));
        out = new BufferedOutputStream(Files.newOutputStream(file));
        var version = new Message().fixed64(1, wallSeconds).bytes(3, "brain.Event:2");
        record(version.toByteArray());
        out.flush();
    }

    void scalar(double wallSeconds, long step, String tag, double value) throws IOException {
        var entry = new Message().bytes(1, tag).fixed32(2, (float) value);
        var summary = new Message().bytes(1, entry.toByteArray());
        var event =
                new Message()
                        .fixed64(1, wallSeconds)
                        .varint(2, step)
                        .bytes(5, summary.toByteArray());
        record(event.toByteArray());
    }

    void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private void record(byte[] payload) throws IOException {
        var length = little(8).putLong(payload.length).array();
        out.write(length);
        out.write(little(4).putInt(maskedCrc(length)).array());
        out.write(payload);
        out.write(little(4).putInt(maskedCrc(payload)).array());
    }

    static int maskedCrc(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Just enough of protobuf's wire format.
    private static final class Message {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Message varint(int field, long value) {
            tag(field, VARINT);
            put(value);
            return this;
        }

        Message fixed64(int field, double value) {
            tag(field, FIXED64);
            bytes.writeBytes(little(8).putDouble(value).array());
            return this;
        }

        Message fixed32(int field, float value) {
            tag(field, FIXED32);
            bytes.writeBytes(little(4).putFloat(value).array());
            return this;
        }

        Message bytes(int field, String text) {
            return bytes(field, text.getBytes(StandardCharsets.UTF_8));
        }

        Message bytes(int field, byte[] value) {
            tag(field, BYTES);
            put(value.length);
            bytes.writeBytes(value);
            return this;
        }

        byte[] toByteArray() {
            return bytes.toByteArray();
        }

        private void tag(int field, int type) {
            put((long) field << 3 | type);
        }

        private void put(long value) {
            while ((value & ~0x7fL) != 0) {
                bytes.write((int) (value & 0x7f | 0x80));
                value >>>= 7;
            }
            bytes.write((int) value);
        }
    }
}
