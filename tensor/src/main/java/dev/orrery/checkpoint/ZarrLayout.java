package dev.orrery.checkpoint;

import dev.orrery.checkpoint.ZarrCodecs.Packing;
import dev.orrery.checkpoint.ZarrCodecs.Shards;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// What an array's description says, `.zarray` of zarr 2 or `zarr.json` of zarr 3.
///
/// @param type of its numbers
/// @param shape its axes' sizes
/// @param chunk the sizes of a chunk's axes; chunks at the far ends are stored whole
/// @param keys how chunks are called
/// @param fill the number of chunks that are not stored
/// @param codecs how chunks are stored
record ZarrLayout(
        StoredType type,
        List<Long> shape,
        List<Long> chunk,
        Keys keys,
        double fill,
        ZarrCodecs codecs) {

    /// The name of an array's description, newer first.
    static final List<String> NAMES = List.of("zarr.json", ".zarray");

    /// How chunks are called: their places along the axes, joined.
    ///
    /// @param before what comes first
    /// @param between what comes between two places
    /// @param single the one chunk of a scalar
    record Keys(String before, String between, String single) {

        String of(long[] at) {
            if (at.length == 0) return single;
            var key = new StringBuilder(before);
            for (int i = 0; i < at.length; i++) key.append(i == 0 ? "" : between).append(at[i]);
            return key.toString();
        }
    }

    /// Reads a description.
    ///
    /// @param file what holds it, for errors
    /// @param key under what
    /// @throws CheckpointException naming what is missing or not known
    static ZarrLayout parse(Path file, String key, byte[] json) {
        var fields = new Fields(file, key, StrictJson.objectWithNulls(file, key, json));
        return key.endsWith(NAMES.getFirst()) ? fields.third() : fields.second();
    }

    /// The fields of a description, or of an object in it.
    private record Fields(Path file, String key, Map<String, Object> all) {

        private static final int MOST_AXES = 32;
        private static final long MOST_BYTES = 1L << 36;

        ZarrLayout second() {
            need("zarr_format", 2L);
            if (all.get("filters") instanceof List<?> filters && !filters.isEmpty())
                throw wrong("filters", "are set", "save it without filters");
            var shape = sizes("shape");
            var between = all.getOrDefault("dimension_separator", ".").toString();
            var packing = new ArrayList<Packing>();
            if (all.containsKey("compressor")) packing.add(packing(in("compressor").text("id")));
            var order = order(shape.size());
            if (text("order").equals("F")) Collections.reverse(order);
            return whole(
                    text("dtype"),
                    shape,
                    sizes("chunks"),
                    new Keys("", between, "0"),
                    new ZarrCodecs(order, packing, Optional.empty()));
        }

        ZarrLayout third() {
            need("zarr_format", 3L);
            need("node_type", "array");
            var shape = sizes("shape");
            var grid = in("chunk_grid");
            grid.need("name", "regular");
            return whole(
                    text("data_type"),
                    shape,
                    grid.in("configuration").sizes("chunk_shape"),
                    in("chunk_key_encoding").keys(),
                    codecs("codecs", shape.size()));
        }

        private Keys keys() {
            boolean second = text("name").equals("v2");
            if (!second) need("name", "default");
            var settings = all.containsKey("configuration") ? in("configuration").all : Map.of();
            var between = settings.get("separator") instanceof String s ? s : second ? "." : "/";
            return second ? new Keys("", between, "0") : new Keys("c" + between, between, "c");
        }

        private ZarrCodecs codecs(String name, int axes) {
            var order = order(axes);
            var packing = new ArrayList<Packing>();
            Optional<Shards> shards = Optional.empty();
            boolean bytes = false;
            for (var codec : objects(name)) {
                var what = codec.text("name");
                if (what.equals("transpose") && !bytes) {
                    order = turned(order, codec.in("configuration").sizes("order"));
                } else if (what.equals("bytes") && !bytes) {
                    bytes = true;
                    if (codec.all.containsKey("configuration"))
                        codec.in("configuration").need("endian", "little");
                } else if (what.equals("sharding_indexed") && !bytes && order.equals(order(axes))) {
                    bytes = true;
                    shards = Optional.of(codec.in("configuration").shards(axes));
                } else if (bytes) {
                    packing.add(packing(what));
                } else {
                    throw wrong(name, "'%s' is not read in this place".formatted(what), SAVE);
                }
            }
            boolean sound = shards.isEmpty() || packing.stream().allMatch(p -> p == Packing.CRC32C);
            if (!bytes || !sound) throw wrong(name, "are not read in this order", SAVE);
            return new ZarrCodecs(order, packing, shards);
        }

        private Shards shards(int axes) {
            var chunk = sizes("chunk_shape");
            if (chunk.size() != axes || chunk.contains(0L))
                throw wrong("chunk_shape", "is %s for %d axes".formatted(chunk, axes), SAVE);
            var index = codecs("index_codecs", axes);
            if (index.shards().isPresent()
                    || !index.order().equals(order(axes))
                    || index.packing().stream().anyMatch(p -> p != Packing.CRC32C))
                throw wrong("index_codecs", "are more than bytes and crc32c", SAVE);
            var place = all.getOrDefault("index_location", "end");
            return new Shards(chunk, codecs("codecs", axes), index, place.equals("end"));
        }

        private Packing packing(String name) {
            return switch (name) {
                case "zstd" -> Packing.ZSTD;
                case "gzip" -> Packing.GZIP;
                case "zlib" -> Packing.ZLIB;
                case "crc32c" -> Packing.CRC32C;
                default ->
                        throw wrong(
                                "compressor",
                                "'%s' is not read".formatted(name),
                                "save it with zstd, gzip or none");
            };
        }

        private List<Integer> turned(List<Integer> order, List<Long> by) {
            var turned = new ArrayList<Integer>();
            for (long axis : by) {
                if (axis >= order.size() || turned.contains(order.get((int) axis)))
                    throw wrong("transpose", "has the order %s".formatted(by), SAVE);
                turned.add(order.get((int) axis));
            }
            if (turned.size() != order.size())
                throw wrong("transpose", "has the order %s".formatted(by), SAVE);
            return turned;
        }

        private static List<Integer> order(int axes) {
            return new ArrayList<>(IntStream.range(0, axes).boxed().toList());
        }

        private ZarrLayout whole(
                String type, List<Long> shape, List<Long> chunk, Keys keys, ZarrCodecs codecs) {
            if (chunk.size() != shape.size() || chunk.contains(0L))
                throw wrong("chunks", "are %s of an array %s".formatted(chunk, shape), DAMAGED);
            var stored = stored(type);
            try {
                long least = Math.multiplyExact(product(shape), stored.bytes());
                Math.multiplyExact(product(chunk), stored.bytes());
                if (least > MOST_BYTES) throw new ArithmeticException();
            } catch (ArithmeticException _) {
                throw wrong(
                        "shape",
                        "%s in chunks of %s is more than %d bytes"
                                .formatted(shape, chunk, MOST_BYTES),
                        DAMAGED);
            }
            return new ZarrLayout(stored, shape, chunk, keys, fill(), codecs);
        }

        private static long product(List<Long> sizes) {
            return LongStream.concat(LongStream.of(1), sizes.stream().mapToLong(s -> s))
                    .reduce(1, Math::multiplyExact);
        }

        private double fill() {
            return switch (all.getOrDefault("fill_value", 0L)) {
                case Long number -> number;
                case Double number -> number;
                case Boolean truth -> truth ? 1 : 0;
                case String text when text.equals("NaN") -> Double.NaN;
                case String text when text.equals("Infinity") -> Double.POSITIVE_INFINITY;
                case String text when text.equals("-Infinity") -> Double.NEGATIVE_INFINITY;
                case Object other -> throw wrong("fill_value", "is " + other, SAVE);
            };
        }

        private StoredType stored(String type) {
            return switch (type) {
                case "|b1", "bool" -> StoredType.BOOL;
                case "|i1", "int8" -> StoredType.I8;
                case "|u1", "uint8" -> StoredType.U8;
                case "<i2", "int16" -> StoredType.I16;
                case "<u2", "uint16" -> StoredType.U16;
                case "<i4", "int32" -> StoredType.I32;
                case "<u4", "uint32" -> StoredType.U32;
                case "<i8", "int64" -> StoredType.I64;
                case "<u8", "uint64" -> StoredType.U64;
                case "<f2", "float16" -> StoredType.F16;
                case "<f4", "float32" -> StoredType.F32;
                case "<f8", "float64" -> StoredType.F64;
                case "bfloat16" -> StoredType.BF16;
                case "float8_e4m3fn" -> StoredType.F8_E4M3;
                case "float8_e5m2" -> StoredType.F8_E5M2;
                default ->
                        throw wrong(
                                "type",
                                "'%s' is not read".formatted(type),
                                "save it as float32, little-endian");
            };
        }

        private void need(String name, Object value) {
            if (!value.equals(all.get(name)))
                throw wrong(name, "is %s, not %s".formatted(all.get(name), value), SAVE);
        }

        private String text(String name) {
            if (all.get(name) instanceof String text) return text;
            throw wrong(name, "is %s, not a text".formatted(all.get(name)), DAMAGED);
        }

        @SuppressWarnings("unchecked") // objects of StrictJson have texts as names
        private Fields in(String name) {
            if (all.get(name) instanceof Map<?, ?> inner)
                return new Fields(file, key, (Map<String, Object>) inner);
            throw wrong(name, "is %s, not an object".formatted(all.get(name)), DAMAGED);
        }

        @SuppressWarnings("unchecked") // as above
        private List<Fields> objects(String name) {
            var objects = new ArrayList<Fields>();
            if (all.get(name) instanceof List<?> list)
                for (var entry : list)
                    if (entry instanceof Map<?, ?> inner)
                        objects.add(new Fields(file, key, (Map<String, Object>) inner));
                    else throw wrong(name, "has %s".formatted(entry), DAMAGED);
            return objects;
        }

        private List<Long> sizes(String name) {
            var sizes = new ArrayList<Long>();
            if (all.get(name) instanceof List<?> list && list.size() <= MOST_AXES)
                for (var entry : list)
                    if (entry instanceof Long size && size >= 0) sizes.add(size);
                    else throw wrong(name, "has %s".formatted(entry), DAMAGED);
            else throw wrong(name, "is %s, not a list of sizes".formatted(all.get(name)), DAMAGED);
            return List.copyOf(sizes);
        }

        private static final String SAVE = "save it again with Orbax's usual settings";
        private static final String DAMAGED = "copy the folder again, it is damaged";

        private CheckpointException wrong(String field, String problem, String fix) {
            return new CheckpointException(file, key, field + " " + problem, fix);
        }
    }
}
