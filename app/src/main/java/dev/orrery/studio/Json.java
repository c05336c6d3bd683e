package dev.orrery.studio;

import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// JSON as the pages speak it. Numbers that JSON has no word for are sent as null.
final class Json {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

    private Json() {}

    static String write(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /// @throws JacksonException if the text is not JSON
    static JsonNode read(String text) throws JacksonException {
        return MAPPER.readTree(text);
    }

    /// A number as it may stand in JSON: null if it is NaN or infinite.
    static @org.jspecify.annotations.Nullable Double number(double value) {
        return Double.isFinite(value) ? (Double) value : null;
    }
}
