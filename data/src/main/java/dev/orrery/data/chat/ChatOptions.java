package dev.orrery.data.chat;

import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is asked of a template besides the messages.
///
/// @param reply whether the text ends where the assistant's reply begins; without it a model tends
///   to go on as the user
/// @param tools descriptions of functions that the assistant may call, as JSON schemas
/// @param variables what the template asks for by other names, such as `enable_thinking`
/// @param now what templates that tell the date write
public record ChatOptions(
        boolean reply,
        List<Map<String, Object>> tools,
        Map<String, Object> variables,
        LocalDateTime now) {

    public ChatOptions {
        tools = List.copyOf(tools);
        variables = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    }

    /// To be answered.
    public static ChatOptions forReply(LocalDateTime now) {
        return new ChatOptions(true, List.of(), Map.of(), now);
    }

    /// A whole conversation, such as one to learn from.
    public static ChatOptions whole(LocalDateTime now) {
        return new ChatOptions(false, List.of(), Map.of(), now);
    }

    public ChatOptions withTools(List<Map<String, Object>> tools) {
        return new ChatOptions(reply, tools, variables, now);
    }

    public ChatOptions with(String variable, Object value) {
        var more = new LinkedHashMap<>(variables);
        more.put(variable, value);
        return new ChatOptions(reply, tools, more, now);
    }
}
