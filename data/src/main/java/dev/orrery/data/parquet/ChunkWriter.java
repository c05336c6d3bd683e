package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.xerial.snappy.Snappy;

/// Writes the pages of one column chunk and remembers what the footer needs to know of them.
final class ChunkWriter {

    private static final int PAGE_BYTES = 1 << 20;

    private final ColumnData data;
    private final long start;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final boolean fixed;
    private long dictionaryAt = -1, dataAt = -1, uncompressed;
    private boolean indexed;

    private ChunkWriter(ColumnData data, long start) {
        this.data = data;
        this.start = start;
        this.fixed = data.leaf().field().physical() == Field.Physical.FIXED_LEN_BYTE_ARRAY;
    }

    /// Writes a chunk that starts at an offset of the file.
    static ChunkWriter write(ColumnData data, long start, OutputStream file) throws IOException {
        var writer = new ChunkWriter(data, start);
        writer.pages();
        writer.out.writeTo(file);
        return writer;
    }

    long uncompressed() {
        return uncompressed;
    }

    private void pages() {
        var dictionary = ValueEncoder.dictionary(data.values());
        dictionary.ifPresent(d -> {
            indexed = true;
            dictionaryAt = start;
            var page = ValueEncoder.plain(d.entries(), 0, d.entries().size(), fixed);
            page(PageHeader.DICTIONARY, d.entries().size(), 0, page);
        });
        int full = data.leaf().maxDefinition();
        for (int slot = 0, value = 0; slot < data.slots() || dataAt < 0; ) {
            if (dataAt < 0) dataAt = start + out.size();
            int from = slot, first = value, bytes = 0;
            while (slot < data.slots()
                    && (bytes < PAGE_BYTES
                            || data.repetition().length > 0 && data.repetition()[slot] > 0)) {
                if (data.definition().length == 0 || data.definition()[slot] == full) {
                    bytes += dictionary.isPresent() ? 2 : ValueEncoder.width(data.values(), value);
                    value++;
                }
                slot++;
            }
            var body = new ByteArrayOutputStream();
            levels(data.repetition(), data.leaf().maxRepetition(), from, slot, body);
            levels(data.definition(), full, from, slot, body);
            if (dictionary.isPresent()) {
                var indices = dictionary.get().indices();
                int width = HybridDecoder.widthOf(dictionary.get().entries().size() - 1);
                body.write(width);
                HybridEncoder.encode(i -> indices[i], first, value, width, body);
            } else {
                body.writeBytes(ValueEncoder.plain(data.values(), first, value, fixed));
            }
            page(PageHeader.DATA, slot - from, dictionary.isPresent() ? 8 : 0, body.toByteArray());
        }
    }

    private static void levels(
            byte[] levels, int max, int from, int to, ByteArrayOutputStream out) {
        if (max == 0) return;
        var encoded = new ByteArrayOutputStream();
        HybridEncoder.encode(i -> levels[i], from, to, HybridDecoder.widthOf(max), encoded);
        out.writeBytes(
                ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(encoded.size())
                        .array());
        out.writeBytes(encoded.toByteArray());
    }

    private void page(int type, int values, int encoding, byte[] body) {
        byte[] packed;
        try {
            packed = Snappy.compress(body);
        } catch (IOException e) {
            throw new DatasetException("snappy cannot compress a page", e);
        }
        var crc = new CRC32();
        crc.update(packed);
        var header = new ThriftWriter();
        header.i32(1, type).i32(2, body.length).i32(3, packed.length).i32(4, (int) crc.getValue());
        if (type == PageHeader.DICTIONARY) {
            header.open(7).i32(1, values).i32(2, encoding).close();
        } else {
            header.open(5).i32(1, values).i32(2, encoding).i32(3, 3).i32(4, 3).close();
        }
        var head = header.close().toBytes();
        out.writeBytes(head);
        out.writeBytes(packed);
        uncompressed += head.length + body.length;
    }

    /// Writes the entry of the footer.
    void describe(ThriftWriter footer) {
        var leaf = data.leaf();
        footer.open().integer(2, dictionaryAt < 0 ? dataAt : dictionaryAt).open(3);
        footer.i32(1, leaf.field().physical().ordinal());
        footer.list(2, ThriftReader.I32, indexed ? 3 : 2).element(0).element(3);
        if (indexed) footer.element(8);
        footer.list(3, ThriftReader.BINARY, leaf.path().size());
        leaf.path().forEach(footer::text);
        footer.i32(4, Codec.SNAPPY.number).integer(5, data.slots());
        footer.integer(6, uncompressed).integer(7, out.size()).integer(9, dataAt);
        if (dictionaryAt >= 0) footer.integer(11, dictionaryAt);
        footer.close().close();
    }
}
