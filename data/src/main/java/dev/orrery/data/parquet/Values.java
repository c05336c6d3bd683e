package dev.orrery.data.parquet;

import java.nio.charset.StandardCharsets;

/// The stored values of a leaf, without its nulls, in an array of the physical type.
///
/// Arrays are handed over, not copied.
public sealed interface Values {

    /// How many there are.
    int size();

    /// Logical values.
    record Booleans(boolean[] array) implements Values {
        @Override
        public int size() {
            return array.length;
        }
    }

    /// 32-bit integers, also those of narrower meaning.
    record Ints(int[] array) implements Values {
        @Override
        public int size() {
            return array.length;
        }
    }

    /// 64-bit integers.
    record Longs(long[] array) implements Values {
        @Override
        public int size() {
            return array.length;
        }
    }

    /// 32-bit floats.
    record Floats(float[] array) implements Values {
        @Override
        public int size() {
            return array.length;
        }
    }

    /// 64-bit floats.
    record Doubles(double[] array) implements Values {
        @Override
        public int size() {
            return array.length;
        }
    }

    /// Byte strings, of fixed or any length.
    record Binaries(byte[][] array) implements Values {
        @Override
        public int size() {
            return array.length;
        }

        /// One value as UTF-8 text.
        public String text(int i) {
            return new String(array[i], StandardCharsets.UTF_8);
        }
    }

    /// One value as a double; booleans count 0 and 1.
    ///
    /// @throws IllegalStateException for byte strings
    default double asDouble(int i) {
        return switch (this) {
            case Booleans(var a) -> a[i] ? 1 : 0;
            case Ints(var a) -> a[i];
            case Longs(var a) -> a[i];
            case Floats(var a) -> a[i];
            case Doubles(var a) -> a[i];
            case Binaries _ -> throw new IllegalStateException("byte strings are no numbers");
        };
    }

    /// One value as a long; floats are cut off.
    ///
    /// @throws IllegalStateException for byte strings
    default long asLong(int i) {
        return switch (this) {
            case Ints(var a) -> a[i];
            case Longs(var a) -> a[i];
            default -> (long) asDouble(i);
        };
    }
}
