package dev.orrery.adapter;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.nn.Conv1d;
import dev.orrery.nn.Conv2d;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Window;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// The layers of a file of weights that an adapter touches, without the model they belong to: each
/// under its path, of the kind that its weight's shape and the adapter's tensors say.
final class StoredModel extends Module {

    private static final String PREFIX = "base_model.model.";
    private static final Set<String> OWN =
            Set.of(
                    "lora_A.weight",
                    "lora_B.weight",
                    "lora_B.bias",
                    "lora_embedding_A",
                    "lora_embedding_B",
                    "lora_magnitude_vector",
                    "delora_A",
                    "delora_B",
                    "delora_lambda",
                    "delora_w_norm",
                    "oft_R.weight",
                    "oft_embedding_R.weight",
                    "token_adapter.trainable_tokens_delta");

    /// Tensors that are no layer: a module that is trained whole, or a bias.
    private static final class Plain extends Module {
        Plain(Map<String, Tensor> tensors) {
            tensors.forEach((name, tensor) -> parameter(name, Tensor.zeros(tensor.shape())));
        }
    }

    private StoredModel() {}

    /// The layers of a base that an adapter's file names, with their weights.
    ///
    /// @param file of the base, for messages
    /// @throws CheckpointException if the base lacks one
    static StoredModel of(
            Path file,
            Map<String, Tensor> base,
            AdapterConfig config,
            Map<String, Tensor> adapter) {
        var model = new StoredModel();
        var plain = new LinkedHashMap<String, Map<String, Tensor>>();
        var done = new HashSet<String>();
        adapter.keySet()
                .forEach(name -> {
                    var path = path(name);
                    if (path.isEmpty()) {
                        var own = name.substring(PREFIX.length());
                        if (!own.contains(".base_layer.")) plain(file, own, base, config, plain);
                    } else if (done.add(path)) {
                        model.layer(file, path, name, base, adapter);
                    }
                });
        plain.forEach((path, tensors) -> model.child(path, new Plain(tensors)));
        var values = new LinkedHashMap<String, Tensor>();
        model.stateDict().keySet().forEach(name -> values.put(name, base.get(name)));
        model.load(values);
        return model;
    }

    /// Linear layers of these weights, to be filled with a change.
    static StoredModel linear(Map<String, Tensor> weights) {
        var model = new StoredModel();
        weights.forEach((path, weight) -> {
            model.child(
                    path, Linear.of(weight.size(1), weight.size(0), false, Seed.of(0).split(path)));
        });
        var values = new LinkedHashMap<String, Tensor>();
        weights.forEach((path, weight) -> values.put(path + ".weight", weight));
        model.load(values);
        return model;
    }

    /// A layer's path from the name of an adapter's tensor; empty if that is none.
    static String path(String name) {
        for (var own : OWN) {
            if (name.startsWith(PREFIX) && name.endsWith("." + own)) {
                return name.substring(PREFIX.length(), name.length() - own.length() - 1);
            }
        }
        return "";
    }

    /// The model's name of a tensor that an adapter keeps whole.
    static String whole(String name) {
        return name.substring(PREFIX.length()).replace(".base_layer.", ".");
    }

    private void layer(
            Path file,
            String path,
            String name,
            Map<String, Tensor> base,
            Map<String, Tensor> adapter) {
        var weight = require(file, path + ".weight", base);
        boolean biased = base.containsKey(path + ".bias");
        var seed = Seed.of(0).split(path);
        long outputs = weight.size(0);
        if (name.contains("_embedding_") || name.contains(".token_adapter.")) {
            child(path, new Embedding(outputs, weight.size(1), seed));
        } else if (weight.rank() == 2) {
            child(path, Linear.of(weight.size(1), outputs, biased, seed));
        } else {
            var up = adapter.get(PREFIX + path + ".lora_B.weight");
            var down = adapter.get(PREFIX + path + ".lora_A.weight");
            long groups = up == null || down == null ? 1 : down.size(0) / up.size(1);
            var window = Window.of(weight.size(2)).withGroups(groups);
            long inputs = weight.size(1) * groups;
            child(
                    path,
                    weight.rank() == 3
                            ? new Conv1d(inputs, outputs, window, biased, seed)
                            : new Conv2d(inputs, outputs, window, biased, seed));
        }
    }

    private static void plain(
            Path file,
            String name,
            Map<String, Tensor> base,
            AdapterConfig config,
            Map<String, Map<String, Tensor>> plain) {
        var tensor = require(file, name, base);
        var owner = owner(name, config);
        plain.computeIfAbsent(owner, _ -> new LinkedHashMap<>())
                .put(name.substring(owner.length() + 1), tensor);
    }

    /// The outermost module that is trained whole and holds a tensor, or what holds it directly.
    private static String owner(String name, AdapterConfig config) {
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            var path = name.substring(0, dot);
            if (config.saved().stream().anyMatch(s -> AdapterConfig.isAt(path, s))) return path;
        }
        return name.substring(0, name.lastIndexOf('.'));
    }

    private static Tensor require(Path file, String name, Map<String, Tensor> base) {
        var tensor = base.get(name);
        if (tensor == null) {
            throw new CheckpointException(
                    file,
                    name,
                    "is missing, and the adapter changes it",
                    "name the base that the adapter was trained on");
        }
        return tensor;
    }
}
