package dev.orrery.data.parquet;

import java.util.List;

/// A node of a Parquet schema: a group of fields or a leaf that holds values.
public sealed interface Field {

    /// The name, unique among its siblings; it may contain dots.
    String name();

    /// Whether the field is there once, perhaps, or any number of times.
    Repetition repetition();

    /// How often a field occurs within its parent.
    enum Repetition {
        REQUIRED,
        OPTIONAL,
        REPEATED
    }

    /// The types that bytes are stored as, in the order of the format's own numbers.
    enum Physical {
        BOOLEAN,
        INT32,
        INT64,
        INT96,
        FLOAT,
        DOUBLE,
        BYTE_ARRAY,
        FIXED_LEN_BYTE_ARRAY
    }

    /// What stored values mean beyond their physical type.
    enum Meaning {
        NONE,
        STRING,
        LIST,
        MAP,
        JSON,
        INT8,
        INT16,
        UINT8,
        UINT16,
        UINT32,
        UINT64,
        FLOAT16,
        OTHER
    }

    /// A group: a struct, or the outer or inner level of a list.
    ///
    /// @param meaning [Meaning#LIST] for the outer level of a list, else usually NONE
    record Group(String name, Repetition repetition, Meaning meaning, List<Field> children)
            implements Field {
        public Group {
            children = List.copyOf(children);
        }
    }

    /// A leaf.
    ///
    /// @param length bytes of a fixed-length value, else 0
    record Primitive(
            String name, Repetition repetition, Physical physical, Meaning meaning, int length)
            implements Field {}

    /// An optional leaf, as Arrow writes columns.
    static Primitive leaf(String name, Physical physical, Meaning meaning) {
        return new Primitive(name, Repetition.OPTIONAL, physical, meaning, 0);
    }

    /// The three-level list `optional group name (LIST) { repeated group list { element } }`.
    static Group list(String name, Field element) {
        return new Group(
                name,
                Repetition.OPTIONAL,
                Meaning.LIST,
                List.of(new Group("list", Repetition.REPEATED, Meaning.NONE, List.of(element))));
    }

    /// An optional struct.
    static Group struct(String name, Field... children) {
        return new Group(name, Repetition.OPTIONAL, Meaning.NONE, List.of(children));
    }
}
