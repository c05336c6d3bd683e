package dev.orrery.checkpoint;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/// How the numbers of a chunk are stored.
///
/// @param order which axis of the chunk each of the stored axes is
/// @param packing what was done to the bytes, one after another
/// @param shards how a chunk is divided in smaller ones, where it is
record ZarrCodecs(List<Integer> order, List<Packing> packing, Optional<Shards> shards) {

    private static final int BUFFER = 1 << 16, CHECKSUM = 4;

    /// What may be done to the bytes of a chunk.
    enum Packing {
        ZSTD,
        GZIP,
        ZLIB,
        /// Four more bytes, a checksum of those before.
        CRC32C
    }

    /// Chunks in one value, and at its end or start a table of where they are: begin and length of
    /// each, 64 bits each, all ones where there is none.
    ///
    /// @param chunk sizes of the smaller chunks' axes
    /// @param inner how the numbers of one are stored
    /// @param index how the table is
    /// @param atEnd whether it is at the end
    record Shards(List<Long> chunk, ZarrCodecs inner, ZarrCodecs index, boolean atEnd) {

        /// Bytes of the table for so many chunks.
        long table(long chunks) {
            return chunks * 2 * Long.BYTES + index.packing.size() * (long) CHECKSUM;
        }
    }

    /// A stored value without the checksums behind it, which are compared.
    StoredBytes checked(StoredBytes value) throws IOException {
        var bytes = value;
        for (int i = packing.size() - 1; i >= 0 && packing.get(i) == Packing.CRC32C; i--)
            bytes = checked(bytes, bytes.length() - CHECKSUM);
        return bytes;
    }

    private static StoredBytes checked(StoredBytes value, long length) throws IOException {
        if (length < 0) throw new IOException("it is cut off");
        var sum = new CRC32C();
        try (var in = value.open()) {
            var piece = new byte[BUFFER];
            for (long left = length; left > 0; ) {
                int read = in.read(piece, 0, (int) Math.min(piece.length, left));
                if (read < 0) throw new IOException("it is cut off");
                sum.update(piece, 0, read);
                left -= read;
            }
            int stored = 0;
            for (int i = 0; i < CHECKSUM; i++) stored |= in.read() << 8 * i;
            if (stored != (int) sum.getValue())
                throw new IOException("it does not have its checksum");
        }
        return value.part(0, length);
    }

    /// The numbers of a stored value, in the stored order.
    InputStream unpacked(StoredBytes value) throws IOException {
        var in = checked(value).open();
        try {
            for (int i = packing.size() - 1; i >= 0; i--) in = unpacked(packing.get(i), in);
            return new BufferedInputStream(in, BUFFER);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private static InputStream unpacked(Packing packing, InputStream in) throws IOException {
        return switch (packing) {
            case ZSTD -> new ZstdInputStreamNoFinalizer(in);
            case GZIP -> new GZIPInputStream(in, BUFFER);
            case ZLIB -> new InflaterInputStream(in);
            case CRC32C -> in;
        };
    }
}
