package dev.orrery.data.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.DatasetException;
import dev.orrery.data.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The formats of Llama 3, Qwen and Gemma, by templates that say the same as the published ones.
class ChatTemplateTest {

    private static final Path TOKENIZER =
            Path.of("src/test/resources/goldens/tokenizer-sp-bpe/tokenizer.json");
    private static final ChatOptions REPLY =
            ChatOptions.forReply(LocalDateTime.of(2026, 3, 7, 9, 5, 2));
    private static final List<ChatMessage> TALK =
            List.of(
                    ChatMessage.system("Be brief."),
                    ChatMessage.user(" What is 2+2? "),
                    ChatMessage.assistant("4"),
                    ChatMessage.user("Sure?"));

    private static final String LLAMA3 =
            """
            {{- bos_token }}
            {%- if messages[0].role == 'system' %}
                {%- set rules = messages[0]['content'] | trim %}
                {%- set talk = messages[1:] %}
            {%- else %}
                {%- set rules = '' %}
                {%- set talk = messages %}
            {%- endif %}
            {{- '<|start_header_id|>system<|end_header_id|>\\n\\n' }}
            {{- 'Today Date: ' ~ (date_string if date_string is defined else strftime_now('%d %b %Y')) ~ '\\n\\n' }}
            {%- if tools is not none %}
                {%- for tool in tools %}{{- tool | tojson(indent=4) ~ '\\n\\n' }}{%- endfor %}
            {%- endif %}
            {{- rules + '<|eot_id|>' }}
            {%- for m in talk %}
                {{- '<|start_header_id|>' + m['role'] + '<|end_header_id|>\\n\\n' + m.content | trim + '<|eot_id|>' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
            {%- endif %}
            """;

    private static final String QWEN =
            """
            {%- if messages[0].role != 'system' %}
                {{- '<|im_start|>system\\nHelp.<|im_end|>\\n' }}
            {%- endif %}
            {%- for m in messages %}
                {{- '<|im_start|>' ~ m.role ~ '\\n' }}
                {%- if m.content is string %}
                    {{- m.content }}
                {%- else %}
                    {%- for part in m.content %}
                        {%- if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>
                        {%- elif 'text' in part %}{{- part.text }}
                        {%- endif %}
                    {%- endfor %}
                {%- endif %}
                {%- for call in m.tool_calls or [] %}
                    {{- '<tool_call>\\n' ~ {'name': call.name, 'arguments': call.arguments} | tojson ~ '\\n</tool_call>' }}
                {%- endfor %}
                {{- '<|im_end|>\\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|im_start|>assistant\\n' }}
                {%- if enable_thinking is defined and enable_thinking is false %}
                    {{- '<think>\\n\\n</think>\\n\\n' }}
                {%- endif %}
            {%- endif %}
            """;

    private static final String GEMMA =
            """
            {{ bos_token }}
            {%- if messages[0]['role'] == 'system' -%}
                {{ raise_exception('there is no system role') }}
            {%- endif -%}
            {%- for m in messages -%}
                {%- if (m.role == 'user') != (loop.index0 % 2 == 0) -%}
                    {{ raise_exception('user and assistant must take turns') }}
                {%- endif -%}
                {%- set who = 'model' if m.role == 'assistant' else m.role -%}
                {{ '<start_of_turn>' + who + '\\n' + m.content | trim + '<end_of_turn>\\n' }}
            {%- endfor -%}
            {%- if add_generation_prompt -%}{{ '<start_of_turn>model\\n' }}{%- endif -%}
            """;

    @TempDir Path folder;

    private static String render(String template, List<ChatMessage> messages, ChatOptions options) {
        return ChatTemplate.parse(template, Map.of("bos_token", "<BOS>"))
                .render(messages, options)
                .text();
    }

    @Test
    void llama3TellsTheDateAndWhoSpeaks() {
        assertThat(render(LLAMA3, TALK, REPLY))
                .isEqualTo(
                        "<BOS><|start_header_id|>system<|end_header_id|>\n\nToday Date: 07 Mar 2026\n\n"
                                + "Be brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n"
                                + "What is 2+2?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
                                + "4<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nSure?<|eot_id|>"
                                + "<|start_header_id|>assistant<|end_header_id|>\n\n");
        var tools = List.of(Map.<String, Object>of("name", "sum"));
        assertThat(render(LLAMA3, TALK, REPLY.withTools(tools).with("date_string", "1 May 2026")))
                .contains("Today Date: 1 May 2026\n\n{\n    \"name\": \"sum\"\n}\n\nBe brief.");
    }

