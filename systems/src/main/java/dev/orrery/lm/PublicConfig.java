package dev.orrery.lm;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Weights;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A published model's `config.json`, read key by key: a missing or misshapen one is named.
///
/// @param file where it was read
/// @param node the object, or an object inside it
public record PublicConfig(Path file, JsonNode node) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// Reads a file.
    ///
    /// @throws CheckpointException if it is missing or holds no JSON object
    public static PublicConfig read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(
                    file, "", "does not exist", "check the folder; it is published with weights");
        }
        try {
            var node = JSON.readTree(Files.readString(file));
            if (!node.isObject()) throw bad(file, "", "holds no JSON object");
            return new PublicConfig(file, node);
        } catch (IOException | JacksonException e) {
            throw bad(
                    file,
                    "",
                    "cannot be read: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    /// The object under a key, if there is one that is not null.
    public Optional<PublicConfig> object(String key) {
        return at(key).filter(JsonNode::isObject).map(n -> new PublicConfig(file, n));
    }

    /// The object under a key that must be there.
    public PublicConfig part(String key) {
        return object(key).orElseThrow(() -> wrong(key, "is missing"));
    }

    /// A whole number that must be there.
    public int integer(String key) {
        return at(key).map(n -> number(key, n).intValue())
                .orElseThrow(() -> bad(file, key, "is missing"));
    }

    /// A whole number, or `missing`.
    public int integer(String key, int missing) {
        return at(key).map(n -> number(key, n).intValue()).orElse(missing);
    }

    /// A whole number, none where the key is null, and `missing` where it is not there at all.
    public OptionalLong integer(String key, OptionalLong missing) {
        if (!node.has(key)) return missing;
        return at(key).stream().mapToLong(n -> number(key, n).longValue()).findFirst();
    }

    /// A number that must be there.
    public double number(String key) {
        return at(key).map(n -> number(key, n).doubleValue())
                .orElseThrow(() -> bad(file, key, "is missing"));
    }

    /// A number, or `missing`.
    public double number(String key, double missing) {
        return at(key).map(n -> number(key, n).doubleValue()).orElse(missing);
    }

    /// A list of numbers; empty if it is missing.
    public List<Double> numbers(String key) {
        return at(key).map(n -> n.valueStream().map(v -> number(key, v).doubleValue()).toList())
                .orElse(List.of());
    }

    /// A list of texts; empty if it is missing.
    public List<String> texts(String key) {
        return at(key).map(n -> n.valueStream().map(JsonNode::asString).toList()).orElse(List.of());
    }

    /// Whether a key is there, if only to say that there is none (`null`).
    public boolean names(String key) {
        return node.has(key);
    }

    /// A number, 0 where the file says that there is none (`null`), or `missing`.
    public double numberOrNone(String key, double missing) {
        return number(key, names(key) ? 0 : missing);
    }

    /// A text, or `missing`.
    public String text(String key, String missing) {
        return at(key).map(JsonNode::asString).orElse(missing);
    }

    /// True or false, or `missing`.
    public boolean flag(String key, boolean missing) {
        return at(key).map(
                        n -> {
                            if (!n.isBoolean())
                                throw bad(file, key, "is %s, not true or false".formatted(n));
                            return n.booleanValue();
                        })
                .orElse(missing);
    }

    /// Builds a model and maps published weights into it, a file or a folder; they keep their type.
    ///
    /// @param build the model that this configuration describes
    /// @param names the model's names for the file's, and what it has no use for left out
    /// @throws CheckpointException naming what is missing, unexpected or misshapen
    public <M extends Module> M open(
            Supplier<M> build, Path weights, UnaryOperator<Map<String, Tensor>> names) {
        var model = Module.unset(build);
        try (var _ = TensorScope.open()) {
            model.adopt(names.apply(Weights.read(weights)));
            return model;
        } catch (IllegalArgumentException e) {
            model.close();
            throw wrong(
                    "", "does not fit %s: %s".formatted(weights, String.valueOf(e.getMessage())));
        }
    }

    /// All tensors but those whose names are of no use.
    public static UnaryOperator<Map<String, Tensor>> without(Predicate<String> unused) {
        return state -> {
            var used = new LinkedHashMap<>(state);
            used.keySet().removeIf(unused);
            return used;
        };
    }

    /// What is wrong with a key of this file.
    public CheckpointException wrong(String key, String what) {
        return bad(file, key, what);
    }

    /// What is right with a key of this file and not built here.
    public CheckpointException unsupported(String key, String what) {
        return new CheckpointException(
                file, key, what + ", which Orrery does not support", "open a model without it");
    }

    private Optional<JsonNode> at(String key) {
        return Optional.ofNullable(node.get(key)).filter(n -> !n.isNull());
    }

    private Number number(String key, JsonNode n) {
        if (!n.isNumber()) throw bad(file, key, "is %s, not a number".formatted(n));
        return n.numberValue();
    }

    private static CheckpointException bad(Path file, String key, String what) {
        return new CheckpointException(
                file, key, what, "use the config.json that was published with the weights");
    }
}
