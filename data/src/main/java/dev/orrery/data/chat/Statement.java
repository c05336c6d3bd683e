package dev.orrery.data.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A piece of a template: text, a value, or a tag with what it holds.
sealed interface Statement {

    /// How a piece left off.
    enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    Flow run(Scope scope, Output out);

    /// Runs pieces until one leaves.
    static Flow all(List<Statement> body, Scope scope, Output out) {
        for (var statement : body) {
            var flow = statement.run(scope, out);
            if (flow != Flow.ON) return flow;
        }
        return Flow.ON;
    }

    record Text(String text) implements Statement {
        @Override
        public Flow run(Scope scope, Output out) {
            out.write(text);
            return Flow.ON;
        }
    }

    record Print(Expression value) implements Statement {
        @Override
        public Flow run(Scope scope, Output out) {
            out.write(value.value(scope).text());
            return Flow.ON;
        }
    }

    /// Adds its line to problems that are told without one.
    record Located(Statement inner, int line) implements Statement {
        @Override
        public Flow run(Scope scope, Output out) {
            try {
                return inner.run(scope, out);
            } catch (TemplateException e) {
                throw e.line() > 0
                        ? e
                        : new TemplateException(line, String.valueOf(e.getMessage()));
            }
        }
    }

    record Branch(Expression condition, List<Statement> body) {}

    record If(List<Branch> branches, List<Statement> otherwise) implements Statement {
        @Override
        public Flow run(Scope scope, Output out) {
            for (var branch : branches) {
                if (branch.condition.value(scope).truth()) return all(branch.body, scope, out);
            }
            return all(otherwise, scope, out);
        }
    }

    record For(
            List<String> names,
            Expression over,
            Optional<Expression> filter,
            List<Statement> body,
            List<Statement> otherwise)
            implements Statement {

        @Override
        public Flow run(Scope scope, Output out) {
            var items = new ArrayList<Value>();
            for (var item : over.value(scope).items()) {
                var inner = scope.inner();
                unpack(names, item, inner);
                if (filter.isEmpty() || filter.get().value(inner).truth()) items.add(item);
            }
            if (items.isEmpty()) return all(otherwise, scope, out);
            for (int i = 0; i < items.size(); i++) {
                var inner = scope.inner();
                inner.set("loop", loop(items, i));
                unpack(names, items.get(i), inner);
                if (all(body, inner, out) == Flow.BREAK) break;
            }
            return Flow.ON;
        }

        private static Value loop(List<Value> items, int i) {
            int count = items.size();
            var loop = new LinkedHashMap<String, Value>();
            loop.put("index", Value.of(i + 1));
            loop.put("index0", Value.of(i));
            loop.put("revindex", Value.of(count - i));
            loop.put("revindex0", Value.of(count - i - 1));
            loop.put("first", Value.of(i == 0));
            loop.put("last", Value.of(i == count - 1));
            loop.put("length", Value.of(count));
            if (i > 0) loop.put("previtem", items.get(i - 1));
            if (i < count - 1) loop.put("nextitem", items.get(i + 1));
            loop.put(
                    "cycle",
                    new Value.Function(
                            "cycle", a -> a.places().get(i % Math.max(1, a.places().size()))));
            return new Value.Namespace(loop);
        }
    }

    static void unpack(List<String> names, Value value, Scope scope) {
        if (names.size() == 1) {
            scope.set(names.getFirst(), value);
            return;
        }
        var items = value.items();
        if (items.size() != names.size()) {
            throw new TemplateException(
                    "%d values cannot be given to the %d names %s"
                            .formatted(items.size(), names.size(), names));
        }
        for (int i = 0; i < names.size(); i++) scope.set(names.get(i), items.get(i));
    }

    record Set(List<String> names, Expression value) implements Statement {
        @Override
        public Flow run(Scope scope, Output out) {
            unpack(names, value.value(scope), scope);
            return Flow.ON;
        }
    }

    record SetAttribute(String name, String attribute, Expression value) implements Statement {
        @Override
        public Flow run(Scope scope, Output out) {
            if (!(scope.get(name) instanceof Value.Namespace(var attributes))) {
                throw new TemplateException(
                        "'%s' is no namespace, so its '%s' cannot be set; begin with {%% set %s = namespace() %%}"
                                .formatted(name, attribute, name));
            }
            attributes.put(attribute, value.value(scope));
            return Flow.ON;
        }
    }

