package dev.orrery.data.chat;

import java.util.List;
import java.util.Map;

/// What a function, filter or test is called with.
///
/// @param places arguments by their place
/// @param names arguments by name
record Arguments(List<Value> places, Map<String, Value> names) {

    static Arguments of(Value... places) {
        return new Arguments(List.of(places), Map.of());
    }

    int count() {
        return places.size() + names.size();
    }

    /// The argument of a place or name.
    Value get(int place, String name, Value missing) {
        return place < places.size() ? places.get(place) : names.getOrDefault(name, missing);
    }

    /// The argument of a place or name, which must be there.
    Value need(int place, String name) {
        var found = get(place, name, new Value.Undefined(name));
        if (found instanceof Value.Undefined(var what) && what.equals(name)) {
            throw new TemplateException("the argument '%s' is missing".formatted(name));
        }
        return found;
    }

    String text(int place, String name, String missing) {
        return get(place, name, Value.of(missing)).text();
    }

    boolean flag(int place, String name) {
        return get(place, name, Value.FALSE).truth();
    }
}
