package dev.orrery.data.parquet;

import com.github.luben.zstd.Zstd;
import dev.orrery.data.DatasetException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.xerial.snappy.Snappy;

/// How pages are compressed.
enum Codec {
    NONE(0),
    SNAPPY(1),
    GZIP(2),
    ZSTD(6);

    final int number;

    Codec(int number) {
        this.number = number;
    }

    static Codec of(int number) {
        for (var codec : values()) if (codec.number == number) return codec;
        throw new DatasetException(
                "compression codec %d is not read here; rewrite the file with snappy, gzip, zstd or none"
                        .formatted(number));
    }

    /// Undoes the compression of `length` bytes; `size` is what must come out, checked beforehand
    /// against what is plausible.
    byte[] decompress(byte[] bytes, int offset, int length, int size) {
        try {
            return switch (this) {
                case NONE -> exact(Arrays.copyOfRange(bytes, offset, offset + length), size);
                case SNAPPY -> snappy(bytes, offset, length, size);
                case GZIP -> {
                    try (var in =
                            new GZIPInputStream(new ByteArrayInputStream(bytes, offset, length))) {
                        yield exact(in.readNBytes(size), size);
                    }
                }
                case ZSTD -> {
                    var out = new byte[size];
                    long n = Zstd.decompressByteArray(out, 0, size, bytes, offset, length);
                    if (Zstd.isError(n))
                        throw new DatasetException("zstd: " + Zstd.getErrorName(n));
                    yield exact(n == size ? out : Arrays.copyOf(out, (int) n), size);
                }
            };
        } catch (IOException e) {
            throw new DatasetException(
                    "%s data is damaged (%s)".formatted(name(), e.getMessage()), e);
        }
    }

    private static byte[] snappy(byte[] bytes, int offset, int length, int size)
            throws IOException {
        if (Snappy.uncompressedLength(bytes, offset, length) != size) {
            throw new DatasetException(
                    "snappy data does not unpack to the %d bytes claimed".formatted(size));
        }
        var out = new byte[size];
        Snappy.uncompress(bytes, offset, length, out, 0);
        return out;
    }

    private static byte[] exact(byte[] out, int size) {
        if (out.length == size) return out;
        throw new DatasetException(
                "a page unpacks to %d bytes instead of %d".formatted(out.length, size));
    }
}
