package dev.orrery.data.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What somebody said.
///
/// @param role who: `system`, `user`, `assistant`, `tool`, or what else a template knows
/// @param parts texts and places of pictures, in order
/// @param fields what templates may ask for besides, such as `tool_calls` or `reasoning_content`
public record ChatMessage(String role, List<Part> parts, Map<String, Object> fields) {

    public ChatMessage {
        parts = List.copyOf(parts);
        fields = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(fields));
        if (role.isBlank()) {
            throw new IllegalArgumentException(
                    "a message has no role; say who speaks: system, user, assistant or tool");
        }
    }

    /// A piece of a message.
    public sealed interface Part {
        record Text(String text) implements Part {}

        /// A picture, which the model's processor puts there.
        record Picture() implements Part {}

        /// A film.
        record Film() implements Part {}
    }

    /// One text.
    public static ChatMessage of(String role, String text) {
        return new ChatMessage(role, List.of(new Part.Text(text)), Map.of());
    }

    public static ChatMessage system(String text) {
        return of("system", text);
    }

    public static ChatMessage user(String text) {
        return of("user", text);
    }

    /// Texts and pictures.
    public static ChatMessage user(Part... parts) {
        return new ChatMessage("user", List.of(parts), Map.of());
    }

    public static ChatMessage assistant(String text) {
        return of("assistant", text);
    }

    /// With a field besides, of texts, numbers, booleans, lists and maps.
    public ChatMessage with(String field, Object value) {
        var more = new LinkedHashMap<>(fields);
        more.put(field, value);
        return new ChatMessage(role, parts, more);
    }

    /// As templates see it: one text is a text, anything else a list.
    Map<String, Object> value() {
        var value = new LinkedHashMap<String, Object>();
        value.put("role", role);
        if (parts.size() == 1 && parts.getFirst() instanceof Part.Text(var text)) {
            value.put("content", text);
        } else {
            var list = new ArrayList<Map<String, Object>>();
            for (var part : parts) {
                list.add(
                        switch (part) {
                            case Part.Text(var text) -> Map.of("type", "text", "text", text);
                            case Part.Picture _ -> Map.of("type", "image");
                            case Part.Film _ -> Map.of("type", "video");
                        });
            }
            value.put("content", list);
        }
        value.putAll(fields);
        return value;
    }
}
