package dev.orrery.data.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JinjaTemplateTest {

    private static final LocalDateTime NOW = LocalDateTime.of(2026, 3, 7, 9, 5, 2);

    static Stream<JsonNode> cases() throws IOException {
        return stored().path("cases").valueStream();
    }

    private static JsonNode stored() throws IOException {
        var file = Path.of("src/test/resources/chat/jinja.json");
        return new JsonMapper().readTree(Files.readString(file));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void writesWhatJinjaWrites(JsonNode one) throws IOException {
        var template = one.path("template").asString();
        var variables = variables(stored().path("variables"));
        if (one.has("error")) {
            assertThatThrownBy(() -> JinjaTemplate.parse(template).render(variables, NOW))
                    .isInstanceOf(TemplateException.class);
        } else {
            assertThat(JinjaTemplate.parse(template).render(variables, NOW).text())
                    .isEqualTo(one.path("text").asString());
        }
    }

    private static Map<String, Object> variables(JsonNode node) {
        var map = new LinkedHashMap<String, Object>();
        node.properties().forEach(e -> map.put(e.getKey(), object(e.getValue())));
        return map;
    }

    private static Object object(JsonNode node) {
        if (node.isObject()) return variables(node);
        if (node.isArray()) return node.valueStream().map(JinjaTemplateTest::object).toList();
        if (node.isNull()) return Optional.empty();
        if (node.isBoolean()) return node.booleanValue();
        return node.isIntegralNumber() ? (Object) node.longValue() : node.asString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{{ a.b.c }} | 'a' is not defined, so it has no 'b'",
                "{{ 'a' + 1 }} | '+' does not work on str and int",
                "{{ raise_exception('roles must alternate') }} | roles must alternate",
                "{{ f(1) }} | 'f' is no function that templates have",
                "{{ [1].append(2) }} | templates may not change a list by 'append'",
                "{% set a.b = 1 %} | 'a' is no namespace",
                "{{ range(1000000) }} | at most 100000 numbers",
                "{{ x ~ y }}{% include 'file' %} | templates of chats may not use 'include'",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }} | calls itself without end",
                "{{ ''.__class__.mro() }} | '__class__' is not defined",
                "{{ strftime_now('%Q') }} | does not know %Q"
            })
    void aTemplateThatGoesWrongSaysWhere(String template, String problem) {
        assertThatThrownBy(() -> JinjaTemplate.parse(template).render(Map.of(), NOW))
                .isInstanceOf(TemplateException.class)
                .hasMessageStartingWith("chat template, line 1: ")
                .hasMessageContaining(problem);
    }

    @Test
    void linesAreCounted() {
        var template =
                "{# one\ntwo #}\nthree\n{{ 'four\nfive' }}\n{% if nobody.knows %}{% endif %}";
        assertThatThrownBy(() -> JinjaTemplate.parse(template).render(Map.of(), NOW))
                .hasMessageContaining("line 6: 'nobody' is not defined");
        assertThatThrownBy(
                        () -> JinjaTemplate.parse("a\nb {{ x | unheard }}").render(Map.of(), NOW))
                .hasMessageContaining("line 2: there is no filter 'unheard'; there are abs");
        assertThatThrownBy(() -> JinjaTemplate.parse("\n{% if x %}\n"))
                .hasMessageContaining("one of [elif, else, endif] was expected");
    }

    @Test
    void whatTheAssistantWritesIsMarked() {
        var template =
                "{% for m in messages %}{{ m.role }}: {% if m.role == 'assistant' %}"
                        + "{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}"
                        + "{% endif %};{% endfor %}";
        var messages =
                List.of(
                        Map.of("role", "user", "content", "2+2?"),
                        Map.of("role", "assistant", "content", "4"),
                        Map.of("role", "user", "content", "5+5?"),
                        Map.of("role", "assistant", "content", "ten"));
        var rendered = JinjaTemplate.parse(template).render(Map.of("messages", messages), NOW);
        assertThat(
                        rendered.generated().stream()
                                .map(s -> rendered.text().substring(s.start(), s.end())))
                .containsExactly("4", "ten");
    }

    @Test
    void onlyPlainObjectsAreGiven() {
        assertThatThrownBy(() -> JinjaTemplate.parse("").render(Map.of("x", NOW), NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("knows no LocalDateTime; give texts");
    }
}
