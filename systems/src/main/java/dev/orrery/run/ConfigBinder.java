package dev.orrery.run;

import dev.orrery.env.Nearest;
import dev.orrery.env.WholeFile;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Binds configuration records to JSON; the only place that does.
///
/// Precedence: preset < `--config file.json` < `--set dynamics.layers=4`; of several files the
/// later one counts. A file may name only the keys that differ. A run folder's `config.json` is
/// such a file too: its `config` is taken whole, and its `preset` and `seed` where the command line
/// names none. Every key must exist; a mistyped one is answered with the nearest name and the list.
public final class ConfigBinder {

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    private ConfigBinder() {}

    /// What the user asked for: which preset, which files, which single values.
    ///
    /// @param preset a preset's name
    /// @param files JSON files to lay over the preset, one after the other
    /// @param sets `path=value` pairs to lay over all of them
    public record Request(Optional<String> preset, List<Path> files, List<String> sets) {

        public Request {
            files = List.copyOf(files);
            sets = List.copyOf(sets);
        }

        /// The default preset as it is.
        public static Request defaults() {
            return new Request(Optional.empty(), List.of(), List.of());
        }
    }

    /// A file to lay over a configuration: keys that differ, or what a run was made with.
    private record Overlay(Path path, ObjectNode content) {

        boolean ofRun() {
            return content.has("config") && content.has("system");
        }

        ObjectNode changes() {
            if (!ofRun()) return content;
            if (content.get("config") instanceof ObjectNode config) return config;
            throw new IllegalArgumentException("config is not an object {…}");
        }

        /// The changes to a tree, of a run's all that it was made with.
        ObjectNode over(JsonNode under) {
            var changes = changes();
            if (ofRun()) Settings.addLater(changes, under);
            return changes;
        }

        Optional<Long> seed() {
            var seed = content.path("seed");
            if (seed.isMissingNode()) return Optional.empty();
            if (seed.canConvertToLong() && seed.isIntegralNumber())
                return Optional.of(seed.asLong());
            throw new IllegalArgumentException(
                    "%s: seed: %s is not %s".formatted(path, seed, needed(long.class)));
        }
    }

    /// A configuration with its origin.
    ///
    /// @param preset the preset it started from
    /// @param config the record
    /// @param seed the seed that the file names, if it came from a run
    /// @param <C> the configuration
    public record Resolved<C extends Record>(String preset, C config, Optional<Long> seed) {}

    /// Resolves the configuration that a user asked for.
    ///
    /// @throws IllegalArgumentException for an unknown preset, key or value; the message names it
    public static <C extends Record> Resolved<C> resolve(Recipe<C> recipe, Request request) {
        var overlays =
                request.files().stream().map(path -> new Overlay(path, readObject(path))).toList();
        var runs = overlays.stream().filter(Overlay::ofRun).toList();
        runs.forEach(overlay -> checkSystem(recipe, overlay.content(), overlay.path()));
        var run = runs.stream().findFirst().map(Overlay::content);
        var presets = recipe.presets();
        var preset =
                request.preset()
                        // what a claim trained started from none, and says everything itself
                        .or(() ->
                                run.map(node -> node.path("preset").asString(""))
                                        .filter(presets::containsKey))
                        .filter(name -> !name.isEmpty())
                        .orElse(presets.firstEntry().getKey());
        var base = presets.get(preset);
        if (base == null) {
            throw new IllegalArgumentException(
                    "%s has no preset '%s'; %s"
                            .formatted(
                                    recipe.name(), preset, Nearest.hint(preset, presets.keySet())));
        }
        var tree = (ObjectNode) MAPPER.valueToTree(base);
        var laid = new ArrayList<ObjectNode>();
        for (var overlay : overlays) {
            var under = tree;
            tree = of(overlay.path(), () -> overlay(under, overlay.over(under), ""));
            laid.add(tree);
        }
        for (var set : request.sets()) {
            tree = set(tree, set);
        }
        @SuppressWarnings("unchecked")
        var type = (Class<C>) base.getClass();
        var seed = runs.stream().findFirst().flatMap(Overlay::seed);
        try {
            return new Resolved<>(preset, bind(tree, type), seed);
        } catch (IllegalArgumentException e) {
            for (int i = 0; i < laid.size(); i++) {
                bind(laid.get(i), type, overlays.get(i).path()); // names the file if it is at fault
            }
            throw e;
        }
    }

