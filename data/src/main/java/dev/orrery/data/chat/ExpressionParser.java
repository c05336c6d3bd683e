package dev.orrery.data.chat;

import dev.orrery.data.chat.Expression.Given;
import dev.orrery.data.chat.Lexer.Kind;
import dev.orrery.data.chat.Lexer.Token;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads the words inside a tag, with Jinja's precedence.
final class ExpressionParser {

    private static final Expression NOTHING = new Expression.Constant(Value.NONE);
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> NO_ARGUMENT =
            Set.of("else", "or", "and", "is", "in", "not", "if", "recursive");
    private static final int DEEPEST = 200;

    private final List<Token> tokens;
    private int at;
    private int depth;

    ExpressionParser(List<Token> tokens) {
        this.tokens = tokens;
    }

    // ---- words

    Token peek() {
        return tokens.get(at);
    }

    Token take() {
        return tokens.get(at++);
    }

    Token take(Kind kind, String what) {
        if (peek().kind() != kind) throw wrong("expected %s, found '%s'".formatted(what, shown()));
        return take();
    }

    boolean next(Kind kind, String text) {
        return peek().is(kind, text);
    }

    boolean skip(Kind kind, String text) {
        if (!next(kind, text)) return false;
        at++;
        return true;
    }

    void need(Kind kind, String text) {
        if (!skip(kind, text)) throw wrong("expected '%s', found '%s'".formatted(text, shown()));
    }

    private boolean sign(String text) {
        return skip(Kind.SIGN, text);
    }

    private boolean word(String text) {
        return skip(Kind.NAME, text);
    }

    private String shown() {
        return switch (peek().kind()) {
            case CLOSE_VALUE -> "}}";
            case CLOSE_STATEMENT -> "%}";
            case END -> "the end";
            default -> peek().text();
        };
    }

    TemplateException wrong(String what) {
        return new TemplateException(peek().line(), what);
    }

    // ---- expressions

    /// One expression, or several with commas between them, a tuple.
    Expression tuple() {
        var first = expression();
        if (!next(Kind.SIGN, ",")) return first;
        var items = Expression.list(first);
        while (sign(",") && !closes()) items.add(expression());
        return new Expression.ListOf(items, true);
    }

    private boolean closes() {
        return peek().kind() == Kind.CLOSE_VALUE
                || peek().kind() == Kind.CLOSE_STATEMENT
                || next(Kind.SIGN, ")");
    }

    Expression expression() {
        if (++depth > DEEPEST) throw wrong("expressions are nested too deeply");
        var value = or();
        while (word("if")) {
            var condition = or();
            Expression no =
                    word("else")
                            ? expression()
                            : new Expression.Constant(new Value.Undefined("else"));
            value = new Expression.Choice(value, condition, no);
        }
        depth--;
        return value;
    }

    /// Without a choice, where `if` means something else.
    Expression or() {
        var left = and();
        while (word("or")) left = new Expression.Junction(left, false, and());
        return left;
    }

    private Expression and() {
        var left = not();
        while (word("and")) left = new Expression.Junction(left, true, not());
        return left;
    }

    private Expression not() {
        return word("not") ? new Expression.Not(not()) : comparison();
    }

    private Expression comparison() {
        var first = sum();
        var signs = new ArrayList<String>();
        var rest = new ArrayList<Expression>();
        while (true) {
            if (peek().kind() == Kind.SIGN && COMPARISONS.contains(peek().text())) {
                signs.add(take().text());
            } else if (word("in")) {
                signs.add("in");
            } else if (next(Kind.NAME, "not") && tokens.get(at + 1).is(Kind.NAME, "in")) {
                at += 2;
                signs.add("not in");
            } else {
                return signs.isEmpty() ? first : new Expression.Comparison(first, signs, rest);
            }
            rest.add(sum());
        }
    }

