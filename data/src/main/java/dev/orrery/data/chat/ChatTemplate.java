package dev.orrery.data.chat;

import dev.orrery.data.DatasetException;
import dev.orrery.data.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The chat template of a published model.
///
/// ```java
/// var template = ChatTemplate.open(Path.of("Qwen2.5-0.5B-Instruct"));
/// var prompt = template.encode(tokenizer, List.of(ChatMessage.user("Hi")), ChatOptions.forReply(now));
/// ```
///
/// Special tokens stand in the text, so that ids are made without adding any: a first token that
/// both the template and the tokenizer add would come twice.
public final class ChatTemplate {

    private static final String FILE = "chat_template.jinja", CONFIG = "tokenizer_config.json";
    private static final String KEY = "chat_template", DEFAULT = "default", TOOLS = "tool_use";
    private static final List<String> TOKENS =
            List.of(
                    "bos_token",
                    "eos_token",
                    "unk_token",
                    "pad_token",
                    "sep_token",
                    "cls_token",
                    "mask_token");
    private static final JsonMapper JSON = new JsonMapper();

    private final Map<String, JinjaTemplate> named;
    private final Map<String, String> specials;

    private ChatTemplate(Map<String, JinjaTemplate> named, Map<String, String> specials) {
        this.named = Map.copyOf(named);
        this.specials = Map.copyOf(specials);
    }

    /// A template from its text.
    ///
    /// @param specials texts of special tokens by the names that templates use, such as `bos_token`
    /// @throws TemplateException if it cannot be read
    public static ChatTemplate parse(String template, Map<String, String> specials) {
        return new ChatTemplate(Map.of(DEFAULT, JinjaTemplate.parse(template)), specials);
    }

    /// Reads `chat_template.jinja`, or `chat_template.json`, or what `tokenizer_config.json` has:
    /// one template or several with names.
    ///
    /// @param folder of a published model
    /// @throws DatasetException if there is none
    /// @throws TemplateException if it cannot be read
    public static ChatTemplate open(Path folder) {
        var config = json(folder.resolve(CONFIG));
        var specials = new LinkedHashMap<String, String>();
        json(folder.resolve("special_tokens_map.json")).ifPresent(map -> specials(map, specials));
        config.ifPresent(c -> specials(c, specials));
        if (Files.isRegularFile(folder.resolve(FILE))) {
            return parse(text(folder.resolve(FILE)), specials);
        }
        var node =
                json(folder.resolve("chat_template.json"))
                        .or(() -> config)
                        .map(c -> c.path(KEY))
                        .filter(c -> !c.isMissingNode() && !c.isNull())
                        .orElseThrow(() ->
                                DatasetException.at(
                                        folder,
                                        "has no chat template: neither %s nor '%s' in %s; a base model needs none, give plain text"
                                                .formatted(FILE, KEY, CONFIG)));
        return new ChatTemplate(templates(folder, node), specials);
    }

    private static Map<String, JinjaTemplate> templates(Path folder, JsonNode node) {
        if (node.isString()) return Map.of(DEFAULT, JinjaTemplate.parse(node.asString()));
        var named = new LinkedHashMap<String, JinjaTemplate>();
        for (var entry : node) {
            named.put(
                    entry.path("name").asString(),
                    JinjaTemplate.parse(entry.path("template").asString()));
        }
        if (!named.containsKey(DEFAULT)) {
            throw DatasetException.at(
                    folder.resolve(CONFIG),
                    "names the chat templates %s, and none of them '%s'"
                            .formatted(named.keySet(), DEFAULT));
        }
        return named;
    }

    private static Optional<JsonNode> json(Path file) {
        if (!Files.isRegularFile(file)) return Optional.empty();
        try {
            return Optional.of(JSON.readTree(text(file)));
        } catch (JacksonException e) {
            throw DatasetException.at(file, "is not JSON", e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw DatasetException.at(file, "cannot be read", e);
        }
    }

    private static void specials(JsonNode config, Map<String, String> into) {
        for (var name : TOKENS) {
            var token = config.path(name);
            var text = token.isObject() ? token.path("content") : token;
            if (text.isString()) into.put(name, text.asString());
        }
    }

    /// The messages as one text.
    ///
    /// @throws TemplateException if the template refuses them, as for roles that do not alternate
    public JinjaTemplate.Rendered render(List<ChatMessage> messages, ChatOptions options) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a chat has no messages; give at least one");
        }
        var variables = new LinkedHashMap<String, Object>(specials);
        variables.put("messages", messages.stream().map(ChatMessage::value).toList());
        variables.put("add_generation_prompt", options.reply());
        variables.put("tools", options.tools().isEmpty() ? Optional.empty() : options.tools());
        variables.put("documents", Optional.empty());
        variables.putAll(options.variables());
        boolean calls = !options.tools().isEmpty() && named.containsKey(TOOLS);
        var template = calls ? named.get(TOOLS) : named.get(DEFAULT);
        return java.util.Objects.requireNonNull(template).render(variables, options.now());
    }

    /// The messages as tokens, with warnings where the first token is twice or missing.
    public ChatPrompt encode(Tokenizer tokenizer, List<ChatMessage> messages, ChatOptions options) {
        var text = render(messages, options).text();
        var encoding = tokenizer.encode(text);
        return new ChatPrompt(text, encoding, warnings(tokenizer, encoding.ids()));
    }

    private List<String> warnings(Tokenizer tokenizer, long[] ids) {
        var warnings = new ArrayList<String>();
        var first = specials.getOrDefault("bos_token", "");
        var bos = tokenizer.id(first);
        if (first.isEmpty() || bos.isEmpty()) return warnings;
        if (ids.length > 1 && ids[0] == bos.getAsLong() && ids[1] == bos.getAsLong()) {
            warnings.add(
                    "the text begins with %s twice; the template writes it, so leave it out of the messages"
                            .formatted(first));
        }
        var plain = tokenizer.encodeWithSpecials("a").ids();
        boolean usual = plain.length > 0 && plain[0] == bos.getAsLong();
        if (usual && (ids.length == 0 || ids[0] != bos.getAsLong())) {
            warnings.add(
                    "the tokenizer begins texts with %s and this template does not; check which of the two the model was trained with"
                            .formatted(first));
        }
        return warnings;
    }
}