    /// A part of a file's JSON object laid over a record.
    ///
    /// @throws IllegalArgumentException naming the file and the key that does not fit
    static <C extends Record> C laid(ObjectNode changes, C base, Path file) {
        @SuppressWarnings("unchecked")
        var type = (Class<C>) base.getClass();
        return of(file, () -> bind(overlay(tree(base), changes, ""), type));
    }

    /// Reads a file that holds a record.
    ///
    /// @throws IllegalArgumentException if there is no such file, naming it and the key that does
    ///   not fit
    public static <C> C read(Path file, Class<C> type) {
        return bind(readObject(file), type, file);
    }

    /// Binds what a file holds, or a part of it, to a record.
    ///
    /// @throws IllegalArgumentException naming the file and the key that does not fit
    public static <C> C bind(JsonNode tree, Class<C> type, Path file) {
        return of(file, () -> bind(tree, type));
    }

    private static <C> C of(Path file, Supplier<C> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /// Binds a whole JSON object to a record.
    ///
    /// @throws IllegalArgumentException naming the key that does not fit
    public static <C> C bind(JsonNode tree, Class<C> type) {
        try {
            var bound = MAPPER.treeToValue(tree, type);
            requireFinite(MAPPER.valueToTree(bound), "");
            return bound;
        } catch (JacksonException e) {
            throw new IllegalArgumentException("config: " + explain(e, tree), e);
        }
    }

    private static void requireFinite(JsonNode node, String path) {
        if (node.isFloatingPointNumber() && !Double.isFinite(node.asDouble())) {
            throw new IllegalArgumentException(
                    "config: %s is %s; it needs a finite number".formatted(path, node.asString()));
        }
        node.properties()
                .forEach(p ->
                        requireFinite(
                                p.getValue(),
                                path.isEmpty() ? p.getKey() : path + "." + p.getKey()));
    }

    /// A configuration as a JSON tree.
    public static ObjectNode tree(Object value) {
        return (ObjectNode) MAPPER.valueToTree(value);
    }

    /// A configuration as the tree that reading its file gives: equal to one that was read, which
    /// [#tree] need not be, since a file does not say how wide a number is.
    static JsonNode asRead(Object value) {
        return MAPPER.readTree(json(value));
    }

    /// Anything as JSON: a tree for records, a text for texts.
    static JsonNode node(Object value) {
        return MAPPER.valueToTree(value);
    }

    /// A value as indented JSON text.
    public static String json(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /// Writes a value as indented JSON, whole or not at all.
    public static void write(Path file, Object value) throws IOException {
        WholeFile.write(file, json(value) + "\n");
    }

    /// Reads a file that holds one JSON object.
    ///
    /// @throws IllegalArgumentException if it is missing or is not one
    public static ObjectNode readObject(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("there is no file %s".formatted(file));
        }
        try {
            return switch (MAPPER.readTree(file)) {
                case ObjectNode node -> node;
                case JsonNode other ->
                        throw new IllegalArgumentException(
                                "%s holds a JSON %s, not an object {…}"
                                        .formatted(file, other.getNodeType()));
            };
        } catch (JacksonException e) {
            var at = e.getLocation();
            throw new IllegalArgumentException(
                    "%s is not JSON: %s (line %d, column %d)"
                            .formatted(
                                    file, e.getOriginalMessage(), at.getLineNr(), at.getColumnNr()),
                    e);
        }
    }

    private static void checkSystem(Recipe<?> recipe, JsonNode node, Path file) {
        var system = node.get("system").asString();
        if (!system.equals(recipe.name())) {
            throw new IllegalArgumentException(
                    "%s is a run of %s, not of %s".formatted(file, system, recipe.name()));
        }
    }

    private static ObjectNode overlay(ObjectNode base, ObjectNode changes, String path) {
        var result = base.deepCopy();
        for (var change : changes.properties()) {
            var key = change.getKey();
            check(base, path, key);
            var old = base.get(key);
            result.set(
                    key,
                    old instanceof ObjectNode inner && change.getValue() instanceof ObjectNode more
                            ? overlay(inner, more, path + key + ".")
                            : change.getValue());
        }
        return result;
    }

    private static ObjectNode set(ObjectNode tree, String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException(
                    "--set %s: write key=value, for example training.steps=200"
                            .formatted(assignment));
        }
        var keys = List.of(assignment.substring(0, equals).strip().split("\\."));
        var result = tree.deepCopy();
        var node = result;
        var path = new ArrayList<String>();
        for (var key : keys.subList(0, keys.size() - 1)) {
            check(node, prefix(path), key);
            path.add(key);
            if (!(node.get(key) instanceof ObjectNode inner)) {
                throw new IllegalArgumentException(
                        "--set %s: %s is a single value, it has no parts"
                                .formatted(assignment, String.join(".", path)));
            }
            node = inner;
        }
        check(node, prefix(path), keys.getLast());
        node.set(keys.getLast(), value(assignment.substring(equals + 1).strip()));
        return result;
    }

