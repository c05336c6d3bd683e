package dev.orrery.data.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What stands inside a tag and has a value.
sealed interface Expression {

    Value value(Scope scope);

    record Constant(Value value) implements Expression {
        @Override
        public Value value(Scope scope) {
            return value;
        }
    }

    record Name(String name) implements Expression {
        @Override
        public Value value(Scope scope) {
            return scope.get(name);
        }
    }

    record ListOf(List<Expression> items, boolean tuple) implements Expression {
        @Override
        public Value value(Scope scope) {
            return new Value.Seq(items.stream().map(e -> e.value(scope)).toList(), tuple);
        }
    }

    record Pair(Expression key, Expression value) {}

    record DictOf(List<Pair> pairs) implements Expression {
        @Override
        public Value value(Scope scope) {
            var entries = new LinkedHashMap<Value, Value>();
            pairs.forEach(p -> entries.put(p.key.value(scope), p.value.value(scope)));
            return new Value.Dict(entries);
        }
    }

    /// `a.name`: an attribute or method before a key.
    record Attribute(Expression object, String name) implements Expression {
        @Override
        public Value value(Scope scope) {
            return Methods.attribute(object.value(scope), name);
        }
    }

    /// `a[key]`: a key before an attribute.
    record Item(Expression object, Expression key) implements Expression {
        @Override
        public Value value(Scope scope) {
            return Methods.item(object.value(scope), key.value(scope));
        }
    }

    /// `a[from:to:step]`; parts that are left out are none.
    record Slice(Expression object, Expression from, Expression to, Expression step)
            implements Expression {
        @Override
        public Value value(Scope scope) {
            return Methods.slice(
                    object.value(scope), from.value(scope), to.value(scope), step.value(scope));
        }
    }

    record Call(Expression function, Given given) implements Expression {
        @Override
        public Value value(Scope scope) {
            return switch (function.value(scope)) {
                case Value.Function(var name, var body) -> body.call(given.evaluate(scope));
                case Value.Undefined(var what) ->
                        throw new TemplateException(
                                "'%s' is no function that templates have".formatted(what));
                case Value other ->
                        throw new TemplateException("%s cannot be called".formatted(other.kind()));
            };
        }
    }

    /// Arguments that are still to be computed.
    record Given(List<Expression> places, Map<String, Expression> names) {
        Arguments evaluate(Scope scope) {
            var named = new LinkedHashMap<String, Value>();
            names.forEach((name, e) -> named.put(name, e.value(scope)));
            return new Arguments(places.stream().map(e -> e.value(scope)).toList(), named);
        }
    }

    record Filter(Expression input, String name, Given given) implements Expression {
        @Override
        public Value value(Scope scope) {
            return Filters.apply(name, input.value(scope), given.evaluate(scope));
        }
    }

    record Test(Expression input, String name, Given given) implements Expression {
        @Override
        public Value value(Scope scope) {
            return Value.of(Checks.holds(name, input.value(scope), given.evaluate(scope)));
        }
    }

    record Not(Expression input) implements Expression {
        @Override
        public Value value(Scope scope) {
            return Value.of(!input.value(scope).truth());
        }
    }

    record Negative(Expression input, boolean minus) implements Expression {
        @Override
        public Value value(Scope scope) {
            var value = input.value(scope);
            if (!minus) return value;
            return value instanceof Value.Real(double n)
                    ? new Value.Real(-n)
                    : Value.of(-value.asLong());
        }
    }

    /// The first false operand or the last, or the first true one or the last.
    record Junction(Expression left, boolean and, Expression right) implements Expression {
        @Override
        public Value value(Scope scope) {
            var first = left.value(scope);
            return first.truth() == and ? right.value(scope) : first;
        }
    }

    record Choice(Expression yes, Expression condition, Expression no) implements Expression {
        @Override
        public Value value(Scope scope) {
            return (condition.value(scope).truth() ? yes : no).value(scope);
        }
    }

    record Comparison(Expression first, List<String> signs, List<Expression> rest)
            implements Expression {
        @Override
        public Value value(Scope scope) {
            var left = first.value(scope);
            for (int i = 0; i < signs.size(); i++) {
                var right = rest.get(i).value(scope);
                if (!Operators.compare(signs.get(i), left, right)) return Value.FALSE;
                left = right;
            }
            return Value.TRUE;
        }
    }

    record Operation(Expression left, String sign, Expression right) implements Expression {
        @Override
        public Value value(Scope scope) {
            return Operators.compute(sign, left.value(scope), right.value(scope));
        }
    }

    /// `a ~ b`: texts one after the other, whatever the operands are.
    record Concatenation(List<Expression> parts) implements Expression {
        @Override
        public Value value(Scope scope) {
            var text = new StringBuilder();
            for (var part : parts) text.append(part.value(scope).text());
            return Value.of(text.toString());
        }
    }

    /// A list that nobody changes afterwards.
    static List<Expression> list(Expression first) {
        return new ArrayList<>(List.of(first));
    }
}
