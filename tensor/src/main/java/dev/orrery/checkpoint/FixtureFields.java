package dev.orrery.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The fields of one JSON object in a fixture's description, checked as they are read.
record FixtureFields(Path file, Map<?, ?> values) {

    Set<String> names() {
        var names = new java.util.LinkedHashSet<String>();
        for (var name : values.keySet()) names.add((String) name);
        return names;
    }

    Optional<String> text(String name) {
        return switch (values.get(name)) {
            case null -> Optional.empty();
            case String text -> Optional.of(text);
            default -> throw wrong(name, "a string");
        };
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    double number(String name, double otherwise) {
        return switch (values.get(name)) {
            case null -> otherwise;
            case Number number when number.doubleValue() >= 0 -> number.doubleValue();
            default -> throw wrong(name, "a number from 0 up");
        };
    }

    List<String> texts(String name) {
        return list(name).stream()
                .map(value -> {
                    if (value instanceof String text) return text;
                    throw wrong(name, "a list of strings");
                })
                .toList();
    }

    int[] wholes(String name) {
        return list(name).stream()
                .mapToInt(value -> {
                    if (value instanceof Long whole && whole >= 0 && whole < 64)
                        return whole.intValue();
                    throw wrong(name, "a list of axes from 0 to 63");
                })
                .toArray();
    }

    Optional<FixtureFields> object(String name) {
        return switch (values.get(name)) {
            case null -> Optional.empty();
            case Map<?, ?> object -> Optional.of(new FixtureFields(file, object));
            default -> throw wrong(name, "an object");
        };
    }

    List<FixtureFields> objects(String name) {
        return list(name).stream()
                .map(value -> {
                    if (value instanceof Map<?, ?> object) return new FixtureFields(file, object);
                    throw wrong(name, "a list of objects");
                })
                .toList();
    }

    private List<?> list(String name) {
        return switch (values.get(name)) {
            case null -> List.of();
            case List<?> list -> list;
            default -> throw wrong(name, "a list");
        };
    }

    CheckpointException wrong(String name, String needed) {
        return new CheckpointException(
                file,
                name,
                "needs %s, got %s".formatted(needed, values.get(name)),
                "mend the fixture's description");
    }
}