    @Test
    void qwenHasPicturesCallsAndThinkingThatCanBeSwitchedOff() {
        assertThat(render(QWEN, TALK.subList(1, 2), REPLY))
                .isEqualTo(
                        "<|im_start|>system\nHelp.<|im_end|>\n<|im_start|>user\n What is 2+2? <|im_end|>\n"
                                + "<|im_start|>assistant\n");
        var seen =
                List.of(
                        ChatMessage.system("See."),
                        ChatMessage.user(
                                new ChatMessage.Part.Picture(), new ChatMessage.Part.Text("what?")),
                        ChatMessage.assistant("")
                                .with(
                                        "tool_calls",
                                        List.of(
                                                Map.of(
                                                        "name",
                                                        "look",
                                                        "arguments",
                                                        Map.of("near", true)))));
        assertThat(render(QWEN, seen, REPLY.with("enable_thinking", false)))
                .isEqualTo(
                        "<|im_start|>system\nSee.<|im_end|>\n<|im_start|>user\n"
                                + "<|vision_start|><|image_pad|><|vision_end|>what?<|im_end|>\n"
                                + "<|im_start|>assistant\n<tool_call>\n{\"name\": \"look\", \"arguments\": "
                                + "{\"near\": true}}\n</tool_call><|im_end|>\n<|im_start|>assistant\n"
                                + "<think>\n\n</think>\n\n");
    }

    @Test
    void gemmaHasModelsAndRefusesWhatItWasNotTaught() {
        assertThat(render(GEMMA, TALK.subList(1, 4), REPLY))
                .isEqualTo(
                        "<BOS><start_of_turn>user\nWhat is 2+2?<end_of_turn>\n<start_of_turn>model\n4"
                                + "<end_of_turn>\n<start_of_turn>user\nSure?<end_of_turn>\n<start_of_turn>model\n");
        assertThatThrownBy(() -> render(GEMMA, TALK, REPLY))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("line 3: there is no system role");
        assertThatThrownBy(() -> render(GEMMA, TALK.subList(2, 3), REPLY))
                .hasMessageContaining("must take turns");
    }

    @Test
    void aWholeConversationHasNoReplyToCome() {
        var whole = ChatOptions.whole(REPLY.now());
        assertThat(render(GEMMA, TALK.subList(1, 3), whole)).endsWith("4<end_of_turn>\n");
    }

    @Test
    void aFirstTokenTwiceOrMissingIsToldOf() {
        try (var tokenizer = Tokenizer.open(TOKENIZER)) {
            var specials = Map.of("bos_token", "<s>");
            var twice = ChatTemplate.parse("{{ bos_token }}{{ messages[0].content }}", specials);
            var hello = List.of(ChatMessage.user("hello"));
            var good = twice.encode(tokenizer, hello, REPLY);
            assertThat(good.warnings()).isEmpty();
            assertThat(good.encoding().ids()).startsWith(1).doesNotHaveDuplicates();
            var doubled = twice.encode(tokenizer, List.of(ChatMessage.user("<s>hello")), REPLY);
            assertThat(doubled.warnings()).singleElement().asString().contains("<s> twice");
            var none = ChatTemplate.parse("{{ messages[0].content }}", specials);
            assertThat(none.encode(tokenizer, hello, REPLY).warnings())
                    .singleElement()
                    .asString()
                    .contains("this template does not");
        }
    }

    @Test
    void templatesAreFoundWhereModelsKeepThem() throws IOException {
        assertThatThrownBy(() -> ChatTemplate.open(folder))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("has no chat template: neither chat_template.jinja");
        config(
                """
                {"bos_token": {"content": "<b>"}, "chat_template": [
                  {"name": "default", "template": "{{ bos_token }}plain"},
                  {"name": "tool_use", "template": "{{ bos_token }}tools"}]}
                """);
        var tools = List.of(Map.<String, Object>of("name", "sum"));
        assertThat(opened(REPLY)).isEqualTo("<b>plain");
        assertThat(opened(REPLY.withTools(tools))).isEqualTo("<b>tools");
        config("{\"bos_token\": \"<b>\", \"chat_template\": \"{{ bos_token }}one\"}");
        assertThat(opened(REPLY)).isEqualTo("<b>one");
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ bos_token }}own file");
        assertThat(opened(REPLY)).isEqualTo("<b>own file");
    }

    private void config(String json) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), json);
    }

    private String opened(ChatOptions options) {
        return ChatTemplate.open(folder).render(TALK, options).text();
    }
}
