package dev.orrery.data.chat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Names and their values. What a loop or macro sets is gone after it.
final class Scope {

    private final Optional<Scope> outer;
    private final Map<String, Value> own = new HashMap<>();

    private int calls;

    private Scope(Optional<Scope> outer) {
        this.outer = outer;
    }

    static Scope outermost(Map<String, Value> values) {
        var scope = new Scope(Optional.empty());
        scope.own.putAll(values);
        return scope;
    }

    Scope inner() {
        return new Scope(Optional.of(this));
    }

    Value get(String name) {
        var found = own.get(name);
        if (found != null) return found;
        return outer.map(o -> o.get(name)).orElseGet(() -> new Value.Undefined(name));
    }

    /// Counts a macro's call; whether there may be one more of those it is inside of.
    boolean enter(int most) {
        return ++calls <= most;
    }

    void leave() {
        calls--;
    }

    void set(String name, Value value) {
        own.put(name, value);
    }
}
