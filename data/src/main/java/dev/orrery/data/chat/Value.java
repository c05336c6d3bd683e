package dev.orrery.data.chat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What an expression of a template computes: one of Python's kinds of values.
sealed interface Value {

    record Str(String text) implements Value {}

    record Int(long number) implements Value {}

    record Real(double number) implements Value {}

    record Bool(boolean truth) implements Value {}

    /// A list, or a tuple.
    record Seq(List<Value> items, boolean tuple) implements Value {
        public Seq {
            items = List.copyOf(items);
        }

        Seq(List<Value> items) {
            this(items, false);
        }
    }

    /// A dictionary in the order of its keys.
    record Dict(Map<Value, Value> entries) implements Value {}

    record None() implements Value {}

    /// A name or key that is not there; prints nothing and counts as false.
    record Undefined(String what) implements Value {}

    /// Something that can be called.
    record Function(String name, Body body) implements Value {
        interface Body {
            Value call(Arguments arguments);
        }
    }

    /// An object whose attributes a template may set.
    record Namespace(Map<String, Value> attributes) implements Value {}

    Value NONE = new None(), TRUE = new Bool(true), FALSE = new Bool(false);

    static Value of(String text) {
        return new Str(text);
    }

    static Value of(long number) {
        return new Int(number);
    }

    static Value of(boolean truth) {
        return truth ? TRUE : FALSE;
    }

    static Value tuple(Value... items) {
        return new Seq(List.of(items), true);
    }

    /// A value of plain Java objects: texts, numbers, booleans, collections, maps of texts, and
    /// optionals for none.
    ///
    /// @throws IllegalArgumentException for anything else
    static Value from(Object object) {
        return switch (object) {
            case Value v -> v;
            case String s -> of(s);
            case Boolean b -> of(b.booleanValue());
            case Integer i -> of(i.longValue());
            case Long l -> of(l.longValue());
            case Double d -> new Real(d);
            case Float f -> new Real(f);
            case Collection<?> c -> {
                var items = new ArrayList<Value>();
                c.forEach(item -> items.add(from(item)));
                yield new Seq(items);
            }
            case Map<?, ?> m -> {
                var entries = new LinkedHashMap<Value, Value>();
                m.forEach((key, value) -> entries.put(of(String.valueOf(key)), from(value)));
                yield new Dict(entries);
            }
            case java.util.Optional<?> o -> o.isPresent() ? from(o.get()) : NONE;
            default ->
                    throw new IllegalArgumentException(
                            "a chat template knows no %s; give texts, numbers, booleans, lists and maps"
                                    .formatted(object.getClass().getSimpleName()));
        };
    }

    /// What Python calls the kind.
    default String kind() {
        return switch (this) {
            case Str _ -> "str";
            case Int _ -> "int";
            case Real _ -> "float";
            case Bool _ -> "bool";
            case Seq s -> s.tuple ? "tuple" : "list";
            case Dict _ -> "dict";
            case None _ -> "None";
            case Undefined u -> "undefined '%s'".formatted(u.what);
            case Function f -> "function " + f.name;
            case Namespace _ -> "namespace";
        };
    }

    default boolean truth() {
        return switch (this) {
            case Str(var text) -> !text.isEmpty();
            case Int(long number) -> number != 0;
            case Real(double number) -> number != 0;
            case Bool(boolean truth) -> truth;
            case Seq(var items, _) -> !items.isEmpty();
            case Dict(var entries) -> !entries.isEmpty();
            case None _, Undefined _ -> false;
            case Function _, Namespace _ -> true;
        };
    }

    /// As `str` writes it.
    default String text() {
        return switch (this) {
            case Str(var text) -> text;
            case Undefined _ -> "";
            default -> PythonText.repr(this);
        };
    }

    /// What a loop goes over.
    default List<Value> items() {
        return switch (this) {
            case Seq(var items, _) -> items;
            case Dict(var entries) -> List.copyOf(entries.keySet());
            case Str(var text) ->
                    text.codePoints().mapToObj(c -> of(Character.toString(c))).toList();
            case Undefined _ -> List.of();
            default -> throw new TemplateException("cannot go through %s".formatted(kind()));
        };
    }

    /// Whether `==` holds: numbers and booleans compare by value.
    default boolean same(Value other) {
        if (isNumber() && other.isNumber()) return asDouble() == other.asDouble();
        return switch (this) {
            case Seq(var items, boolean tuple) -> {
                if (!(other instanceof Seq(var others, boolean otherTuple))) yield false;
                if (tuple != otherTuple || items.size() != others.size()) yield false;
                for (int i = 0; i < items.size(); i++) {
                    if (!items.get(i).same(others.get(i))) yield false;
                }
                yield true;
            }
            case Dict(var entries) ->
                    other instanceof Dict(var others)
                            && entries.keySet().equals(others.keySet())
                            && entries.entrySet().stream()
                                    .allMatch(e -> e.getValue().same(others.get(e.getKey())));
            case Undefined _ -> other instanceof Undefined;
            default -> equals(other);
        };
    }

    /// Booleans are numbers, as in Python.
    default boolean isNumber() {
        return this instanceof Int || this instanceof Real || this instanceof Bool;
    }

    default double asDouble() {
        return switch (this) {
            case Int(long n) -> n;
            case Real(double n) -> n;
            case Bool(boolean b) -> b ? 1 : 0;
            default -> throw new TemplateException("%s is no number".formatted(kind()));
        };
    }

    default long asLong() {
        return switch (this) {
            case Int(long n) -> n;
            case Bool(boolean b) -> b ? 1 : 0;
            default -> throw new TemplateException("%s is no whole number".formatted(kind()));
        };
    }

    default int length() {
        return switch (this) {
            case Str(var text) -> text.codePointCount(0, text.length());
            case Seq(var items, _) -> items.size();
            case Dict(var entries) -> entries.size();
            case Undefined _ -> 0;
            default -> throw new TemplateException("%s has no length".formatted(kind()));
        };
    }
}
