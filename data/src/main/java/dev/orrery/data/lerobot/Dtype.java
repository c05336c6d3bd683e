package dev.orrery.data.lerobot;

import dev.orrery.data.parquet.Field.Meaning;
import dev.orrery.data.parquet.Field.Physical;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What the elements of a feature are.
public enum Dtype {
    FLOAT32(Physical.FLOAT, Meaning.NONE),
    FLOAT64(Physical.DOUBLE, Meaning.NONE),
    FLOAT16(Physical.FIXED_LEN_BYTE_ARRAY, Meaning.FLOAT16),
    INT8(Physical.INT32, Meaning.INT8),
    INT16(Physical.INT32, Meaning.INT16),
    INT32(Physical.INT32, Meaning.NONE),
    INT64(Physical.INT64, Meaning.NONE),
    UINT8(Physical.INT32, Meaning.UINT8),
    UINT16(Physical.INT32, Meaning.UINT16),
    UINT32(Physical.INT32, Meaning.UINT32),
    UINT64(Physical.INT64, Meaning.UINT64),
    BOOL(Physical.BOOLEAN, Meaning.NONE),
    STRING(Physical.BYTE_ARRAY, Meaning.STRING),
    /// A picture inside the Parquet file, as PNG or JPEG bytes.
    IMAGE(Physical.BYTE_ARRAY, Meaning.NONE),
    /// A picture that is a frame of an mp4 file.
    VIDEO(Physical.BYTE_ARRAY, Meaning.NONE),
    /// Annotations in words: a list of records.
    LANGUAGE(Physical.BYTE_ARRAY, Meaning.NONE);

    private final Physical physical;
    private final Meaning meaning;

    Dtype(Physical physical, Meaning meaning) {
        this.physical = physical;
        this.meaning = meaning;
    }

    /// The name used in `info.json`.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The type of a label, empty if there is none.
    public static Optional<Dtype> of(String label) {
        return Arrays.stream(values()).filter(d -> d.label().equals(label)).findFirst();
    }

    /// Whether elements are numbers or logical values.
    public boolean isNumber() {
        return compareTo(STRING) < 0;
    }

    /// Whether elements are pictures.
    public boolean isPicture() {
        return this == IMAGE || this == VIDEO;
    }

    /// Whether elements are of floating point.
    public boolean isFloat() {
        return this == FLOAT16 || this == FLOAT32 || this == FLOAT64;
    }

    Physical physical() {
        return physical;
    }

    Meaning meaning() {
        return meaning;
    }
}
