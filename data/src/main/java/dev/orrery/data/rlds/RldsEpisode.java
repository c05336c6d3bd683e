package dev.orrery.data.rlds;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.Pictures;
import dev.orrery.env.Image;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// One episode: lists over its steps, by flattened key.
///
/// @param features what each key should hold
/// @param example what it holds
/// @param length steps, at least 1
public record RldsEpisode(RldsFeatures features, Example example, int length) {

    /// Checks that every list of the example is as long as the steps ask.
    ///
    /// @throws DatasetException if a key is missing, or of another kind or length than the features
    ///   say
    static RldsEpisode of(RldsFeatures features, Example example) {
        int length = -1;
        for (var entry : features.steps().entrySet()) {
            int found = steps(entry.getKey(), entry.getValue(), example);
            if (length < 0) length = found;
            if (found != length) {
                throw new DatasetException(
                        "'%s' has %d steps where others have %d"
                                .formatted(entry.getKey(), found, length));
            }
        }
        if (length < 1) throw new DatasetException("the episode has no steps");
        return new RldsEpisode(features, example, length);
    }

    private static int steps(String key, RldsFeatures.Field field, Example example) {
        var list = example.features().get(key);
        if (list == null) throw new DatasetException("the episode lacks '%s'".formatted(key));
        int size =
                switch (list) {
                    case Example.Bytes(var all) -> all.size();
                    case Example.Floats(var all) -> all.length;
                    case Example.Longs(var all) -> all.length;
                };
        boolean stored = field instanceof RldsFeatures.Numbers n && n.encoding().equals("none");
        if (stored == list instanceof Example.Bytes)
            throw new DatasetException("'%s' is not stored as features.json says".formatted(key));
        int each = stored ? ((RldsFeatures.Numbers) field).elements() : 1;
        if (size % each != 0) {
            throw new DatasetException(
                    "'%s' has %d numbers, which is no multiple of %d".formatted(key, size, each));
        }
        return size / each;
    }

    /// The field of a key of the steps, such as `steps/action`.
    ///
    /// @throws DatasetException if there is none
    public RldsFeatures.Field field(String key) {
        var field = features.fields().get(key);
        if (field == null) {
            throw new DatasetException(
                    "there is no '%s'; there are %s".formatted(key, features.fields().keySet()));
        }
        return field;
    }

    /// The numbers of one step, integers up to 2⁵³ exactly.
    ///
    /// @throws DatasetException if the key holds no numbers
    public double[] numbers(String key, int step) {
        return switch (list(key, step)) {
            case Example.Floats(var all) -> {
                var out = new double[all.length];
                for (int i = 0; i < out.length; i++) out[i] = all[i];
                yield out;
            }
            case Example.Longs(var all) -> java.util.Arrays.stream(all).asDoubleStream().toArray();
            case Example.Bytes(var all) -> raw(numbers(key), all.getFirst());
        };
    }

    /// The integers or truth values of one step.
    public long[] longs(String key, int step) {
        if (list(key, step) instanceof Example.Longs(var all)) return all;
        var found = numbers(key, step);
        var out = new long[found.length];
        for (int i = 0; i < out.length; i++) out[i] = (long) found[i];
        return out;
    }

    private RldsFeatures.Numbers numbers(String key) {
        if (field(key) instanceof RldsFeatures.Numbers numbers) return numbers;
        throw new DatasetException("'%s' holds no numbers".formatted(key));
    }

    private Example.Feature list(String key, int step) {
        int n = numbers(key).elements(), from = step * n;
        return switch (example.features().get(key)) {
            case Example.Floats(var all) ->
                    new Example.Floats(java.util.Arrays.copyOfRange(all, from, from + n));
            case Example.Longs(var all) ->
                    new Example.Longs(java.util.Arrays.copyOfRange(all, from, from + n));
            case Example.Bytes(var all) -> new Example.Bytes(List.of(all.get(step)));
        };
    }

    private static double[] raw(RldsFeatures.Numbers field, byte[] bytes) {
        int size = field.dtype().equals("bool") ? 1 : bits(field.dtype()) / 8;
        int wanted = Math.multiplyExact(field.elements(), size);
        var plain = field.encoding().equals("zlib") ? inflate(bytes, wanted) : bytes;
        if (plain.length != wanted) {
            throw new DatasetException(
                    "%d numbers of %s are stored in %d bytes"
                            .formatted(field.elements(), field.dtype(), plain.length));
        }
        var in = ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN);
        var out = new double[field.elements()];
        for (int i = 0; i < out.length; i++) out[i] = number(field.dtype(), in);
        return out;
    }

    private static int bits(String dtype) {
        return Integer.parseInt(dtype.replaceAll("[a-z]", ""));
    }

    private static double number(String dtype, ByteBuffer in) {
        return switch (dtype) {
            case "bool", "int8" -> in.get();
            case "uint8" -> in.get() & 0xff;
            case "int16" -> in.getShort();
            case "uint16" -> in.getShort() & 0xffff;
            case "int32" -> in.getInt();
            case "uint32" -> in.getInt() & 0xffffffffL;
            case "int64", "uint64" -> in.getLong();
            case "float16" -> Float.float16ToFloat(in.getShort());
            case "float32" -> in.getFloat();
            default -> in.getDouble();
        };
    }

    private static byte[] inflate(byte[] bytes, int wanted) {
        try (var inflater = new Inflater()) {
            inflater.setInput(bytes);
            var out = new byte[wanted];
            int n = 0;
            while (n < wanted && !inflater.finished()) {
                int more = inflater.inflate(out, n, wanted - n);
                if (more == 0 && (inflater.needsInput() || inflater.needsDictionary())) break;
                n += more;
            }
            return n == wanted ? out : java.util.Arrays.copyOf(out, n);
        } catch (DataFormatException e) {
            throw new DatasetException("packed numbers are damaged", e);
        }
    }

    /// The text of one step.
    ///
    /// @throws DatasetException if the key holds no text
    public String text(String key, int step) {
        if (!(field(key) instanceof RldsFeatures.Text))
            throw new DatasetException("'%s' holds no text".formatted(key));
        return new String(bytes(key, step), StandardCharsets.UTF_8);
    }

    /// The encoded picture of one step.
    ///
    /// @throws DatasetException if the key holds no pictures
    public byte[] picture(String key, int step) {
        if (!(field(key) instanceof RldsFeatures.Picture))
            throw new DatasetException("'%s' holds no pictures".formatted(key));
        return bytes(key, step);
    }

    /// The picture of one step.
    ///
    /// @throws DatasetException if it is damaged or of another size than the features say
    public Image image(String key, int step) {
        var image = Pictures.decode(picture(key, step));
        var field = (RldsFeatures.Picture) field(key);
        if (image.height() == field.height() && image.width() == field.width()) return image;
        throw new DatasetException(
                "'%s', step %d is %d x %d; features.json says %d x %d"
                        .formatted(
                                key,
                                step,
                                image.height(),
                                image.width(),
                                field.height(),
                                field.width()));
    }

    private byte[] bytes(String key, int step) {
        return ((Example.Bytes) example.features().get(key)).list().get(step);
    }
}
