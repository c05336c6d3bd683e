package dev.orrery.quantize;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Fixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A fixture's `config.json`, under the option names of vector-quantize-pytorch. Every key must be
/// read, so that no switch is without effect.
final class LibrarySettings {

    private final Path file;
    private final JsonNode tree;
    private final Set<String> read = new LinkedHashSet<>();

    private LibrarySettings(Path file, JsonNode tree) {
        this.file = file;
        this.tree = tree;
    }

    static LibrarySettings of(Fixture fixture) {
        var file = fixture.config();
        try {
            var tree = JsonMapper.builder().build().readTree(Files.readString(file));
            if (!tree.isObject())
                throw new CheckpointException(file, "", "is not a JSON object", "mend it");
            return new LibrarySettings(file, tree);
        } catch (IOException | JacksonException e) {
            throw new CheckpointException(file, "", "cannot be read: " + e, "mend it", e);
        }
    }

    boolean has(String key) {
        return tree.has(key) && !tree.get(key).isNull();
    }

    private JsonNode at(String key) {
        read.add(key);
        return tree.path(key);
    }

    int whole(String key) {
        var node = at(key);
        if (!node.canConvertToInt() || node.intValue() < 1)
            throw wrong(key, "a whole number from 1 up");
        return node.intValue();
    }

    int whole(String key, int otherwise) {
        read.add(key);
        return has(key) ? whole(key) : otherwise;
    }

    List<Integer> wholes(String key) {
        var node = at(key);
        if (!node.isArray()) throw wrong(key, "a list of whole numbers");
        return StreamSupport.stream(node.spliterator(), false)
                .map(n -> {
                    if (!n.canConvertToInt()) throw wrong(key, "a list of whole numbers");
                    return n.intValue();
                })
                .toList();
    }

    boolean isList(String key) {
        return tree.path(key).isArray();
    }

    double number(String key, double otherwise) {
        var node = at(key);
        if (!has(key)) return otherwise;
        if (!node.isNumber()) throw wrong(key, "a number");
        return node.doubleValue();
    }

    boolean flag(String key, boolean otherwise) {
        return flag(key).orElse(otherwise);
    }

    Optional<Boolean> flag(String key) {
        var node = at(key);
        if (!has(key)) return Optional.empty();
        if (!node.isBoolean()) throw wrong(key, "true or false");
        return Optional.of(node.booleanValue());
    }

    /// Options that have no effect on what is computed here.
    void ignore(String... keys) {
        read.addAll(List.of(keys));
    }

    /// Options that must be off: absent, null, false, 0 or 1 where 1 is as good as none.
    void off(String... keys) {
        for (var key : keys) {
            var node = at(key);
            boolean off =
                    !has(key)
                            || node.isBoolean() && !node.booleanValue()
                            || node.isNumber() && node.doubleValue() == 0;
            if (!off) throw unsupported(key, "leave it off");
        }
    }

    /// An option that must have one value, if it is there.
    void only(String key, double value) {
        if (number(key, value) != value) throw unsupported(key, "only %s is".formatted(value));
    }

    /// Fails for keys that nobody read.
    void finish(String what) {
        for (var key : tree.propertyNames())
            if (!read.contains(key) && !tree.get(key).isNull())
                throw unsupported(key, what + " knows " + String.join(", ", read));
    }

    IllegalArgumentException unsupported(String key, String advice) {
        return new IllegalArgumentException(
                "%s: '%s' = %s is not supported here; %s"
                        .formatted(file, key, tree.path(key), advice));
    }

    private IllegalArgumentException wrong(String key, String needed) {
        return new IllegalArgumentException(
                "%s: '%s' needs %s, got %s".formatted(file, key, needed, tree.path(key)));
    }
}
