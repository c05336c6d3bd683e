package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// JSON as Python writes it: NaN and Infinity are numbers, indentation is four spaces.
final class Json {

    private static final int LARGEST = 48 << 20;

    static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private static final DefaultPrettyPrinter PRINTER = printer();

    private Json() {}

    private static DefaultPrettyPrinter printer() {
        var indent = new DefaultIndenter("    ", "\n");
        return new DefaultPrettyPrinter().withObjectIndenter(indent).withArrayIndenter(indent);
    }

    static ObjectNode object(Path file) {
        try {
            if (Files.size(file) > LARGEST)
                throw DatasetException.at(file, "is larger than 48 MB of JSON");
            return asObject(file, MAPPER.readTree(Files.readAllBytes(file)));
        } catch (java.nio.file.NoSuchFileException e) {
            throw DatasetException.at(file, "there is no such file");
        } catch (IOException | JacksonException e) {
            throw DatasetException.at(file, "is no valid JSON", e);
        }
    }

    /// The objects of a file with one a line; empty lines are skipped.
    static List<ObjectNode> lines(Path file) {
        var out = new ArrayList<ObjectNode>();
        try (var reader = Files.newBufferedReader(file)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.isBlank()) out.add(asObject(file, MAPPER.readTree(line)));
            }
            return out;
        } catch (java.nio.file.NoSuchFileException e) {
            throw DatasetException.at(file, "there is no such file");
        } catch (IOException | JacksonException e) {
            throw DatasetException.at(
                    file, "line %d is no valid JSON".formatted(out.size() + 1), e);
        }
    }

    private static ObjectNode asObject(Path file, JsonNode node) {
        if (node instanceof ObjectNode object) return object;
        throw DatasetException.at(file, "holds no JSON object");
    }

    static byte[] pretty(JsonNode node) {
        return MAPPER.writer().with(PRINTER).writeValueAsBytes(node);
    }

    static String line(JsonNode node) {
        return MAPPER.writeValueAsString(node) + "\n";
    }
}