    /// What a body writes becomes a value.
    record SetBlock(String name, List<Statement> body) implements Statement {
        @Override
        public Flow run(Scope scope, Output out) {
            var own = new Output();
            all(body, scope.inner(), own);
            scope.set(name, Value.of(own.text()));
            return Flow.ON;
        }
    }

    record Parameter(String name, Optional<Expression> preset) {}

    record Macro(String name, List<Parameter> parameters, List<Statement> body)
            implements Statement {

        private static final int DEEPEST = 64;

        @Override
        public Flow run(Scope scope, Output out) {
            scope.set(name, new Value.Function(name, given -> call(scope, given)));
            return Flow.ON;
        }

        private Value call(Scope scope, Arguments given) {
            check(given);
            if (!scope.enter(DEEPEST)) {
                throw new TemplateException(
                        "the macro '%s' calls itself without end".formatted(name));
            }
            var inner = scope.inner();
            for (int i = 0; i < parameters.size(); i++) {
                var parameter = parameters.get(i);
                var value = given.get(i, parameter.name, new Value.Undefined(parameter.name));
                if (value instanceof Value.Undefined && parameter.preset.isPresent()) {
                    value = parameter.preset.get().value(inner);
                }
                inner.set(parameter.name, value);
            }
            var own = new Output();
            all(body, inner, own);
            scope.leave();
            return Value.of(own.text());
        }

        private void check(Arguments given) {
            for (var argument : given.names().keySet()) {
                if (parameters.stream().noneMatch(p -> p.name.equals(argument))) {
                    throw new TemplateException(
                            "the macro '%s' has no parameter '%s'".formatted(name, argument));
                }
            }
            if (given.places().size() > parameters.size()) {
                throw new TemplateException(
                        "the macro '%s' takes %d arguments, not %d"
                                .formatted(name, parameters.size(), given.places().size()));
            }
        }
    }

    /// `{% filter name %}`: what the body writes, filtered.
    record FilterBlock(String name, Expression.Given given, List<Statement> body)
            implements Statement {
        @Override
        public Flow run(Scope scope, Output out) {
            var own = new Output();
            all(body, scope.inner(), own);
            var text = Filters.apply(name, Value.of(own.text()), given.evaluate(scope));
            out.write(text.text());
            return Flow.ON;
        }
    }

    /// What the assistant writes itself.
    record Generation(List<Statement> body) implements Statement {
        @Override
        public Flow run(Scope scope, Output out) {
            int start = out.length();
            var flow = all(body, scope, out);
            out.mark(start);
            return flow;
        }
    }

    record Leave(Flow how) implements Statement {
        @Override
        public Flow run(Scope scope, Output out) {
            return how;
        }
    }

    /// What a template writes.
    final class Output {
        private static final int LONGEST = 1 << 26;

        private final StringBuilder text = new StringBuilder();
        private final List<Span> generated = new ArrayList<>();

        void write(String more) {
            if (text.length() + more.length() > LONGEST) {
                throw new TemplateException(
                        "the text is longer than %d characters".formatted(LONGEST));
            }
            text.append(more);
        }

        int length() {
            return text.length();
        }

        void mark(int start) {
            generated.add(new Span(start, text.length()));
        }

        String text() {
            return text.toString();
        }

        List<Span> generated() {
            return List.copyOf(generated);
        }
    }

    /// Names that every template has, besides those that are given.
    static Map<String, Value> functions(java.time.LocalDateTime now) {
        return Map.of(
                "namespace",
                new Value.Function(
                        "namespace",
                        a -> {
                            var attributes = new LinkedHashMap<String, Value>();
                            a.places()
                                    .forEach(d -> {
                                        if (d instanceof Value.Dict(var entries)) {
                                            entries.forEach((k, v) -> attributes.put(k.text(), v));
                                        }
                                    });
                            attributes.putAll(a.names());
                            return new Value.Namespace(attributes);
                        }),
                "range",
                new Value.Function("range", Range::of),
                "dict",
                new Value.Function("dict", a -> Value.from(a.names())),
                "raise_exception",
                new Value.Function(
                        "raise_exception",
                        a -> {
                            throw new TemplateException(a.need(0, "message").text());
                        }),
                "strftime_now",
                new Value.Function(
                        "strftime_now",
                        a -> Value.of(PythonDate.format(a.need(0, "format").text(), now))));
    }
}
