package dev.orrery.data.parquet;

import dev.orrery.data.parquet.Field.Meaning;

/// Translates the two annotation systems of the format: converted types and logical types.
final class Meanings {

    private Meanings() {}

    static Meaning converted(int type) {
        return switch (type) {
            case 0, 4 -> Meaning.STRING;
            case 1, 2 -> Meaning.MAP;
            case 3 -> Meaning.LIST;
            case 11 -> Meaning.UINT8;
            case 12 -> Meaning.UINT16;
            case 13 -> Meaning.UINT32;
            case 14 -> Meaning.UINT64;
            case 15 -> Meaning.INT8;
            case 16 -> Meaning.INT16;
            case 17, 18 -> Meaning.NONE;
            case 19 -> Meaning.JSON;
            default -> Meaning.OTHER;
        };
    }

    /// Reads a logical type; `before` is what the converted type said.
    static Meaning logical(ThriftReader in, Meaning before) {
        var meaning = new Meaning[] {before};
        in.struct((id, type) -> {
            switch (id) {
                case 10 -> meaning[0] = integer(in);
                default -> {
                    in.skip(type);
                    meaning[0] = named(id, before);
                }
            }
        });
        return meaning[0];
    }

    private static Meaning named(int id, Meaning before) {
        return switch (id) {
            case 1, 4 -> Meaning.STRING;
            case 2 -> Meaning.MAP;
            case 3 -> Meaning.LIST;
            case 11 -> before;
            case 12 -> Meaning.JSON;
            case 15 -> Meaning.FLOAT16;
            default -> Meaning.OTHER;
        };
    }

    private static Meaning integer(ThriftReader in) {
        int[] bits = {32};
        boolean[] signed = {true};
        in.struct((id, type) -> {
            switch (id) {
                case 1 -> bits[0] = in.i32(type);
                case 2 -> signed[0] = in.bool(type);
                default -> in.skip(type);
            }
        });
        return switch (bits[0]) {
            case 8 -> signed[0] ? Meaning.INT8 : Meaning.UINT8;
            case 16 -> signed[0] ? Meaning.INT16 : Meaning.UINT16;
            case 32 -> signed[0] ? Meaning.NONE : Meaning.UINT32;
            default -> signed[0] ? Meaning.NONE : Meaning.UINT64;
        };
    }

    /// The converted type to write for a meaning, or -1.
    static int toConverted(Meaning meaning) {
        return switch (meaning) {
            case STRING -> 0;
            case LIST -> 3;
            case MAP -> 1;
            case JSON -> 19;
            case INT8 -> 15;
            case INT16 -> 16;
            case UINT8 -> 11;
            case UINT16 -> 12;
            case UINT32 -> 13;
            case UINT64 -> 14;
            case NONE, FLOAT16, OTHER -> -1;
        };
    }

    static void writeLogical(ThriftWriter out, Meaning meaning) {
        switch (meaning) {
            case STRING -> empty(out, 1);
            case LIST -> empty(out, 3);
            case JSON -> empty(out, 12);
            case FLOAT16 -> empty(out, 15);
            case INT8 -> integer(out, 8, true);
            case INT16 -> integer(out, 16, true);
            case UINT8 -> integer(out, 8, false);
            case UINT16 -> integer(out, 16, false);
            case UINT32 -> integer(out, 32, false);
            case UINT64 -> integer(out, 64, false);
            case NONE, MAP, OTHER -> {}
        }
    }

    private static void empty(ThriftWriter out, int id) {
        out.open(10).open(id).close().close();
    }

    private static void integer(ThriftWriter out, int bits, boolean signed) {
        out.open(10).open(10).byteValue(1, bits).bool(2, signed).close().close();
    }
}
