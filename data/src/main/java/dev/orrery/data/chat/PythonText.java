package dev.orrery.data.chat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Values as Python writes them: `repr`, and JSON with its spaces.
final class PythonText {

    private static final double SMALLEST_PLAIN = 1e-4, LARGEST_PLAIN = 1e16;

    private PythonText() {}

    static String repr(Value value) {
        return switch (value) {
            case Value.Str(var text) -> quoted(text);
            case Value.Int(long n) -> Long.toString(n);
            case Value.Real(double n) -> real(n);
            case Value.Bool(boolean b) -> b ? "True" : "False";
            case Value.None _ -> "None";
            case Value.Undefined _ -> "Undefined";
            case Value.Seq(var items, boolean tuple) -> {
                var inside = String.join(", ", items.stream().map(PythonText::repr).toList());
                yield tuple ? "(" + inside + (items.size() == 1 ? ",)" : ")") : "[" + inside + "]";
            }
            case Value.Dict(var entries) -> {
                var parts = new ArrayList<String>();
                entries.forEach((k, v) -> parts.add(repr(k) + ": " + repr(v)));
                yield "{" + String.join(", ", parts) + "}";
            }
            case Value.Function f -> "<function %s>".formatted(f.name());
            case Value.Namespace _ -> "<Namespace>";
        };
    }

    private static String quoted(String text) {
        char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
        var out = new StringBuilder().append(quote);
        text.codePoints()
                .forEach(c -> {
                    switch (c) {
                        case '\n' -> out.append("\\n");
                        case '\r' -> out.append("\\r");
                        case '\t' -> out.append("\\t");
                        case '\\' -> out.append("\\\\");
                        default -> {
                            if (c == quote) out.append('\\').append(quote);
                            else if (c < ' ' || c == 127) out.append("\\x%02x".formatted(c));
                            else out.appendCodePoint(c);
                        }
                    }
                });
        return out.append(quote).toString();
    }

    /// The shortest digits that read back, with an exponent where Python has one.
    static String real(double n) {
        if (Double.isNaN(n)) return "nan";
        if (Double.isInfinite(n)) return n > 0 ? "inf" : "-inf";
        double size = Math.abs(n);
        var exact = new BigDecimal(Double.toString(n));
        if (size == 0 || size >= SMALLEST_PLAIN && size < LARGEST_PLAIN) {
            var plain = exact.stripTrailingZeros().toPlainString();
            var signed = size == 0 && 1 / n < 0 ? "-" + plain : plain;
            return signed.contains(".") ? signed : signed + ".0";
        }
        var digits = exact.stripTrailingZeros();
        int exponent = digits.precision() - digits.scale() - 1;
        var mantissa = digits.movePointLeft(exponent).stripTrailingZeros().toPlainString();
        return "%se%s%02d".formatted(mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    /// How JSON is laid out.
    ///
    /// @param indent spaces a level; negative for one line
    /// @param ascii whether other characters are escaped
    /// @param sorted whether keys are sorted
    /// @param between what stands between items
    /// @param after what stands after a key
    record Layout(int indent, boolean ascii, boolean sorted, String between, String after) {}

    static String json(Value value, Layout layout) {
        var out = new StringBuilder();
        write(value, layout, 0, out);
        return out.toString();
    }

    private static void write(Value value, Layout layout, int depth, StringBuilder out) {
        switch (value) {
            case Value.Str(var text) -> string(text, layout.ascii, out);
            case Value.Int _ -> out.append(repr(value));
            case Value.Real(double n) ->
                    out.append(
                            Double.isNaN(n)
                                    ? "NaN"
                                    : Double.isInfinite(n)
                                            ? n > 0 ? "Infinity" : "-Infinity"
                                            : real(n));
            case Value.Bool(boolean b) -> out.append(b);
            case Value.None _ -> out.append("null");
            case Value.Seq(var items, _) ->
                    group(
                            '[',
                            ']',
                            items.size(),
                            layout,
                            depth,
                            out,
                            i -> write(items.get(i), layout, depth + 1, out));
            case Value.Dict(var entries) -> {
                var all = entries(entries, layout.sorted);
                group(
                        '{',
                        '}',
                        all.size(),
                        layout,
                        depth,
                        out,
                        i -> {
                            string(key(all.get(i).getKey()), layout.ascii, out);
                            out.append(layout.after);
                            write(all.get(i).getValue(), layout, depth + 1, out);
                        });
            }
            case Value.Undefined _, Value.Function _, Value.Namespace _ ->
                    throw new TemplateException(
                            "%s cannot be written as JSON".formatted(value.kind()));
        }
    }

    private static List<Map.Entry<Value, Value>> entries(Map<Value, Value> map, boolean sorted) {
        var all = new ArrayList<>(map.entrySet());
        if (sorted) all.sort(Comparator.comparing(e -> key(e.getKey())));
        return all;
    }

    private static String key(Value key) {
        return switch (key) {
            case Value.Bool(boolean b) -> Boolean.toString(b);
            case Value.None _ -> "null";
            default -> key.text();
        };
    }

    private interface Item {
        void write(int i);
    }

    private static void group(
            char open,
            char close,
            int count,
            Layout layout,
            int depth,
            StringBuilder out,
            Item item) {
        out.append(open);
        for (int i = 0; i < count; i++) {
            if (i > 0)
                out.append(layout.indent < 0 ? layout.between : layout.between.stripTrailing());
            line(layout, depth + 1, out);
            item.write(i);
        }
        if (count > 0) line(layout, depth, out);
        out.append(close);
    }

    private static void line(Layout layout, int depth, StringBuilder out) {
        if (layout.indent >= 0) out.append('\n').append(" ".repeat(layout.indent * depth));
    }

    private static void string(String text, boolean ascii, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || ascii && c > '~') out.append("\\u%04x".formatted((int) c));
                    else out.append(c);
                }
            }
        }
        out.append('"');
    }
}
