package dev.orrery.data.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Attributes, keys and methods of [Value]s.
final class Methods {

    private Methods() {}

    static Value attribute(Value object, String name) {
        return switch (object) {
            case Value.Undefined(var what) -> throw missing(what, name);
            case Value.Namespace(var attributes) -> named(attributes.get(name), name);
            case Value.Dict(var entries) ->
                    method(object, name).orElseGet(() -> named(entries.get(Value.of(name)), name));
            default -> method(object, name).orElseGet(() -> new Value.Undefined(name));
        };
    }

    static Value item(Value object, Value key) {
        return switch (object) {
            case Value.Undefined(var what) -> throw missing(what, key.text());
            case Value.Dict(var entries) when entries.containsKey(key) -> entries.get(key);
            case Value.Seq(var items, _) when key instanceof Value.Int(long i) -> at(items, i, key);
            case Value.Str _ when key instanceof Value.Int(long i) -> at(object.items(), i, key);
            case Value value when key instanceof Value.Str(var name) -> attribute(value, name);
            default -> new Value.Undefined(key.text());
        };
    }

    private static Value at(List<Value> items, long i, Value key) {
        long place = i < 0 ? i + items.size() : i;
        return place < 0 || place >= items.size()
                ? new Value.Undefined(key.text())
                : items.get((int) place);
    }

    private static Value named(@org.jspecify.annotations.Nullable Value found, String name) {
        return found == null ? new Value.Undefined(name) : found;
    }

    private static TemplateException missing(String what, String name) {
        return new TemplateException(
                "'%s' is not defined, so it has no '%s'; give it, or ask for '%s is defined'"
                        .formatted(what, name, what));
    }

    static Value slice(Value object, Value from, Value to, Value step) {
        var items = object.items();
        long pace = step instanceof Value.None ? 1 : step.asLong();
        if (pace == 0) throw new TemplateException("a slice cannot step by 0");
        int size = items.size();
        long first = bound(from, pace > 0 ? 0 : size - 1, size, pace);
        long last = to instanceof Value.None ? pace > 0 ? size : -1 : bound(to, 0, size, pace);
        var chosen = new ArrayList<Value>();
        for (long i = first; pace > 0 ? i < last : i > last; i += pace) {
            chosen.add(items.get((int) i));
        }
        if (!(object instanceof Value.Str)) {
            return new Value.Seq(chosen, object instanceof Value.Seq(_, boolean t) && t);
        }
        return Value.of(String.join("", chosen.stream().map(Value::text).toList()));
    }

    private static long bound(Value bound, long missing, int size, long pace) {
        if (bound instanceof Value.None) return missing;
        long i = bound.asLong() < 0 ? bound.asLong() + size : bound.asLong();
        return pace > 0 ? Math.clamp(i, 0, size) : Math.clamp(i, -1, size - 1);
    }

    private static Optional<Value> method(Value object, String name) {
        return switch (object) {
            case Value.Str(var text) -> textMethod(text, name).map(b -> bound(name, b));
            case Value.Dict(var entries) -> dictMethod(entries, name).map(b -> bound(name, b));
            case Value.Seq(var items, _) -> listMethod(items, name).map(b -> bound(name, b));
            default -> Optional.empty();
        };
    }

    private static Value bound(String name, Value.Function.Body body) {
        return new Value.Function(name, body);
    }