    private Expression sum() {
        var left = concatenation();
        while (next(Kind.SIGN, "+") || next(Kind.SIGN, "-")) {
            left = new Expression.Operation(left, take().text(), concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        var first = product();
        if (!next(Kind.SIGN, "~")) return first;
        var parts = Expression.list(first);
        while (sign("~")) parts.add(product());
        return new Expression.Concatenation(parts);
    }

    private Expression product() {
        var left = power();
        while (peek().kind() == Kind.SIGN && Set.of("*", "/", "//", "%").contains(peek().text())) {
            left = new Expression.Operation(left, take().text(), power());
        }
        return left;
    }

    private Expression power() {
        var left = unary(true);
        while (sign("**")) left = new Expression.Operation(left, "**", unary(true));
        return left;
    }

    private Expression unary(boolean filtered) {
        Expression value;
        if (sign("-")) value = new Expression.Negative(unary(false), true);
        else if (sign("+")) value = new Expression.Negative(unary(false), false);
        else value = primary();
        value = postfix(value);
        return filtered ? filters(value) : value;
    }

    private Expression primary() {
        var token = take();
        return switch (token.kind()) {
            case NAME -> name(token.text());
            case STRING -> {
                var text = new StringBuilder(token.text());
                while (peek().kind() == Kind.STRING) text.append(take().text());
                yield new Expression.Constant(Value.of(text.toString()));
            }
            case INTEGER ->
                    new Expression.Constant(
                            Value.of(Long.parseLong(token.text().replace("_", ""))));
            case REAL ->
                    new Expression.Constant(
                            new Value.Real(Double.parseDouble(token.text().replace("_", ""))));
            case SIGN -> group(token);
            default -> {
                at--;
                throw wrong("expected a value, found '%s'".formatted(shown()));
            }
        };
    }

    private static Expression name(String name) {
        return switch (name) {
            case "true", "True" -> new Expression.Constant(Value.TRUE);
            case "false", "False" -> new Expression.Constant(Value.FALSE);
            case "none", "None" -> NOTHING;
            default -> new Expression.Name(name);
        };
    }

    private Expression group(Token open) {
        switch (open.text()) {
            case "(" -> {
                if (sign(")")) return new Expression.ListOf(List.of(), true);
                var inside = tuple();
                need(Kind.SIGN, ")");
                return inside;
            }
            case "[" -> {
                var items = new ArrayList<Expression>();
                while (!sign("]")) {
                    items.add(expression());
                    if (!next(Kind.SIGN, "]")) need(Kind.SIGN, ",");
                }
                return new Expression.ListOf(items, false);
            }
            case "{" -> {
                var pairs = new ArrayList<Expression.Pair>();
                while (!sign("}")) {
                    var key = expression();
                    need(Kind.SIGN, ":");
                    pairs.add(new Expression.Pair(key, expression()));
                    if (!next(Kind.SIGN, "}")) need(Kind.SIGN, ",");
                }
                return new Expression.DictOf(pairs);
            }
            default -> {
                at--;
                throw wrong("expected a value, found '%s'".formatted(shown()));
            }
        }
    }

    private Expression postfix(Expression start) {
        var value = start;
        while (true) {
            if (sign(".")) {
                var key = take();
                value =
                        key.kind() == Kind.INTEGER
                                ? new Expression.Item(
                                        value,
                                        new Expression.Constant(
                                                Value.of(Long.parseLong(key.text()))))
                                : new Expression.Attribute(value, key.text());
            } else if (sign("[")) {
                value = subscript(value);
            } else if (sign("(")) {
                value = new Expression.Call(value, given());
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression object) {
        var from = next(Kind.SIGN, ":") ? NOTHING : expression();
        if (sign("]")) return new Expression.Item(object, from);
        need(Kind.SIGN, ":");
        var to = next(Kind.SIGN, "]") || next(Kind.SIGN, ":") ? NOTHING : expression();
        var step = sign(":") && !next(Kind.SIGN, "]") ? expression() : NOTHING;
        need(Kind.SIGN, "]");
        return new Expression.Slice(object, from, to, step);
    }

    /// Arguments up to the closing bracket.
    Given given() {
        var places = new ArrayList<Expression>();
        Map<String, Expression> names = new LinkedHashMap<>();
        while (!sign(")")) {
            if (peek().kind() == Kind.NAME && tokens.get(at + 1).is(Kind.SIGN, "=")) {
                var name = take().text();
                at++;
                names.put(name, expression());
            } else {
                places.add(expression());
            }
            if (!next(Kind.SIGN, ")")) need(Kind.SIGN, ",");
        }
        return new Given(places, names);
    }

    private Expression filters(Expression start) {
        var value = start;
        while (true) {
            if (sign("|")) {
                var name = take(Kind.NAME, "a filter's name").text();
                value = new Expression.Filter(value, name, sign("(") ? given() : none());
            } else if (word("is")) {
                value = test(value);
            } else if (sign("(")) {
                value = new Expression.Call(value, given());
            } else {
                return value;
            }
        }
    }

    private static Given none() {
        return new Given(List.of(), Map.of());
    }

    private Expression test(Expression value) {
        boolean not = word("not");
        var name = take(Kind.NAME, "a test's name").text();
        Given given;
        if (sign("(")) {
            given = given();
        } else if (startsValue()) {
            given = new Given(List.of(postfix(primary())), Map.of());
        } else {
            given = none();
        }
        var test = new Expression.Test(value, name, given);
        return not ? new Expression.Not(test) : test;
    }

    private boolean startsValue() {
        return switch (peek().kind()) {
            case NAME -> !NO_ARGUMENT.contains(peek().text());
            case STRING, INTEGER, REAL -> true;
            case SIGN -> next(Kind.SIGN, "[") || next(Kind.SIGN, "{");
            default -> false;
        };
    }
}
