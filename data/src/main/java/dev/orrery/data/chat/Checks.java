package dev.orrery.data.chat;

import java.util.Locale;

/// What stands behind `is`, as in `x is defined`.
final class Checks {

    private Checks() {}

    static boolean holds(String name, Value v, Arguments a) {
        return switch (name) {
            case "defined" -> !(v instanceof Value.Undefined);
            case "undefined" -> v instanceof Value.Undefined;
            case "none" -> v instanceof Value.None;
            case "string" -> v instanceof Value.Str;
            case "number" -> v.isNumber();
            case "integer" -> v instanceof Value.Int;
            case "float" -> v instanceof Value.Real;
            case "boolean" -> v instanceof Value.Bool;
            case "true" -> v.equals(Value.TRUE);
            case "false" -> v.equals(Value.FALSE);
            case "mapping" -> v instanceof Value.Dict;
            case "sequence" ->
                    v instanceof Value.Seq || v instanceof Value.Str || v instanceof Value.Dict;
            case "iterable" ->
                    v instanceof Value.Seq
                            || v instanceof Value.Str
                            || v instanceof Value.Dict
                            || v instanceof Value.Undefined;
            case "callable" -> v instanceof Value.Function;
            case "odd" -> Math.floorMod(v.asLong(), 2L) == 1;
            case "even" -> Math.floorMod(v.asLong(), 2L) == 0;
            case "divisibleby" -> Math.floorMod(v.asLong(), a.need(0, "num").asLong()) == 0;
            case "lower" -> v.text().equals(v.text().toLowerCase(Locale.ROOT));
            case "upper" -> v.text().equals(v.text().toUpperCase(Locale.ROOT));
            case "equalto", "eq", "==", "sameas" -> v.same(a.need(0, "other"));
            case "ne", "!=" -> !v.same(a.need(0, "other"));
            case "lt", "lessthan", "<" -> Operators.order(v, a.need(0, "other")) < 0;
            case "le", "<=" -> Operators.order(v, a.need(0, "other")) <= 0;
            case "gt", "greaterthan", ">" -> Operators.order(v, a.need(0, "other")) > 0;
            case "ge", ">=" -> Operators.order(v, a.need(0, "other")) >= 0;
            case "in" -> Operators.contains(a.need(0, "seq"), v);
            default ->
                    throw new TemplateException(
                            "there is no test '%s'; there are defined, none, string, number, mapping, sequence, equalto, in and the like"
                                    .formatted(name));
        };
    }
}