    private static String prefix(List<String> path) {
        return path.isEmpty() ? "" : String.join(".", path) + ".";
    }

    private static JsonNode value(String text) {
        try {
            return MAPPER.readTree(text.isEmpty() ? "\"\"" : text);
        } catch (JacksonException _) {
            return MAPPER.getNodeFactory().stringNode(text);
        }
    }

    private static void check(ObjectNode known, String path, String key) {
        if (!known.has(key)) {
            throw new IllegalArgumentException(
                    "config has no key '%s%s'; %s"
                            .formatted(path, key, Nearest.hint(key, known.propertyNames())));
        }
    }

    private static String explain(JacksonException e, JsonNode tree) {
        var path =
                e.getPath().stream()
                        .map(r ->
                                Objects.requireNonNullElse(r.getPropertyName(), "" + r.getIndex()))
                        .toList();
        var name = String.join(".", path);
        var said =
                switch (e) {
                    case Throwable t when t.getCause() instanceof IllegalArgumentException cause ->
                            String.valueOf(cause.getMessage());
                    case UnrecognizedPropertyException unknown ->
                            "there is no such key; %s"
                                    .formatted(
                                            Nearest.hint(
                                                    unknown.getPropertyName(),
                                                    unknown.getKnownPropertyIds().stream()
                                                            .map(String::valueOf)
                                                            .toList()));
                    case MismatchedInputException wrong when !missing(tree, path) ->
                            "%s is not %s".formatted(at(tree, path), needed(wrong.getTargetType()));
                    case InputCoercionException wrong ->
                            "%s is not %s".formatted(at(tree, path), needed(wrong.getTargetType()));
                    case MismatchedInputException _ -> "is missing";
                    case JacksonException other -> other.getOriginalMessage();
                };
        return name.isEmpty() || said.startsWith(name + ".")
                ? said
                : "%s: %s".formatted(name, said);
    }

    private static int index(String key) {
        return key.matches("\\d{1,9}") ? Integer.parseInt(key) : -1;
    }

    /// What stands at a path.
    private static JsonNode at(JsonNode tree, List<String> path) {
        var node = tree;
        for (var key : path) {
            node = node instanceof ArrayNode list ? list.path(index(key)) : node.path(key);
        }
        return node;
    }

    private static boolean missing(JsonNode tree, List<String> path) {
        return !path.isEmpty()
                && at(tree, path.subList(0, path.size() - 1)) instanceof ObjectNode owner
                && !owner.has(path.getLast());
    }

    private static String needed(@Nullable Class<?> type) {
        if (type == null) {
            return "what is needed";
        }
        if (type == int.class || type == Integer.class) {
            return "a whole number that fits in 32 bits";
        }
        if (type == long.class || type == Long.class) {
            return "a whole number that fits in 64 bits";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type.isEnum()) {
            return "one of " + List.of(type.getEnumConstants());
        }
        if (type.isRecord()) {
            return "an object with the keys %s"
                    .formatted(
                            Stream.of(type.getRecordComponents())
                                    .map(RecordComponent::getName)
                                    .toList());
        }
        return Collection.class.isAssignableFrom(type) ? "a list […]" : "a text";
    }
}
