package dev.orrery.data.chat;

import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A template in the part of Jinja that chat templates use.
///
/// There are `if`, `for` (with `else`, a filter, `break`, `continue`), `set`, `macro`, `filter`,
/// `generation`, `raw`, comments, Python's operators, slices, methods of texts and dictionaries,
/// the usual filters and tests, and the functions `namespace`, `range`, `dict`, `raise_exception`
/// and `strftime_now`. Nothing else can be reached; loops and texts have limits. Immutable.
public final class JinjaTemplate {

    private final List<Statement> body;

    private JinjaTemplate(List<Statement> body) {
        this.body = body;
    }

    /// Reads a template.
    ///
    /// @throws TemplateException naming the line and what is wrong there
    public static JinjaTemplate parse(String template) {
        return new JinjaTemplate(List.copyOf(TemplateParser.parse(template)));
    }

    /// What a template wrote.
    ///
    /// @param text all of it
    /// @param generated what stood in `generation` tags: the assistant's own words
    public record Rendered(String text, List<Span> generated) {
        public Rendered {
            generated = List.copyOf(generated);
        }
    }

    /// Runs the template.
    ///
    /// @param variables texts, numbers, booleans, lists and maps by name
    /// @param now what `strftime_now` tells
    /// @throws TemplateException if the template refuses them (`raise_exception`) or goes wrong
    public Rendered render(Map<String, ?> variables, LocalDateTime now) {
        var values = new HashMap<>(Statement.functions(now));
        variables.forEach((name, value) -> values.put(name, Value.from(value)));
        var out = new Statement.Output();
        // what a template sets does not reach the next rendering
        Statement.all(body, Scope.outermost(values).inner(), out);
        return new Rendered(out.text(), out.generated());
    }
}
