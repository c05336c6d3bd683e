package dev.orrery.env;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Writes arrays into an `.npz` file, as NumPy's `load` reads them: a zip of `.npy` files, little
/// endian, row-major.
public final class Npz implements Closeable {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    private static final int ALIGNMENT = 64;

    private final ZipOutputStream zip;

    private Npz(ZipOutputStream zip) {
        this.zip = zip;
    }

    /// Opens a file for writing; its folder is made if need be.
    ///
    /// @throws IOException if it cannot be written
    public static Npz create(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        return new Npz(new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file))));
    }

    /// Adds an array of unsigned bytes.
    public void bytes(String name, byte[] values, int... shape) throws IOException {
        write(name, "|u1", values, values.length, shape);
    }

    /// Adds an array of truth values.
    public void booleans(String name, boolean[] values, int... shape) throws IOException {
        var raw = new byte[values.length];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (byte) (values[i] ? 1 : 0);
        }
        write(name, "|b1", raw, raw.length, shape);
    }

    /// Adds an array of 32-bit whole numbers.
    public void ints(String name, int[] values, int... shape) throws IOException {
        var raw = little(values.length);
        raw.asIntBuffer().put(values);
        write(name, "<i4", raw.array(), values.length, shape);
    }

    /// Adds an array of 32-bit floating-point numbers.
    public void floats(String name, float[] values, int... shape) throws IOException {
        var raw = little(values.length);
        raw.asFloatBuffer().put(values);
        write(name, "<f4", raw.array(), values.length, shape);
    }

    private static ByteBuffer little(int values) {
        return ByteBuffer.allocate(4 * values).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void write(String name, String type, byte[] raw, int values, int... shape)
            throws IOException {
        int product = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        if (product != values) {
            throw new IllegalArgumentException(
                    "npz: %s has %d values, its shape %s needs %d"
                            .formatted(name, values, Arrays.toString(shape), product));
        }
        zip.putNextEntry(new ZipEntry(name + ".npy"));
        zip.write(header(type, shape));
        zip.write(raw);
        zip.closeEntry();
    }

    private static byte[] header(String type, int... shape) {
        var extents = Arrays.stream(shape).mapToObj(n -> n + ",").collect(Collectors.joining(" "));
        var text =
                "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, extents);
        int before = MAGIC.length + 2;
        int padded = (before + text.length() + ALIGNMENT) / ALIGNMENT * ALIGNMENT - before;
        var buffer = ByteBuffer.allocate(before + padded).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(MAGIC).putShort((short) padded);
        buffer.put(text.getBytes(StandardCharsets.US_ASCII));
        while (buffer.position() < buffer.capacity() - 1) {
            buffer.put((byte) ' ');
        }
        return buffer.put((byte) '\n').array();
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
