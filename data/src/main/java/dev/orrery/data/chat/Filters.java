package dev.orrery.data.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What stands behind a bar, as in `text | trim`.
enum Filters {
    ABS((v, _) ->
            v instanceof Value.Real(double n)
                    ? new Value.Real(Math.abs(n))
                    : Value.of(Math.abs(v.asLong()))),
    CAPITALIZE((v, _) -> Value.of(Methods.capital(v.text()))),
    COUNT((v, _) -> Value.of(v.length())),
    D(Filters::orElse),
    DEFAULT(Filters::orElse),
    DICTSORT((v, _) ->
            new Value.Seq(
                    pairs(v).stream()
                            .sorted(
                                    Comparator.comparing(p ->
                                            p.items().getFirst().text().toLowerCase(Locale.ROOT)))
                            .toList())),
    E((v, _) -> Value.of(escaped(v.text()))),
    ESCAPE((v, _) -> Value.of(escaped(v.text()))),
    FIRST((v, _) -> v.items().isEmpty() ? new Value.Undefined("first") : v.items().getFirst()),
    FLOAT((v, a) -> real(v, a)),
    INDENT((v, a) -> Value.of(indent(v.text(), a))),
    INT((v, a) -> whole(v, a)),
    ITEMS((v, _) -> new Value.Seq(pairs(v))),
    JOIN((v, a) ->
            Value.of(
                    picked(
                                    v,
                                    a.names()
                                            .getOrDefault(
                                                    "attribute",
                                                    a.places().size() > 1
                                                            ? a.places().get(1)
                                                            : Value.NONE))
                            .stream()
                            .map(Value::text)
                            .collect(Collectors.joining(a.text(0, "d", ""))))),
    LAST((v, _) -> v.items().isEmpty() ? new Value.Undefined("last") : v.items().getLast()),
    LENGTH((v, _) -> Value.of(v.length())),
    LIST((v, _) -> new Value.Seq(v.items())),
    LOWER((v, _) -> Value.of(v.text().toLowerCase(Locale.ROOT))),
    MAP(Filters::map),
    MAX((v, _) -> v.items().stream().max(Operators::order).orElse(new Value.Undefined("max"))),
    MIN((v, _) -> v.items().stream().min(Operators::order).orElse(new Value.Undefined("min"))),
    REJECT((v, a) -> chosen(v, a, false, false)),
    REJECTATTR((v, a) -> chosen(v, a, true, false)),
    REPLACE((v, a) -> Value.of(Methods.replace(v.text(), a))),
    REVERSE((v, _) ->
            v instanceof Value.Str(var text)
                    ? Value.of(new StringBuilder(text).reverse().toString())
                    : new Value.Seq(v.items().reversed())),
    ROUND((v, a) ->
            new Value.Real(
                    Math.rint(
                                    v.asDouble()
                                            * Math.pow(
                                                    10,
                                                    a.get(0, "precision", Value.of(0)).asLong()))
                            / Math.pow(10, a.get(0, "precision", Value.of(0)).asLong()))),
    SAFE((v, _) -> v),
    SELECT((v, a) -> chosen(v, a, false, true)),
    SELECTATTR((v, a) -> chosen(v, a, true, true)),
    SORT(Filters::sort),
    STRING((v, _) -> Value.of(v.text())),
    SUM((v, a) ->
            picked(v, a.get(0, "attribute", Value.NONE)).stream()
                    .reduce(Value.of(0), (x, y) -> Operators.compute("+", x, y))),
    TITLE((v, _) -> Value.of(Methods.title(v.text()))),
    TOJSON(Filters::json),
    TRIM((v, a) -> Value.of(Methods.strip(v.text(), a.get(0, "chars", Value.NONE), true, true))),
    UNIQUE((v, _) -> new Value.Seq(unique(v.items()))),
    UPPER((v, _) -> Value.of(v.text().toUpperCase(Locale.ROOT))),
    WORDCOUNT((v, _) -> Value.of(v.text().isBlank() ? 0 : v.text().strip().split("\\s+").length));

    private final BiFunction<Value, Arguments, Value> body;

    Filters(BiFunction<Value, Arguments, Value> body) {
        this.body = body;
    }

    static Value apply(String name, Value input, Arguments arguments) {
        return Arrays.stream(values())
                .filter(f -> f.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new TemplateException(
                                "there is no filter '%s'; there are %s"
                                        .formatted(
                                                name,
                                                Arrays.stream(values())
                                                        .map(f -> f.name().toLowerCase(Locale.ROOT))
                                                        .collect(Collectors.joining(", ")))))
                .body
                .apply(input, arguments);
    }

    private static Value orElse(Value v, Arguments a) {
        boolean missing = v instanceof Value.Undefined || a.flag(1, "boolean") && !v.truth();
        return missing ? a.get(0, "default_value", Value.of("")) : v;
    }

