package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;
import java.util.List;

/// Puts the values of several pages into one array.
final class Joined {

    private Joined() {}

    /// @param like decides the type if there are no parts
    static Values of(List<Values> parts, Values like) {
        if (parts.size() == 1) return parts.getFirst();
        long total = 0;
        for (var part : parts) total += part.size();
        if (total > Integer.MAX_VALUE - 8)
            throw new DatasetException("a column holds " + total + " values in one row group");
        int size = (int) total;
        Object out =
                switch (like) {
                    case Values.Booleans _ -> new boolean[size];
                    case Values.Ints _ -> new int[size];
                    case Values.Longs _ -> new long[size];
                    case Values.Floats _ -> new float[size];
                    case Values.Doubles _ -> new double[size];
                    case Values.Binaries _ -> new byte[size][];
                };
        int at = 0;
        for (var part : parts) {
            System.arraycopy(array(part), 0, out, at, part.size());
            at += part.size();
        }
        return wrap(out);
    }

    private static Object array(Values values) {
        return switch (values) {
            case Values.Booleans(var a) -> a;
            case Values.Ints(var a) -> a;
            case Values.Longs(var a) -> a;
            case Values.Floats(var a) -> a;
            case Values.Doubles(var a) -> a;
            case Values.Binaries(var a) -> a;
        };
    }

    private static Values wrap(Object array) {
        return switch (array) {
            case boolean[] a -> new Values.Booleans(a);
            case int[] a -> new Values.Ints(a);
            case long[] a -> new Values.Longs(a);
            case float[] a -> new Values.Floats(a);
            case double[] a -> new Values.Doubles(a);
            case byte[][] a -> new Values.Binaries(a);
            default -> throw new AssertionError(array.getClass());
        };
    }
}
