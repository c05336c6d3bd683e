package dev.orrery.data.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Python's operators on [Value]s.
final class Operators {

    private static final int LONGEST = 1 << 24;

    private Operators() {}

    static boolean compare(String sign, Value left, Value right) {
        return switch (sign) {
            case "==" -> left.same(right);
            case "!=" -> !left.same(right);
            case "in" -> contains(right, left);
            case "not in" -> !contains(right, left);
            case "<" -> order(left, right) < 0;
            case "<=" -> order(left, right) <= 0;
            case ">" -> order(left, right) > 0;
            case ">=" -> order(left, right) >= 0;
            default -> throw new TemplateException("no comparison '%s'".formatted(sign));
        };
    }

    static boolean contains(Value all, Value wanted) {
        return switch (all) {
            case Value.Str(var text) when wanted instanceof Value.Str(var part) ->
                    text.contains(part);
            case Value.Seq(var items, _) -> items.stream().anyMatch(wanted::same);
            case Value.Dict(var entries) -> entries.containsKey(wanted);
            case Value.Undefined _ -> false;
            default ->
                    throw new TemplateException(
                            "'in' cannot look for %s in %s".formatted(wanted.kind(), all.kind()));
        };
    }

    static int order(Value left, Value right) {
        if (left.isNumber() && right.isNumber()) {
            return Double.compare(left.asDouble(), right.asDouble());
        }
        if (left instanceof Value.Str(var a) && right instanceof Value.Str(var b)) {
            return a.compareTo(b);
        }
        if (left instanceof Value.Seq(var a, _) && right instanceof Value.Seq(var b, _)) {
            for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
                int first = order(a.get(i), b.get(i));
                if (first != 0) return first;
            }
            return Integer.compare(a.size(), b.size());
        }
        throw new TemplateException("%s and %s have no order".formatted(left.kind(), right.kind()));
    }

    static Value compute(String sign, Value left, Value right) {
        if (left.isNumber() && right.isNumber()) return number(sign, left, right);
        if (sign.equals("+")) return joined(left, right);
        if (sign.equals("*")) {
            if (right instanceof Value.Int(long times)) return repeated(left, times, right);
            if (left instanceof Value.Int(long times)) return repeated(right, times, left);
        }
        throw wrong(sign, left, right);
    }

    private static Value joined(Value left, Value right) {
        if (left instanceof Value.Str(var a) && right instanceof Value.Str(var b)) {
            return Value.of(a + b);
        }
        if (left instanceof Value.Seq(var a, boolean tuple)
                && right instanceof Value.Seq(var b, boolean other)
                && tuple == other) {
            var all = new ArrayList<>(a);
            all.addAll(b);
            return new Value.Seq(all, tuple);
        }
        throw wrong("+", left, right);
    }

    private static Value repeated(Value value, long times, Value count) {
        int copies = Math.clamp(times, 0, LONGEST);
        return switch (value) {
            case Value.Str(var text) when (long) text.length() * copies <= LONGEST ->
                    Value.of(text.repeat(copies));
            case Value.Seq(var items, boolean tuple) when (long) items.size() * copies <= LONGEST ->
                    new Value.Seq(
                            Collections.nCopies(copies, items).stream()
                                    .flatMap(List::stream)
                                    .toList(),
                            tuple);
            default -> throw wrong("*", value, count);
        };
    }

    private static Value number(String sign, Value left, Value right) {
        boolean real = left instanceof Value.Real || right instanceof Value.Real;
        double a = left.asDouble(), b = right.asDouble();
        if (b == 0 && (sign.equals("/") || sign.equals("//") || sign.equals("%"))) {
            throw new TemplateException("division by zero");
        }
        if (sign.equals("/")) return new Value.Real(a / b);
        if (sign.equals("**") && !real && b >= 0) return Value.of(Math.round(Math.pow(a, b)));
        if (real || sign.equals("**")) {
            return new Value.Real(
                    switch (sign) {
                        case "+" -> a + b;
                        case "-" -> a - b;
                        case "*" -> a * b;
                        case "//" -> Math.floor(a / b);
                        case "%" -> a - Math.floor(a / b) * b;
                        case "**" -> Math.pow(a, b);
                        default -> throw wrong(sign, left, right);
                    });
        }
        long x = left.asLong(), y = right.asLong();
        return Value.of(
                switch (sign) {
                    case "+" -> x + y;
                    case "-" -> x - y;
                    case "*" -> x * y;
                    case "//" -> Math.floorDiv(x, y);
                    case "%" -> Math.floorMod(x, y);
                    default -> throw wrong(sign, left, right);
                });
    }

    private static TemplateException wrong(String sign, Value left, Value right) {
        return new TemplateException(
                "'%s' does not work on %s and %s".formatted(sign, left.kind(), right.kind()));
    }
}
