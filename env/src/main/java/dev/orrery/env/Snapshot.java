package dev.orrery.env;

import java.util.Arrays;

/// The state of a world as whole numbers, written and read in the same order.
///
/// The first number says which kind of world it belongs to.
public final class Snapshot {

    private long[] values;
    private int at;

    private Snapshot(long[] values) {
        this.values = values;
    }

    /// Begins a snapshot of one kind of world.
    public static Snapshot write(String kind) {
        return new Snapshot(new long[64]).put(kind.hashCode());
    }

    /// Reads a snapshot.
    ///
    /// @throws IllegalArgumentException if it is of another kind of world
    public static Snapshot read(String kind, long[] values) {
        var snapshot = new Snapshot(values);
        if (values.length == 0 || snapshot.take() != kind.hashCode()) {
            throw new IllegalArgumentException(
                    "this state of %d numbers is not one of %s".formatted(values.length, kind));
        }
        return snapshot;
    }

    /// Adds a number.
    public Snapshot put(long value) {
        if (at == values.length) {
            values = Arrays.copyOf(values, 2 * at);
        }
        values[at++] = value;
        return this;
    }

    /// Adds a truth value.
    public Snapshot put(boolean value) {
        return put(value ? 1 : 0);
    }

    /// Adds numbers and how many there are.
    public Snapshot put(int[] numbers) {
        put(numbers.length);
        for (int number : numbers) {
            put(number);
        }
        return this;
    }

    /// All that was added.
    public long[] done() {
        return Arrays.copyOf(values, at);
    }

    /// The next number.
    public long take() {
        if (at == values.length) {
            throw new IllegalArgumentException(
                    "this state ends after %d numbers, too early".formatted(at));
        }
        return values[at++];
    }

    /// The next number, as an int.
    public int takeInt() {
        return (int) take();
    }

    /// The next truth value.
    public boolean takeBoolean() {
        return take() != 0;
    }

    /// The next numbers.
    public int[] takeInts() {
        long length = take();
        if (length < 0 || length > values.length - at) {
            throw new IllegalArgumentException(
                    "this state promises %d numbers and holds %d"
                            .formatted(length, values.length - at));
        }
        var numbers = new int[(int) length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = takeInt();
        }
        return numbers;
    }

    /// Checks that nothing is left.
    public void end() {
        if (at != values.length) {
            throw new IllegalArgumentException(
                    "this state has %d numbers too many".formatted(values.length - at));
        }
    }
}
