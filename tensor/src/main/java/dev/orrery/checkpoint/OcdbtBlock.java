package dev.orrery.checkpoint;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/// A block of an OCDBT store, a manifest or a node: a header, a body that may be compressed, a
/// checksum. Read from its body's first byte on.
final class OcdbtBlock {

    /// A database's configuration and versions.
    static final int MANIFEST = 0x0cdb3a2a;

    /// A node of the tree of keys.
    static final int NODE = 0x0cdb20de;

    /// Entries that are believed in at most.
    static final int MOST = 1 << 22;

    private static final int LONGEST = 256 << 20, CHECKSUM = 4, VERSION = 0, PLAIN = 0, ZSTD = 1;

    private final StoredBytes place;
    private final String what;
    private ByteBuffer bytes;

    private OcdbtBlock(StoredBytes place, String what, byte[] block) {
        this.place = place;
        this.what = what;
        bytes = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Reads a block and compares it with its checksum.
    ///
    /// @param magic what it must start with
    /// @param what what errors call it
    static OcdbtBlock read(StoredBytes place, int magic, String what) {
        var empty = new OcdbtBlock(place, what, new byte[0]);
        if (place.length() > LONGEST)
            throw empty.wrong("has %d bytes, more than %d".formatted(place.length(), LONGEST));
        try {
            var block = new OcdbtBlock(place, what, place.read());
            block.unwrap(magic);
            return block;
        } catch (IOException e) {
            throw empty.wrong("cannot be read (" + e.getMessage() + ")");
        }
    }

    private void unwrap(int magic) throws IOException {
        int end = bytes.limit() - CHECKSUM;
        if (end < Integer.BYTES + Long.BYTES + 2)
            throw wrong("is cut off: it has %d bytes".formatted(bytes.limit()));
        int found = Integer.reverseBytes(bytes.getInt());
        if (found != magic)
            throw wrong("starts with %08x where %08x belongs".formatted(found, magic));
        long length = bytes.getLong();
        if (length != bytes.limit())
            throw wrong("has %d bytes, its header says %d".formatted(bytes.limit(), length));
        var sum = new CRC32C();
        sum.update(bytes.array(), 0, end);
        int stored = bytes.getInt(end);
        if ((int) sum.getValue() != stored)
            throw wrong(
                    "does not have its checksum: %08x, not %08x"
                            .formatted((int) sum.getValue(), stored));
        long version = varint(), compression = varint();
        if (version != VERSION) throw wrong("is of version %d; only 0 is known".formatted(version));
        bytes.limit(end);
        if (compression == ZSTD) inflate();
        else if (compression != PLAIN)
            throw wrong("is compressed by method %d; 0 and 1 are known".formatted(compression));
    }

    private void inflate() throws IOException {
        var packed = new ByteArrayInputStream(bytes.array(), bytes.position(), bytes.remaining());
        try (var in = new ZstdInputStreamNoFinalizer(packed)) {
            var body = in.readNBytes(LONGEST + 1);
            if (body.length > LONGEST) throw wrong("unpacks to more than %d".formatted(LONGEST));
            bytes = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /// An unsigned byte.
    int octet() {
        return take(1).get() & 0xff;
    }

    /// A number of seven bits a byte, the lowest first; one beyond 63 bits is negative.
    long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int next = octet();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
        throw wrong("holds a number of more than 64 bits");
    }

    /// How many things follow, which take a byte each at least.
    int count() {
        long count = varint();
        if (count < 0 || count > Math.min(MOST, bytes.remaining()))
            throw wrong("promises %d entries in %d bytes".formatted(count, bytes.remaining()));
        return (int) count;
    }

    /// So many numbers.
    long[] column(int count) {
        var values = new long[count];
        for (int i = 0; i < count; i++) values[i] = varint();
        return values;
    }

    /// So many unsigned bytes.
    int[] octets(int count) {
        var values = new int[count];
        for (int i = 0; i < count; i++) values[i] = octet();
        return values;
    }

    void skip(int count) {
        take(count);
    }

    /// Names of which each repeats the start of the one before.
    ///
    /// @param shared how many bytes each but the first repeats
    /// @param own how many it adds
    byte[][] names(long[] shared, long[] own) {
        var names = new byte[own.length][];
        long all = 0;
        for (int i = 0; i < own.length; i++) {
            long kept = i == 0 ? 0 : shared[i - 1];
            if (kept < 0 || i > 0 && kept > names[i - 1].length)
                throw wrong("repeats %d bytes of a shorter name".formatted(kept));
            var end = take(own[i]);
            all += kept + end.remaining();
            if (all > LONGEST) throw wrong("has names of more than %d bytes".formatted(LONGEST));
            var name = new byte[(int) kept + end.remaining()];
            if (kept > 0) System.arraycopy(names[i - 1], 0, name, 0, (int) kept);
            end.get(name, (int) kept, end.remaining());
            names[i] = name;
        }
        return names;
    }

    /// A value of so many bytes that lies in the block itself.
    StoredBytes value(long length) {
        int begin = bytes.position();
        take(length);
        return new StoredBytes(place.file(), begin, length, Optional.of(bytes.array()));
    }

    /// Fails if something is left.
    void end() {
        if (bytes.hasRemaining()) throw wrong("has %d bytes too many".formatted(bytes.remaining()));
    }

    private ByteBuffer take(long length) {
        if (length < 0 || length > bytes.remaining())
            throw wrong(
                    "is cut off: %d bytes of %d are there".formatted(bytes.remaining(), length));
        var taken = bytes.slice(bytes.position(), (int) length);
        bytes.position(bytes.position() + (int) length);
        return taken;
    }

    CheckpointException wrong(String problem) {
        return new CheckpointException(place.file(), what, problem, "copy the folder again");
    }
}
