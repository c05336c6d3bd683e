package dev.orrery.data.wire;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What a message can hold.
public sealed interface Value {

    /// Python's `None`.
    record Nothing() implements Value {}

    /// True or false.
    record Flag(boolean value) implements Value {}

    /// A whole number.
    record Whole(long value) implements Value {}

    /// A number with a fraction.
    record Real(double value) implements Value {}

    /// A text.
    record Text(String value) implements Value {}

    /// Bytes that are not an array; not copied.
    record Bytes(byte[] value) implements Value {}

    /// A NumPy array.
    record Array(NdArray value) implements Value {}

    /// A list.
    record Items(List<Value> values) implements Value {
        public Items {
            values = List.copyOf(values);
        }
    }

    /// Python's `dict` with texts as keys, in the order of the message.
    record Fields(SequencedMap<String, Value> entries) implements Value {

        public Fields {
            entries = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
        }

        /// No entries.
        public static Fields empty() {
            return new Fields(new LinkedHashMap<>());
        }

        /// These and one more entry, which replaces one of the same name.
        public Fields with(String name, Value value) {
            var more = new LinkedHashMap<>(entries);
            more.put(name, value);
            return new Fields(more);
        }

        /// These and a text.
        public Fields with(String name, String value) {
            return with(name, new Text(value));
        }

        /// These and a number.
        public Fields with(String name, double value) {
            return with(name, new Real(value));
        }

        /// These and a whole number.
        public Fields with(String name, long value) {
            return with(name, new Whole(value));
        }

        /// These and a truth value.
        public Fields with(String name, boolean value) {
            return with(name, new Flag(value));
        }

        /// These and an array.
        public Fields with(String name, NdArray value) {
            return with(name, new Array(value));
        }

        /// Whether there is an entry of this name.
        public boolean has(String name) {
            return entries.containsKey(name);
        }

        /// The entry of this name.
        ///
        /// @throws IllegalArgumentException if there is none; the message lists those there are
        public Value get(String name) {
            var value = entries.get(name);
            if (value == null) {
                throw new IllegalArgumentException(
                        "the message has no '%s'; it has %s".formatted(name, entries.keySet()));
            }
            return value;
        }

        /// The array of this name.
        ///
        /// @throws IllegalArgumentException if there is none
        public NdArray array(String name) {
            if (get(name) instanceof Array(var array)) {
                return array;
            }
            throw wrong(name, "an array");
        }

        /// The text of this name; a NumPy string scalar will do.
        ///
        /// @throws IllegalArgumentException if there is none
        public String text(String name) {
            if (get(name) instanceof Text(var text)) {
                return text;
            }
            throw wrong(name, "a text");
        }

        /// The number of this name, whole or not.
        ///
        /// @throws IllegalArgumentException if there is none
        public double number(String name) {
            return switch (get(name)) {
                case Real(var value) -> value;
                case Whole(var value) -> value;
                default -> throw wrong(name, "a number");
            };
        }

        /// The whole number of this name.
        ///
        /// @throws IllegalArgumentException if there is none
        public long whole(String name) {
            if (get(name) instanceof Whole(var value)) {
                return value;
            }
            throw wrong(name, "a whole number");
        }

        /// Whether the entry of this name is true.
        ///
        /// @throws IllegalArgumentException if there is none
        public boolean flag(String name) {
            if (get(name) instanceof Flag(var value)) {
                return value;
            }
            throw wrong(name, "true or false");
        }

        /// The entries of the entry of this name.
        ///
        /// @throws IllegalArgumentException if there are none
        public Fields fields(String name) {
            if (get(name) instanceof Fields fields) {
                return fields;
            }
            throw wrong(name, "a dictionary");
        }

        private IllegalArgumentException wrong(String name, String wanted) {
            return new IllegalArgumentException(
                    "'%s' is %s, it has to be %s".formatted(name, Value.kind(get(name)), wanted));
        }
    }

    /// What a value is, in words for a message.
    static String kind(Value value) {
        return switch (value) {
            case Nothing _ -> "None";
            case Flag _ -> "a truth value";
            case Whole _ -> "a whole number";
            case Real _ -> "a number";
            case Text _ -> "a text";
            case Bytes _ -> "bytes";
            case Array(var array) -> "an array of " + array;
            case Items _ -> "a list";
            case Fields _ -> "a dictionary";
        };
    }
}