    private static Optional<Value.Function.Body> dictMethod(
            Map<Value, Value> entries, String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "items" ->
                            _ ->
                                    new Value.Seq(
                                            entries.entrySet().stream()
                                                    .map(e -> Value.tuple(e.getKey(), e.getValue()))
                                                    .toList());
                    case "keys" -> _ -> new Value.Seq(List.copyOf(entries.keySet()));
                    case "values" -> _ -> new Value.Seq(List.copyOf(entries.values()));
                    case "get" ->
                            a ->
                                    entries.getOrDefault(
                                            a.need(0, "key"), a.get(1, "default", Value.NONE));
                    default -> null;
                });
    }

    private static Optional<Value.Function.Body> listMethod(List<Value> items, String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "index" -> a -> Value.of(place(items, a.need(0, "value")));
                    case "count" ->
                            a -> Value.of(items.stream().filter(a.need(0, "value")::same).count());
                    case "append",
                            "extend",
                            "insert",
                            "pop",
                            "remove",
                            "clear",
                            "sort",
                            "reverse" ->
                            _ -> {
                                throw new TemplateException(
                                        "templates may not change a list by '%s'; set a new one, as in a + [b]"
                                                .formatted(name));
                            };
                    default -> null;
                });
    }

    private static long place(List<Value> items, Value wanted) {
        for (int i = 0; i < items.size(); i++) if (items.get(i).same(wanted)) return i;
        throw new TemplateException("%s is not in the list".formatted(PythonText.repr(wanted)));
    }

    private static Optional<Value.Function.Body> textMethod(String text, String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "strip" ->
                            a -> Value.of(strip(text, a.get(0, "chars", Value.NONE), true, true));
                    case "lstrip" ->
                            a -> Value.of(strip(text, a.get(0, "chars", Value.NONE), true, false));
                    case "rstrip" ->
                            a -> Value.of(strip(text, a.get(0, "chars", Value.NONE), false, true));
                    case "upper" -> _ -> Value.of(text.toUpperCase(Locale.ROOT));
                    case "lower" -> _ -> Value.of(text.toLowerCase(Locale.ROOT));
                    case "title" -> _ -> Value.of(title(text));
                    case "capitalize" -> _ -> Value.of(capital(text));
                    case "startswith" -> a -> any(a, text::startsWith);
                    case "endswith" -> a -> any(a, text::endsWith);
                    case "split" -> a -> split(text, a);
                    case "splitlines" -> _ -> new Value.Seq(text.lines().map(Value::of).toList());
                    case "join" ->
                            a ->
                                    Value.of(
                                            String.join(
                                                    text,
                                                    a.need(0, "iterable").items().stream()
                                                            .map(Value::text)
                                                            .toList()));
                    case "replace" -> a -> Value.of(replace(text, a));
                    case "find" -> a -> Value.of(text.indexOf(a.need(0, "sub").text()));
                    case "count" -> a -> Value.of(count(text, a.need(0, "sub").text()));
                    case "isdigit" ->
                            _ ->
                                    Value.of(
                                            !text.isEmpty()
                                                    && text.chars().allMatch(Character::isDigit));
                    case "removeprefix" ->
                            a -> {
                                var start = a.need(0, "prefix").text();
                                return Value.of(
                                        text.startsWith(start)
                                                ? text.substring(start.length())
                                                : text);
                            };
                    case "removesuffix" ->
                            a -> {
                                var end = a.need(0, "suffix").text();
                                return Value.of(
                                        text.endsWith(end)
                                                ? text.substring(0, text.length() - end.length())
                                                : text);
                            };
                    default -> null;
                });
    }

    private static Value any(Arguments a, Function<String, Boolean> holds) {
        return switch (a.need(0, "prefix")) {
            case Value.Seq(var items, _) ->
                    Value.of(items.stream().anyMatch(i -> holds.apply(i.text())));
            case Value one -> Value.of(holds.apply(one.text()));
        };
    }

    static String strip(String text, Value characters, boolean left, boolean right) {
        int from = 0, to = text.length();
        while (left && from < to && gone(text.charAt(from), characters)) from++;
        while (right && to > from && gone(text.charAt(to - 1), characters)) to--;
        return text.substring(from, to);
    }

    private static boolean gone(char c, Value characters) {
        return characters instanceof Value.Str(var some)
                ? some.indexOf(c) >= 0
                : Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    private static Value split(String text, Arguments a) {
        long most = a.get(1, "maxsplit", Value.of(-1)).asLong();
        var parts = new ArrayList<Value>();
        if (a.get(0, "sep", Value.NONE) instanceof Value.Str(var between)) {
            if (between.isEmpty()) throw new TemplateException("split needs a separator");
            int from = 0, next;
            while ((most < 0 || parts.size() < most) && (next = text.indexOf(between, from)) >= 0) {
                parts.add(Value.of(text.substring(from, next)));
                from = next + between.length();
            }
            parts.add(Value.of(text.substring(from)));
        } else {
            var rest = text.strip();
            while (!rest.isEmpty()) {
                int end = 0;
                while (end < rest.length() && !Character.isWhitespace(rest.charAt(end))) end++;
                boolean last = most >= 0 && parts.size() == most;
                parts.add(Value.of(last ? rest : rest.substring(0, end)));
                rest = last ? "" : rest.substring(end).stripLeading();
            }
        }
        return new Value.Seq(parts);
    }

    static String replace(String text, Arguments a) {
        var old = a.need(0, "old").text();
        var by = a.need(1, "new").text();
        long most = a.get(2, "count", Value.of(-1)).asLong();
        if (most < 0) return text.replace(old, by);
        var out = text;
        int from = 0;
        for (long i = 0; i < most; i++) {
            int at = out.indexOf(old, from);
            if (at < 0) break;
            out = out.substring(0, at) + by + out.substring(at + old.length());
            from = at + by.length();
        }
        return out;
    }

    private static long count(String text, String part) {
        if (part.isEmpty()) return text.length() + 1L;
        return (text.length() - text.replace(part, "").length()) / part.length();
    }

    static String capital(String text) {
        if (text.isEmpty()) return text;
        int first = text.offsetByCodePoints(0, 1);
        return text.substring(0, first).toUpperCase(Locale.ROOT)
                + text.substring(first).toLowerCase(Locale.ROOT);
    }

    static String title(String text) {
        var out = new StringBuilder();
        boolean inWord = false;
        for (char c : text.toCharArray()) {
            out.append(inWord ? Character.toLowerCase(c) : Character.toUpperCase(c));
            inWord = Character.isLetter(c);
        }
        return out.toString();
    }
}
