package dev.orrery.checkpoint;

import dev.orrery.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;

/// An array that a store of keys holds in chunks, after zarr 2 or 3.
///
/// Numbers go chunk by chunk, and piece by piece of a chunk, to where they belong; nothing else of
/// the array is in memory. Zarr 3's shards, transposed and Fortran order are read; of what packs
/// bytes zstd, gzip, zlib and none.
///
/// Source: the specifications of zarr 2 and 3, as TensorStore's `zarr` and `zarr3` drivers use
/// them.
final class ZarrArray {

    private static final long MOST_CHUNKS = 1 << 22, NONE = -1;
    private static final int LONGEST_DESCRIPTION = 1 << 20;

    private final Path place;
    private final String name;
    private final NavigableMap<String, StoredBytes> store;
    private final ZarrLayout layout;
    private final long[] shape;

    private ZarrArray(
            Path place, String name, NavigableMap<String, StoredBytes> store, ZarrLayout layout) {
        this.place = place;
        this.name = name;
        this.store = store;
        this.layout = layout;
        shape = longs(layout.shape());
    }

    /// An array by its name, if the store has one of it.
    ///
    /// @param place the store's folder, for errors
    /// @throws CheckpointException if its description is not understood
    static Optional<ZarrArray> find(
            Path place, String name, NavigableMap<String, StoredBytes> store) {
        for (var ending : ZarrLayout.NAMES) {
            var key = name + "/" + ending;
            var value = store.get(key);
            if (value == null) continue;
            if (value.length() > LONGEST_DESCRIPTION)
                throw new CheckpointException(
                        place, key, "has %d bytes".formatted(value.length()), "copy it again");
            try {
                var layout = ZarrLayout.parse(place, key, value.read());
                return Optional.of(new ZarrArray(place, name, store, layout));
            } catch (IOException e) {
                throw new CheckpointException(
                        value.file(), key, "cannot be read (" + e + ")", "copy it again", e);
            }
        }
        return Optional.empty();
    }

    /// Its type and shape, under another name.
    StoredTensor stored(String other) {
        long numbers = layout.shape().stream().reduce(1L, (a, b) -> a * b);
        return new StoredTensor(
                other, layout.type(), layout.shape(), place, 0, numbers * layout.type().bytes());
    }

    /// Fails where a chunk is not stored.
    void requireWhole() {
        requireFew();
        var chunk = longs(layout.chunk());
        each(
                counts(shape, chunk),
                at -> {
                    var key = key(at);
                    if (!store.containsKey(key))
                        throw new CheckpointException(
                                place,
                                key,
                                "is missing, a part of '%s'".formatted(name),
                                "copy it again");
                });
    }

    /// Reads it; types that tensors do not have become the next wider one.
    Tensor read() {
        requireFew();
        var entry = stored(name);
        var dtype = layout.type().dtype();
        if (dtype.isPresent()) {
            var tensor =
                    layout.fill() == 0
                            ? Tensor.zeros(dtype.get(), shape)
                            : Tensor.full(layout.fill(), dtype.get(), shape);
            if (tensor.numel() > 0) fill(tensor.segment());
            return tensor;
        }
        if (layout.fill() != 0) throw wrong(name, "has the fill value %s".formatted(layout.fill()));
        try (var arena = Arena.ofConfined()) {
            var data = arena.allocate(entry.bytes());
            if (entry.bytes() > 0) fill(data);
            return Widened.tensor(entry, data);
        }
    }

    private void fill(MemorySegment into) {
        var chunk = longs(layout.chunk());
        each(
                counts(shape, chunk),
                at -> {
                    var key = key(at);
                    var value = store.get(key);
                    if (value == null) return;
                    try {
                        chunk(value, layout.codecs(), times(at, chunk), chunk, into);
                    } catch (IOException e) {
                        throw wrong(key, "cannot be read (" + e.getMessage() + ")", e);
                    }
                });
    }

    private void chunk(
            StoredBytes value, ZarrCodecs codecs, long[] origin, long[] size, MemorySegment into)
            throws IOException {
        if (codecs.shards().isPresent()) {
            shards(codecs.checked(value), codecs.shards().get(), origin, size, into);
            return;
        }
        try (var in = codecs.unpacked(value)) {
            new ZarrChunk(shape, layout.type().bytes(), codecs.order(), origin, size)
                    .copy(in, into);
        }
    }

    private void shards(
            StoredBytes value,
            ZarrCodecs.Shards shards,
            long[] origin,
            long[] size,
            MemorySegment into)
            throws IOException {
        var chunk = longs(shards.chunk());
        var counts = counts(size, chunk);
        long chunks = Arrays.stream(counts).reduce(1, Math::multiplyExact);
        if (chunks > MOST_CHUNKS || shards.table(chunks) > value.length())
            throw new IOException("it is too short for a table of %d chunks".formatted(chunks));
        long table = shards.table(chunks);
        var part = value.part(shards.atEnd() ? value.length() - table : 0, table);
        var index = ByteBuffer.wrap(shards.index().checked(part).read());
        index.order(ByteOrder.LITTLE_ENDIAN);
        try {
            each(
                    counts,
                    at -> {
                        long begin = index.getLong(), length = index.getLong();
                        if (begin == NONE && length == NONE) return;
                        if (begin < 0 || length < 0 || begin > value.length() - length)
                            throw wrong(
                                    name, "has a chunk at %d of %d bytes".formatted(begin, length));
                        var first = plus(origin, times(at, chunk));
                        for (int i = 0; i < first.length; i++) if (first[i] >= shape[i]) return;
                        try {
                            chunk(value.part(begin, length), shards.inner(), first, chunk, into);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void requireFew() {
        long chunks = 1;
        for (long count : counts(shape, longs(layout.chunk())))
            chunks = chunks > MOST_CHUNKS ? chunks : chunks * Math.min(count, MOST_CHUNKS + 1);
        if (chunks > MOST_CHUNKS)
            throw wrong(name, "has more than %d chunks".formatted(MOST_CHUNKS));
    }

    private String key(long[] at) {
        return name + "/" + layout.keys().of(at);
    }

    private interface Visit {
        void at(long[] place);
    }

    /// Every place of a grid, the last axis fastest; the array is used again.
    private static void each(long[] counts, Visit visit) {
        for (long count : counts) if (count == 0) return;
        var at = new long[counts.length];
        while (true) {
            visit.at(at);
            int axis = at.length - 1;
            while (axis >= 0 && ++at[axis] == counts[axis]) at[axis--] = 0;
            if (axis < 0) return;
        }
    }

    private static long[] counts(long[] whole, long[] part) {
        var counts = new long[whole.length];
        for (int i = 0; i < counts.length; i++) counts[i] = Math.ceilDiv(whole[i], part[i]);
        return counts;
    }

    private static long[] times(long[] a, long[] b) {
        var product = new long[a.length];
        for (int i = 0; i < a.length; i++) product[i] = a[i] * b[i];
        return product;
    }

    private static long[] plus(long[] a, long[] b) {
        var sum = new long[a.length];
        for (int i = 0; i < a.length; i++) sum[i] = a[i] + b[i];
        return sum;
    }

    private static long[] longs(List<Long> sizes) {
        return sizes.stream().mapToLong(Long::longValue).toArray();
    }

    private CheckpointException wrong(String key, String problem, Throwable... cause) {
        var thrown = new CheckpointException(place, key, problem, "copy it again, it is damaged");
        if (cause.length > 0) thrown.initCause(cause[0]);
        return thrown;
    }
}
