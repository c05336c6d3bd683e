package dev.orrery.data.wire;

import dev.orrery.data.DatasetException;
import dev.orrery.data.wire.Value.Array;
import dev.orrery.data.wire.Value.Bytes;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.Value.Flag;
import dev.orrery.data.wire.Value.Items;
import dev.orrery.data.wire.Value.Nothing;
import dev.orrery.data.wire.Value.Real;
import dev.orrery.data.wire.Value.Text;
import dev.orrery.data.wire.Value.Whole;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// Messages as JSON with NumPy arrays in it, as the Python package json-numpy writes them: an
/// object with the keys `__numpy__` (the bytes in C order, base64), `dtype` and `shape`. A NumPy
/// scalar is an array without axes.
///
/// Source: json-numpy 2.1, as OpenVLA's `deploy.py` uses it.
public final class JsonNumpy {

    private static final String ARRAY = "__numpy__", DTYPE = "dtype", SHAPE = "shape";
    private static final int DEEPEST = 32, MOST_VALUES = 100_000;

    private final JsonParser in;
    private int values;

    private JsonNumpy(JsonParser in) {
        this.in = in;
    }

    /// The bytes of a message.
    ///
    /// @throws WireException if it holds bytes that are no array, which JSON cannot
    public static byte[] write(Value value) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new JsonFactory().createGenerator(ObjectWriteContext.empty(), bytes)) {
            put(value, out);
        }
        return bytes.toByteArray();
    }

    /// The message that these bytes are. Sizes are bounded by the bytes, nesting by 32 levels.
    ///
    /// @throws WireException if they are not one whole message; it says where
    public static Value read(byte[] bytes) {
        var factory =
                JsonFactory.builder()
                        .streamReadConstraints(
                                StreamReadConstraints.builder()
                                        .maxNestingDepth(DEEPEST)
                                        .maxStringLength(bytes.length)
                                        .build())
                        .build();
        try (var in = factory.createParser(ObjectReadContext.empty(), bytes)) {
            var reader = new JsonNumpy(in);
            reader.in.nextToken();
            var value = reader.value();
            if (in.nextToken() != null) {
                throw new WireException("more JSON follows the message; send one value");
            }
            return value;
        } catch (JacksonException e) {
            throw new WireException("the message is no JSON: " + DatasetException.said(e), e);
        }
    }

    private Value value() {
        if (++values > MOST_VALUES) {
            throw new WireException(
                    "the message holds more than %d values; send numbers as json-numpy arrays"
                            .formatted(MOST_VALUES));
        }
        return switch (in.currentToken()) {
            case START_OBJECT -> entries();
            case START_ARRAY -> items();
            case VALUE_STRING -> new Text(in.getString());
            case VALUE_NUMBER_INT -> new Whole(in.getLongValue());
            case VALUE_NUMBER_FLOAT -> new Real(in.getDoubleValue());
            case VALUE_TRUE, VALUE_FALSE -> new Flag(in.getBooleanValue());
            case VALUE_NULL -> new Nothing();
            case null, default -> throw new WireException("the message ends before it is whole");
        };
    }

    private Items items() {
        var items = new ArrayList<Value>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            items.add(value());
        }
        return new Items(items);
    }

    private Value entries() {
        var entries = new LinkedHashMap<String, Value>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            var name = in.currentName();
            if (name == null) {
                throw new WireException("the message ends before it is whole");
            }
            in.nextToken();
            if (entries.put(name, value()) != null) {
                throw new WireException("'%s' occurs twice".formatted(name));
            }
        }
        return entries.containsKey(ARRAY) ? array(new Fields(entries)) : new Fields(entries);
    }

    private static Array array(Fields fields) {
        try {
            var shape =
                    fields.get(SHAPE) instanceof Items(var lengths) ? lengths : List.<Value>of();
            var sizes = new int[shape.size()];
            for (int i = 0; i < sizes.length; i++) {
                sizes[i] = shape.get(i) instanceof Whole(var length) ? Math.toIntExact(length) : -1;
            }
            var data = Base64.getDecoder().decode(fields.text(ARRAY));
            return new Array(new NdArray(fields.text(DTYPE), sizes, data));
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new WireException(
                    "a json-numpy array is damaged: %s".formatted(e.getMessage()), e);
        }
    }

    private static void put(Value value, JsonGenerator out) {
        switch (value) {
            case Nothing _ -> out.writeNull();
            case Flag(var flag) -> out.writeBoolean(flag);
            case Whole(var whole) -> out.writeNumber(whole);
            case Real(var real) -> out.writeNumber(real);
            case Text(var text) -> out.writeString(text);
            case Bytes _ ->
                    throw new WireException("bytes do not go into JSON; send them as an array");
            case Array(var array) -> put(array, out);
            case Items(var items) -> {
                out.writeStartArray();
                items.forEach(item -> put(item, out));
                out.writeEndArray();
            }
            case Fields(var entries) -> {
                out.writeStartObject();
                entries.forEach((name, entry) -> {
                    out.writeName(name);
                    put(entry, out);
                });
                out.writeEndObject();
            }
        }
    }

    private static void put(NdArray array, JsonGenerator out) {
        out.writeStartObject();
        out.writeStringProperty(ARRAY, Base64.getEncoder().encodeToString(array.data()));
        out.writeStringProperty(DTYPE, array.dtype());
        out.writeName(SHAPE);
        out.writeStartArray();
        for (int length : array.shape()) {
            out.writeNumber(length);
        }
        out.writeEndArray();
        out.writeEndObject();
    }
}
