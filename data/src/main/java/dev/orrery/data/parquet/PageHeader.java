package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;

/// The header in front of a page.
///
/// @param type 0 data v1, 1 index, 2 dictionary, 3 data v2
/// @param crc the checksum of the compressed bytes, or -1 if there is none
/// @param values slots of a data page, entries of a dictionary
/// @param definitionBytes bytes of uncompressed definition levels (v2)
/// @param repetitionBytes bytes of uncompressed repetition levels (v2)
/// @param compressed whether a v2 page's values are compressed
/// @param length bytes of the header itself
record PageHeader(
        int type,
        int uncompressedSize,
        int compressedSize,
        long crc,
        int values,
        int encoding,
        int definitionBytes,
        int repetitionBytes,
        boolean compressed,
        int length) {

    static final int DATA = 0, DICTIONARY = 2, DATA_V2 = 3;

    static PageHeader parse(byte[] bytes, int start, int end) {
        var in = new ThriftReader(bytes, start, end);
        int[] n = new int[8];
        long[] crc = {-1};
        boolean[] compressed = {true};
        in.struct((id, type) -> {
            switch (id) {
                case 1 -> n[0] = in.i32(type);
                case 2 -> n[1] = in.i32(type);
                case 3 -> n[2] = in.i32(type);
                case 4 -> crc[0] = in.i32(type) & 0xffffffffL;
                case 5, 7 -> in.struct((i, t) -> number(in, i, t, n, 1, 2));
                case 8 ->
                        in.struct((i, t) -> {
                            switch (i) {
                                case 5 -> n[5] = in.i32(t);
                                case 6 -> n[6] = in.i32(t);
                                case 7 -> compressed[0] = in.bool(t);
                                default -> number(in, i, t, n, 1, 4);
                            }
                        });
                default -> in.skip(type);
            }
        });
        var header =
                new PageHeader(
                        n[0],
                        n[1],
                        n[2],
                        crc[0],
                        n[3],
                        n[4],
                        n[5],
                        n[6],
                        compressed[0],
                        in.position() - start);
        if (header.uncompressedSize < 0
                || header.compressedSize < 0
                || header.compressedSize > end - in.position()
                || header.values < 0
                || header.definitionBytes < 0
                || header.repetitionBytes < 0) {
            throw new DatasetException(
                    "page header claims %d bytes and %d values where %d bytes are left"
                            .formatted(header.compressedSize, header.values, end - in.position()));
        }
        return header;
    }

    private static void number(
            ThriftReader in, int id, int type, int[] n, int values, int encoding) {
        if (id == values) n[3] = in.i32(type);
        else if (id == encoding) n[4] = in.i32(type);
        else in.skip(type);
    }
}
