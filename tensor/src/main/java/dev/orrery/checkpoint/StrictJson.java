package dev.orrery.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/// JSON as this package reads and writes it: UTF-8 only, no repeated keys, bounded in depth and in
/// the length of names, numbers and strings.
final class StrictJson {

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                    .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(32)
                                    .maxNameLength(4096)
                                    .maxNumberLength(64)
                                    .maxStringLength(4 << 20)
                                    .build())
                    .build();

    private static final long LONGEST_DOCUMENT = 16L << 20;

    private StrictJson() {}

    static JsonParser parser(InputStream utf8) {
        var decoder =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        return FACTORY.createParser(
                ObjectReadContext.empty(), new InputStreamReader(utf8, decoder));
    }

    static JsonGenerator generator(OutputStream utf8) {
        return FACTORY.createGenerator(ObjectWriteContext.empty(), utf8);
    }

    static boolean encodable(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /// Reads a small document: objects as maps, arrays as lists, then strings, longs, doubles and
    /// booleans; a JSON null is refused.
    static Map<String, Object> object(Path file) {
        return object(file, false);
    }

    /// As [#object(Path)], with a null in an object as if the name were not there.
    static Map<String, Object> objectWithNulls(Path file) {
        return object(file, true);
    }

    private static Map<String, Object> object(Path file, boolean nulls) {
        try (var in = Files.newInputStream(file)) {
            long size = Files.size(file);
            if (size > LONGEST_DOCUMENT)
                throw new CheckpointException(
                        file,
                        "",
                        "has %d bytes, more than %d".formatted(size, LONGEST_DOCUMENT),
                        "check that this is the right file");
            return document(file, "", in, nulls);
        } catch (NoSuchFileException e) {
            throw new CheckpointException(file, "", "does not exist", "check the path", e);
        } catch (IOException e) {
            throw new CheckpointException(
                    file, "", "cannot be read (" + e + ")", "check its permissions", e);
        }
    }

    /// As [#objectWithNulls], of bytes that lie in a file under a key.
    static Map<String, Object> objectWithNulls(Path file, String key, byte[] utf8) {
        try {
            return document(file, key, new ByteArrayInputStream(utf8), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> document(
            Path file, String key, InputStream utf8, boolean nulls) throws IOException {
        try (var json = parser(utf8)) {
            if (json.nextToken() != JsonToken.START_OBJECT)
                throw new CheckpointException(
                        file, key, "is not a JSON object", "check that this is the right file");
            var document = object(file, json, nulls);
            if (json.nextToken() != null)
                throw new CheckpointException(
                        file, key, "goes on after its closing brace", "remove the rest");
            return document;
        } catch (JacksonException e) {
            throw new CheckpointException(
                    file,
                    key,
                    "is not strict JSON (" + e.getOriginalMessage() + ")",
                    "mend or fetch it again",
                    e);
        }
    }

    private static Map<String, Object> object(Path file, JsonParser json, boolean nulls) {
        var fields = new LinkedHashMap<String, Object>();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            var name = json.currentName();
            var token = json.nextToken();
            if (nulls && token == JsonToken.VALUE_NULL) continue;
            fields.put(name, value(file, name, json, token, nulls));
        }
        return Collections.unmodifiableMap(fields);
    }

    private static List<Object> array(Path file, String name, JsonParser json, boolean nulls) {
        var values = new ArrayList<>();
        for (var token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken())
            values.add(value(file, name, json, token, nulls));
        return Collections.unmodifiableList(values);
    }

    private static Object value(
            Path file, String name, JsonParser json, JsonToken token, boolean nulls) {
        return switch (token) {
            case START_OBJECT -> object(file, json, nulls);
            case START_ARRAY -> array(file, name, json, nulls);
            case VALUE_STRING -> json.getString();
            case VALUE_NUMBER_INT -> json.getLongValue();
            case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default ->
                    throw new CheckpointException(
                            file, name, "is " + word(token), "give it a value or remove it");
        };
    }

    static String word(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "an object";
            case END_OBJECT -> "the end of an object";
            case START_ARRAY -> "an array";
            case END_ARRAY -> "the end of an array";
            case PROPERTY_NAME -> "a name";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT -> "a whole number";
            case VALUE_NUMBER_FLOAT -> "a number with a fraction";
            case VALUE_TRUE, VALUE_FALSE -> "true or false";
            case VALUE_NULL -> "null";
            case VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> "nothing";
        };
    }
}
