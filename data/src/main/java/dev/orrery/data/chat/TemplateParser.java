package dev.orrery.data.chat;

import dev.orrery.data.chat.Lexer.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads a template's tags into [Statement]s.
final class TemplateParser {

    private static final Set<String> UNKNOWN_HERE =
            Set.of("include", "import", "from", "extends", "block", "call", "with", "autoescape");

    private final ExpressionParser words;
    private int loops;

    private TemplateParser(ExpressionParser words) {
        this.words = words;
    }

    static List<Statement> parse(String template) {
        var parser = new TemplateParser(new ExpressionParser(Lexer.tokens(template)));
        var all = parser.body(Set.of());
        if (parser.words.peek().kind() != Kind.END) {
            throw parser.words.wrong("a tag closes what was not opened");
        }
        return all;
    }

    /// Pieces up to a tag of one of these names, which is left; its opening sign is taken.
    private List<Statement> body(Set<String> ends) {
        var pieces = new ArrayList<Statement>();
        while (true) {
            var token = words.peek();
            switch (token.kind()) {
                case END -> {
                    if (ends.isEmpty()) return pieces;
                    throw words.wrong(
                            "the template ends where one of %s was expected"
                                    .formatted(ends.stream().sorted().toList()));
                }
                case TEXT -> pieces.add(new Statement.Text(words.take().text()));
                case OPEN_VALUE -> {
                    words.take();
                    var value = words.tuple();
                    words.take(Kind.CLOSE_VALUE, "}}");
                    pieces.add(located(new Statement.Print(value), token.line()));
                }
                default -> {
                    words.take(Kind.OPEN_STATEMENT, "a tag");
                    var name = words.peek();
                    if (ends.contains(name.text())) return pieces;
                    words.take(Kind.NAME, "a tag's name");
                    pieces.add(located(statement(name.text()), token.line()));
                }
            }
        }
    }

    private static Statement located(Statement statement, int line) {
        return new Statement.Located(statement, line);
    }

    private void close() {
        words.take(Kind.CLOSE_STATEMENT, "%}");
    }

    /// Takes the tag that ends a body.
    private void end(String name) {
        words.need(Kind.NAME, name);
        close();
    }

    private Statement statement(String name) {
        return switch (name) {
            case "if" -> branches();
            case "for" -> loop();
            case "set" -> set();
            case "macro" -> macro();
            case "filter" -> filter();
            case "generation" -> {
                close();
                var body = body(Set.of("endgeneration"));
                end("endgeneration");
                yield new Statement.Generation(body);
            }
            case "break", "continue" -> leave(name);
            default ->
                    throw words.wrong(
                            UNKNOWN_HERE.contains(name)
                                    ? "templates of chats may not use '%s'".formatted(name)
                                    : "there is no tag '%s'; there are if, for, set, macro, filter, generation, break, continue, raw"
                                            .formatted(name));
        };
    }

    private Statement leave(String name) {
        if (loops == 0) throw words.wrong("'%s' stands outside a loop".formatted(name));
        close();
        return new Statement.Leave(
                name.equals("break") ? Statement.Flow.BREAK : Statement.Flow.CONTINUE);
    }

    private Statement branches() {
        var branches = new ArrayList<Statement.Branch>();
        List<Statement> otherwise = List.of();
        do {
            var condition = words.tuple();
            close();
            branches.add(new Statement.Branch(condition, body(Set.of("elif", "else", "endif"))));
        } while (words.skip(Kind.NAME, "elif"));
        if (words.skip(Kind.NAME, "else")) {
            close();
            otherwise = body(Set.of("endif"));
        }
        end("endif");
        return new Statement.If(branches, otherwise);
    }

    private Statement loop() {
        var names = names();
        words.need(Kind.NAME, "in");
        // an `if` here filters the loop
        var over = words.or();
        if (words.next(Kind.SIGN, ",")) throw words.wrong("put the tuple of a loop in brackets");
        Optional<Expression> filter =
                words.skip(Kind.NAME, "if") ? Optional.of(words.expression()) : Optional.empty();
        if (words.next(Kind.NAME, "recursive")) throw words.wrong("loops cannot be recursive here");
        close();
        loops++;
        var body = body(Set.of("else", "endfor"));
        loops--;
        List<Statement> otherwise = List.of();
        if (words.skip(Kind.NAME, "else")) {
            close();
            otherwise = body(Set.of("endfor"));
        }
        end("endfor");
        return new Statement.For(names, over, filter, body, otherwise);
    }

    private List<String> names() {
        boolean bracket = words.skip(Kind.SIGN, "(");
        var names = new ArrayList<String>();
        do {
            names.add(words.take(Kind.NAME, "a name").text());
        } while (words.skip(Kind.SIGN, ","));
        if (bracket) words.need(Kind.SIGN, ")");
        return names;
    }

    private Statement set() {
        var names = names();
        if (names.size() == 1 && words.skip(Kind.SIGN, ".")) {
            var attribute = words.take(Kind.NAME, "an attribute").text();
            words.need(Kind.SIGN, "=");
            var value = words.tuple();
            close();
            return new Statement.SetAttribute(names.getFirst(), attribute, value);
        }
        if (words.skip(Kind.SIGN, "=")) {
            var value = words.tuple();
            close();
            return new Statement.Set(names, value);
        }
        close();
        var body = body(Set.of("endset"));
        end("endset");
        return new Statement.SetBlock(names.getFirst(), body);
    }

    private Statement macro() {
        var name = words.take(Kind.NAME, "a macro's name").text();
        words.need(Kind.SIGN, "(");
        var parameters = new ArrayList<Statement.Parameter>();
        while (!words.skip(Kind.SIGN, ")")) {
            var parameter = words.take(Kind.NAME, "a parameter").text();
            parameters.add(
                    new Statement.Parameter(
                            parameter,
                            words.skip(Kind.SIGN, "=")
                                    ? Optional.of(words.expression())
                                    : Optional.empty()));
            if (!words.next(Kind.SIGN, ")")) words.need(Kind.SIGN, ",");
        }
        close();
        int outside = loops;
        loops = 0;
        var body = body(Set.of("endmacro"));
        loops = outside;
        end("endmacro");
        return new Statement.Macro(name, parameters, body);
    }

    private Statement filter() {
        var name = words.take(Kind.NAME, "a filter's name").text();
        var given =
                words.skip(Kind.SIGN, "(")
                        ? words.given()
                        : new Expression.Given(List.of(), java.util.Map.of());
        close();
        var body = body(Set.of("endfilter"));
        end("endfilter");
        return new Statement.FilterBlock(name, given, body);
    }
}
