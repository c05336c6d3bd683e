package dev.orrery.data.clips;

import com.github.luben.zstd.Zstd;
import dev.orrery.data.DatasetException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xerial.snappy.Snappy;

/// The records of an ArrayRecord file, chunk by chunk.
///
/// Simple chunks, stored or packed with zstd or snappy, are read; Brotli and transposed chunks are
/// not. Every header and chunk is compared with its hash. Source: the Riegeli file format
/// specification; ArrayRecord's `layout.proto`.
final class ArrayRecordFile implements Closeable {

    private static final long MAGIC = 0x71930e704fdae05eL;
    private static final long[] KEY = {
        0x2f696c6567656952L, 0x0a7364726f636572L, 0x2f696c6567656952L, 0x0a7364726f636572L
    };
    private static final int BLOCK = 1 << 16, BLOCK_HEAD = 24, USABLE = BLOCK - BLOCK_HEAD;
    private static final int HEAD = 40, LARGEST = 1 << 29;

    private final Path path;
    private final FileChannel channel;
    private final long size, end;
    private long at;

    /// @param data of the chunk, packed
    private record Chunk(int type, long records, long bytes, byte[] data, long next) {}

    private ArrayRecordFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        size = channel.size();
        if (size < 2L * BLOCK || size % BLOCK != 0) {
            throw bad("has %d bytes; ArrayRecord files are whole blocks of 64 KiB".formatted(size));
        }
        end = footer();
    }

    static ArrayRecordFile open(Path path) {
        try {
            var channel = FileChannel.open(path);
            try {
                return new ArrayRecordFile(path, channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw DatasetException.at(path, "cannot be read", e);
        }
    }

    /// Where the footer begins and records end, from the last block.
    private long footer() {
        var postscript = records(chunk(size - BLOCK));
        if (postscript.isEmpty()) throw bad("has no postscript");
        var in = ByteBuffer.wrap(postscript.getFirst()).order(ByteOrder.LITTLE_ENDIAN);
        long offset = -1, magic = 0;
        while (in.hasRemaining()) {
            int tag = in.get() & 0xff;
            if (tag == 8) offset = varint(in);
            else if (tag == 16) magic = varint(in);
            else throw bad("has a postscript of another kind");
        }
        if (magic != MAGIC) throw bad("is a Riegeli file, but no ArrayRecord file");
        if (offset < 1 || offset >= size) throw bad("has its footer at %d".formatted(offset));
        return offset;
    }

    /// The records of the next chunk; empty at the end.
    List<byte[]> next() {
        while (at < end) {
            var chunk = chunk(at);
            at = chunk.next;
            switch (chunk.type) {
                case 's', 'm', 'p' -> {}
                case 'r' -> {
                    if (chunk.records > 0) return records(chunk);
                }
                case 't' ->
                        throw bad("has transposed chunks, which are not read; write it without");
                default -> throw bad("has a chunk of type %d".formatted(chunk.type));
            }
        }
        return List.of();
    }

    private Chunk chunk(long begin) {
        var head = ByteBuffer.wrap(bytes(begin, 0, HEAD)).order(ByteOrder.LITTLE_ENDIAN);
        var hashed = new byte[HEAD - 8];
        head.get(8, hashed);
        if (HighwayHash.of(hashed, KEY) != head.getLong(0)) {
            throw bad("the chunk at %d fails its checksum".formatted(begin));
        }
        long bytes = head.getLong(8), records = head.getLong(24) >>> 8;
        if (bytes < 0 || bytes > LARGEST || bytes > size - begin) {
            throw bad("a chunk of %d bytes at %d".formatted(bytes, begin));
        }
        var data = bytes(begin, HEAD, (int) bytes);
        if (HighwayHash.of(data, KEY) != head.getLong(16)) {
            throw bad("the data of the chunk at %d fail their checksum".formatted(begin));
        }
        long last =
                Math.max(overhead(begin, HEAD + bytes), boundary(begin + Math.min(records, size)));
        return new Chunk(head.get(24) & 0xff, records, head.getLong(32), data, last);
    }

    /// Where `count` bytes end that begin at a chunk's beginning, block headers counted.
    private static long overhead(long begin, long count) {
        long blocks = (count + (begin + USABLE - 1) % BLOCK) / USABLE;
        return begin + count + blocks * BLOCK_HEAD;
    }

    private static long boundary(long position) {
        long left = BLOCK - 1 - (position + BLOCK - 1) % BLOCK;
        return position + Math.max(0, left - (USABLE - 1));
    }

    /// Bytes of a chunk without the block headers between.
    ///
    /// @param skipped bytes of the chunk before them
    private byte[] bytes(long begin, int skipped, int count) {
        var out = new byte[count];
        int filled = 0;
        long position = skipped == 0 ? begin : overhead(begin, skipped);
        while (filled < count) {
            long inside = position % BLOCK;
            if (inside < BLOCK_HEAD) position += BLOCK_HEAD - inside;
            int n = (int) Math.min(count - filled, BLOCK - position % BLOCK);
            read(ByteBuffer.wrap(out, filled, n), position);
            filled += n;
            position += n;
        }
        return out;
    }

    private void read(ByteBuffer into, long position) {
        try {
            for (long from = position; into.hasRemaining(); ) {
                int n = channel.read(into, from);
                if (n < 0) throw bad("is cut off");
                from += n;
            }
        } catch (IOException e) {
            throw DatasetException.at(path, "cannot be read", e);
        }
    }

    private List<byte[]> records(Chunk chunk) {
        if (chunk.type != 'r') throw bad("has no records where its footer should be");
        var in = ByteBuffer.wrap(chunk.data);
        if (!in.hasRemaining()) throw bad("a chunk is empty");
        int packing = in.get() & 0xff;
        long sizes = varint(in);
        if (sizes < 0 || sizes > in.remaining()) throw bad("a chunk's sizes are cut off");
        if (chunk.records > LARGEST || chunk.bytes > LARGEST || chunk.bytes < 0) {
            throw bad(
                    "a chunk of %d records, %d bytes; at most 512 MiB are read at once"
                            .formatted(chunk.records, chunk.bytes));
        }
        var packed = new byte[(int) sizes];
        in.get(packed);
        var lengths = ByteBuffer.wrap(unpacked(packing, packed, 10 * chunk.records));
        var rest = new byte[in.remaining()];
        in.get(rest);
        var values = ByteBuffer.wrap(unpacked(packing, rest, chunk.bytes));
        var out = new ArrayList<byte[]>();
        for (long i = 0; i < chunk.records; i++) {
            long length = varint(lengths);
            if (length < 0 || length > values.remaining()) throw bad("a record is cut off");
            var record = new byte[(int) length];
            values.get(record);
            out.add(record);
        }
        return out;
    }

    private byte[] unpacked(int packing, byte[] packed, long most) {
        if (packing == 0) return packed;
        var in = ByteBuffer.wrap(packed);
        long length = varint(in);
        if (length < 0 || length > most)
            throw bad("a packed part claims %d bytes".formatted(length));
        var body = new byte[in.remaining()];
        in.get(body);
        try {
            var out =
                    switch (packing) {
                        case 'z' -> Zstd.decompress(body, (int) length);
                        case 's' -> Snappy.uncompress(body);
                        case 'b' ->
                                throw bad("is packed with Brotli, which is not read; write zstd");
                        default -> throw bad("packing %d is not known".formatted(packing));
                    };
            if (out.length == length) return out;
            throw bad("a packed part has %d bytes, not %d".formatted(out.length, length));
        } catch (IOException | com.github.luben.zstd.ZstdException e) {
            throw DatasetException.at(path, "a packed part is damaged", e);
        }
    }

    private long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (!in.hasRemaining()) throw bad("a number is cut off");
            int next = in.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) return value;
        }
        throw bad("a number has more than 64 bits");
    }

    private DatasetException bad(String what) {
        return DatasetException.at(path, what);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw DatasetException.at(path, "cannot be closed", e);
        }
    }
}