    private static List<Value> pairs(Value v) {
        return switch (v) {
            case Value.Dict _ ->
                    Methods.attribute(v, "items") instanceof Value.Function f
                            ? f.body().call(Arguments.of()).items()
                            : List.of();
            case Value.Undefined _ -> List.of();
            default -> throw new TemplateException("%s has no items".formatted(v.kind()));
        };
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&#34;")
                .replace("'", "&#39;");
    }

    private static Value real(Value v, Arguments a) {
        if (v.isNumber()) return new Value.Real(v.asDouble());
        try {
            return new Value.Real(Double.parseDouble(v.text().strip()));
        } catch (NumberFormatException _) {
            return a.get(0, "default", new Value.Real(0));
        }
    }

    private static Value whole(Value v, Arguments a) {
        if (v.isNumber()) return Value.of((long) v.asDouble());
        try {
            return Value.of((long) Double.parseDouble(v.text().strip()));
        } catch (NumberFormatException _) {
            return a.get(0, "default", Value.of(0));
        }
    }

    private static String indent(String text, Arguments a) {
        var blanks =
                a.get(0, "width", Value.of(4)) instanceof Value.Str(var s)
                        ? s
                        : " ".repeat((int) a.get(0, "width", Value.of(4)).asLong());
        boolean first = a.flag(1, "first"), blank = a.flag(2, "blank");
        var lines = text.split("\n", -1);
        return IntStream.range(0, lines.length)
                .mapToObj(i ->
                        i == 0
                                ? (first ? blanks : "") + lines[0]
                                : (lines[i].isEmpty() && !blank ? "" : blanks) + lines[i])
                .collect(Collectors.joining("\n"));
    }

    /// An attribute of each item, which may have dots; the items themselves if there is none.
    private static List<Value> picked(Value v, Value attribute) {
        return attribute instanceof Value.None
                ? v.items()
                : v.items().stream().map(i -> pick(i, attribute)).toList();
    }

    private static Value pick(Value item, Value attribute) {
        if (attribute instanceof Value.Int) return Methods.item(item, attribute);
        var found = item;
        for (var part : attribute.text().split("\\.")) found = Methods.item(found, Value.of(part));
        return found;
    }

    private static Value map(Value v, Arguments a) {
        if (a.names().containsKey("attribute")) {
            var missing = a.names().get("default");
            return new Value.Seq(
                    picked(v, a.names().get("attribute")).stream()
                            .map(x -> missing != null && x instanceof Value.Undefined ? missing : x)
                            .toList());
        }
        var name = a.need(0, "filter").text();
        var rest = new Arguments(a.places().subList(1, a.places().size()), a.names());
        return new Value.Seq(v.items().stream().map(x -> apply(name, x, rest)).toList());
    }

    private static Value chosen(Value v, Arguments a, boolean byAttribute, boolean wanted) {
        int from = byAttribute ? 1 : 0;
        var test = a.places().size() > from ? a.places().get(from).text() : "";
        var rest =
                new Arguments(
                        a.places().size() > from
                                ? a.places().subList(from + 1, a.places().size())
                                : List.of(),
                        a.names());
        return new Value.Seq(
                v.items().stream()
                        .filter(i -> {
                            var x = byAttribute ? pick(i, a.places().getFirst()) : i;
                            return wanted
                                    == (test.isEmpty() ? x.truth() : Checks.holds(test, x, rest));
                        })
                        .toList());
    }

    private static Value sort(Value v, Arguments a) {
        var attribute = a.get(2, "attribute", Value.NONE);
        boolean exact = a.flag(1, "case_sensitive");
        Comparator<Value> order =
                (x, y) ->
                        Operators.order(sortKey(x, attribute, exact), sortKey(y, attribute, exact));
        return new Value.Seq(
                v.items().stream()
                        .sorted(a.flag(0, "reverse") ? order.reversed() : order)
                        .toList());
    }

    private static Value sortKey(Value v, Value attribute, boolean exact) {
        var key = attribute instanceof Value.None ? v : pick(v, attribute);
        return !exact && key instanceof Value.Str(var text)
                ? Value.of(text.toLowerCase(Locale.ROOT))
                : key;
    }

    private static List<Value> unique(List<Value> items) {
        var seen = new LinkedHashMap<Value, Value>();
        items.forEach(i ->
                seen.putIfAbsent(
                        i instanceof Value.Str(var t) ? Value.of(t.toLowerCase(Locale.ROOT)) : i,
                        i));
        return new ArrayList<>(seen.values());
    }

    private static Value json(Value v, Arguments a) {
        var separators = a.get(2, "separators", Value.NONE);
        boolean usual = separators instanceof Value.None;
        var indent = a.get(1, "indent", Value.NONE);
        var layout =
                new PythonText.Layout(
                        indent instanceof Value.None ? -1 : (int) indent.asLong(),
                        a.flag(0, "ensure_ascii"),
                        a.flag(3, "sort_keys"),
                        usual ? ", " : separators.items().get(0).text(),
                        usual ? ": " : separators.items().get(1).text());
        return Value.of(PythonText.json(v, layout));
    }
}
