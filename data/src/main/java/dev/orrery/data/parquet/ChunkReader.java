package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/// Decodes the pages of one column chunk.
final class ChunkReader {

    /// A page that claims to unpack to more than this must have the compressed bytes to show for
    /// it.
    private static final int SMALL_PAGE = 16 << 20;

    private static final int MOST_GROWTH = 64;
    private static final int FREE_SLOTS = 2 << 20;

    private final Leaf leaf;
    private final Codec codec;
    private final byte[] bytes;
    private final List<Values> parts = new ArrayList<>();
    private final Levels definition, repetition;
    private final ValueDecoder decoder;
    private Values dictionary;
    private int slots;

    private ChunkReader(Leaf leaf, Codec codec, byte[] bytes) {
        this.leaf = leaf;
        this.codec = codec;
        this.bytes = bytes;
        this.decoder = new ValueDecoder(leaf.field());
        this.definition = new Levels(leaf.maxDefinition());
        this.repetition = new Levels(leaf.maxRepetition());
        this.dictionary = decoder.none();
    }

    /// Decodes a chunk of `slots` values and nulls.
    static ColumnData read(Leaf leaf, Codec codec, byte[] bytes, long slots) {
        var reader = new ChunkReader(leaf, codec, bytes);
        int at = 0;
        while (reader.slots < slots) {
            var header = PageHeader.parse(bytes, at, bytes.length);
            at += header.length();
            if (header.type() != PageHeader.DICTIONARY && header.values() > slots - reader.slots) {
                throw new DatasetException(
                        "a page holds %d values where %d are left"
                                .formatted(header.values(), slots - reader.slots));
            }
            reader.page(header, at);
            at += header.compressedSize();
        }
        return new ColumnData(
                leaf,
                Joined.of(reader.parts, reader.dictionary),
                reader.definition.toBytes(),
                reader.repetition.toBytes());
    }

    private void page(PageHeader header, int at) {
        checkSize(header);
        checkSum(header, at);
        switch (header.type()) {
            case PageHeader.DICTIONARY -> {
                var page =
                        codec.decompress(
                                bytes, at, header.compressedSize(), header.uncompressedSize());
                dictionary = decoder.decode(0, page, 0, header.values(), dictionary);
            }
            case PageHeader.DATA -> {
                var page =
                        codec.decompress(
                                bytes, at, header.compressedSize(), header.uncompressedSize());
                int from = repetition.readPrefixed(page, 0, header.values());
                from = definition.readPrefixed(page, from, header.values());
                values(header, page, from);
            }
            case PageHeader.DATA_V2 -> second(header, at);
            default -> {}
        }
    }

    private void second(PageHeader header, int at) {
        int levels = header.repetitionBytes() + header.definitionBytes();
        if (levels < 0 || levels > header.compressedSize() || levels > header.uncompressedSize()) {
            throw new DatasetException("the levels of a page are larger than the page");
        }
        int middle = at + header.repetitionBytes();
        repetition.read(bytes, at, middle, header.values());
        definition.read(bytes, middle, at + levels, header.values());
        var used = header.compressed() ? codec : Codec.NONE;
        var page =
                used.decompress(
                        bytes,
                        at + levels,
                        header.compressedSize() - levels,
                        header.uncompressedSize() - levels);
        values(header, page, 0);
    }

    private void values(PageHeader header, byte[] page, int from) {
        int present = definition.presentInLast(header.values());
        parts.add(decoder.decode(header.encoding(), page, from, present, dictionary));
        slots += header.values();
    }

    private void checkSize(PageHeader header) {
        long plausible = Math.max(SMALL_PAGE, (long) MOST_GROWTH * header.compressedSize());
        long most = Math.max(FREE_SLOTS, 8L * header.uncompressedSize());
        if (header.uncompressedSize() > plausible || header.values() > most) {
            throw new DatasetException(
                    "a page of %d bytes claims %d bytes and %d values; the file is damaged"
                            .formatted(
                                    header.compressedSize(),
                                    header.uncompressedSize(),
                                    header.values()));
        }
    }

    private void checkSum(PageHeader header, int at) {
        if (header.crc() < 0) return;
        var crc = new CRC32();
        crc.update(bytes, at, header.compressedSize());
        if (crc.getValue() != header.crc()) {
            throw new DatasetException(
                    "column '%s': a page fails its checksum".formatted(leaf.title()));
        }
    }
}
