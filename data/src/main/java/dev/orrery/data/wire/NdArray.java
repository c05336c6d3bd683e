package dev.orrery.data.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Set;

/// A NumPy array: numbers in C order as bytes.
///
/// @param dtype NumPy's name of the type, such as `<f4` or `|u1`
/// @param shape the length of each axis; empty for a single number
/// @param data the bytes, not copied
public record NdArray(String dtype, int[] shape, byte[] data) {

    private static final Set<String> KINDS =
            Set.of("b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8");

    public NdArray {
        if (dtype.length() != 3
                || "<>|=".indexOf(dtype.charAt(0)) < 0
                || !KINDS.contains(dtype.substring(1))) {
            throw new WireException(
                    "array of type '%s'; send truth values, whole numbers or floats up to 64 bits"
                            .formatted(dtype));
        }
        long count = 1;
        for (int length : shape) {
            if (length < 0) {
                throw new WireException("array of shape " + Arrays.toString(shape));
            }
            count = Math.min(count * length, Integer.MAX_VALUE);
        }
        if (count * width(dtype) != data.length) {
            throw new WireException(
                    "array of type %s and shape %s with %d bytes; it needs %d"
                            .formatted(
                                    dtype,
                                    Arrays.toString(shape),
                                    data.length,
                                    count * width(dtype)));
        }
    }

    /// 32-bit floats.
    public static NdArray of(float[] values, int... shape) {
        var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new NdArray("<f4", shape, bytes.array());
    }

    /// 64-bit floats.
    public static NdArray of(double[] values, int... shape) {
        var bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        return new NdArray("<f8", shape, bytes.array());
    }

    /// Unsigned bytes; not copied.
    public static NdArray of(byte[] values, int... shape) {
        return new NdArray("|u1", shape, values);
    }

    /// Rows of one length as a matrix of 32-bit floats.
    public static NdArray of(float[][] rows) {
        int columns = rows.length == 0 ? 0 : rows[0].length;
        var all = new float[rows.length * columns];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, all, i * columns, columns);
        }
        return of(all, rows.length, columns);
    }

    /// The number of axes.
    public int rank() {
        return shape.length;
    }

    /// The number of elements.
    public int count() {
        return data.length / width(dtype);
    }

    /// Whether the elements are unsigned bytes.
    public boolean isBytes() {
        return dtype.endsWith("u1");
    }

    /// Whether the elements are floats.
    public boolean isFloat() {
        return dtype.charAt(1) == 'f';
    }

    private static int width(String dtype) {
        return dtype.charAt(2) - '0';
    }

    /// The elements in C order, rounded to 32-bit floats.
    public float[] floats() {
        var bytes =
                ByteBuffer.wrap(data)
                        .order(
                                dtype.charAt(0) == '>'
                                        ? ByteOrder.BIG_ENDIAN
                                        : ByteOrder.LITTLE_ENDIAN);
        var values = new float[count()];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    switch (dtype.substring(1)) {
                        case "f4" -> bytes.getFloat();
                        case "f8" -> (float) bytes.getDouble();
                        case "f2" -> Float.float16ToFloat(bytes.getShort());
                        case "i1" -> bytes.get();
                        case "i2" -> bytes.getShort();
                        case "u2" -> bytes.getShort() & 0xffff;
                        case "i4" -> bytes.getInt();
                        case "u4" -> bytes.getInt() & 0xffffffffL;
                        case "i8", "u8" -> bytes.getLong();
                        default -> bytes.get() & 0xff;
                    };
        }
        return values;
    }

    /// The rows of a matrix.
    ///
    /// @throws WireException if it has not two axes
    public float[][] rows() {
        if (shape.length != 2) {
            throw new WireException("array of %s is no matrix".formatted(this));
        }
        var all = floats();
        var rows = new float[shape[0]][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(all, i * shape[1], (i + 1) * shape[1]);
        }
        return rows;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NdArray(var type, var size, var bytes)
                && type.equals(dtype)
                && Arrays.equals(size, shape)
                && Arrays.equals(bytes, data);
    }

    @Override
    public int hashCode() {
        return 31 * dtype.hashCode() + Arrays.hashCode(shape) + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return dtype + " " + Arrays.toString(shape);
    }
}
