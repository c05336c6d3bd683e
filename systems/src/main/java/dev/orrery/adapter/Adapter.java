package dev.orrery.adapter;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.nn.Linear;
import dev.orrery.nn.LinearChange;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Small trained changes of chosen linear layers of a model whose own weights stay frozen.
///
/// ```java
/// var adapter = Adapter.on(model, config, seed);   // the model's weights are frozen
/// var optimizer = new AdamW(adapter.parameters(), 1e-3);
/// …
/// adapter.save(folder);                            // as PEFT saves it
/// adapter.merge();                                 // into the weights: no cost any more
/// ```
///
/// Names of its parameters are those of PEFT's files: `base_model.model.PATH.lora_A.weight` and the
/// like.
public final class Adapter extends Module {

    private static final String PREFIX = "base_model.model.";

    private final AdapterConfig config;
    private final SequencedMap<String, Linear> layers = new LinkedHashMap<>();
    private final Map<String, LinearChange> changes = new LinkedHashMap<>();
    private final Map<String, Tensor> before = new LinkedHashMap<>();

    private Adapter(Module model, AdapterConfig config, Seed seed) {
        this.config = config;
        var all = new LinkedHashMap<String, Linear>();
        collect("", model, all);
        all.forEach((path, linear) -> {
            if (config.targets().has(path)) layers.put(path, linear);
        });
        if (layers.isEmpty()) {
            throw new IllegalArgumentException(
                    "adapter: %s is no linear layer of the model; among them are %s"
                            .formatted(config.targets(), all.keySet().stream().limit(10).toList()));
        }
        layers.forEach((path, linear) -> changes.put(path, layer(path, linear, seed.split(path))));
    }

    private LinearChange layer(String path, Linear linear, Seed seed) {
        return switch (config.at(path)) {
            case AdapterConfig.Method.Lora(int rank, double alpha, boolean stabilised) ->
                    named(
                            path,
                            new LoraLayer(
                                    linear, fitting(path, linear, rank), alpha, stabilised, seed));
            case AdapterConfig.Method.Dora(int rank, double alpha, boolean stabilised) ->
                    named(
                            path,
                            new DoraLayer(
                                    linear, fitting(path, linear, rank), alpha, stabilised, seed));
            case AdapterConfig.Method.Delora(int rank, double lambda) ->
                    named(path, new DeloraLayer(linear, fitting(path, linear, rank), lambda, seed));
            case AdapterConfig.Method.Oft oft -> named(path, new OftLayer(linear, oft, seed));
        };
    }

    private static int fitting(String path, Linear linear, int rank) {
        long most = Math.min(linear.inputs(), linear.outputs());
        if (rank > most) {
            throw new IllegalArgumentException(
                    "adapter: rank %d is more than %s of %d x %d has; use at most %d"
                            .formatted(rank, path, linear.outputs(), linear.inputs(), most));
        }
        return rank;
    }

    private <L extends Module & LinearChange> L named(String path, L layer) {
        return child(PREFIX + path, layer);
    }

    private static void collect(String path, Module module, Map<String, Linear> found) {
        if (module instanceof Linear linear) found.put(path, linear);
        module.children()
                .forEach((name, part) ->
                        collect(path.isEmpty() ? name : path + "." + name, part, found));
    }

    /// Freezes a model and adapts it from now on.
    ///
    /// @throws IllegalArgumentException if no layer is meant, or a rank does not fit one
    /// @throws IllegalStateException if another adapter is on one of the layers
    public static Adapter on(Module model, AdapterConfig config, Seed seed) {
        var adapter = new Adapter(model, config, seed);
        model.freeze();
        adapter.attach();
        return adapter;
    }

    /// Opens a folder that PEFT saved, or [#save].
    ///
    /// @throws CheckpointException naming what is missing, unexpected, misshapen or not supported
    public static Adapter open(Module model, Path folder) {
        var config = PeftFiles.read(folder.resolve(PeftFiles.CONFIG));
        return open(model, config, folder.resolve(PeftFiles.WEIGHTS));
    }

    /// Opens weights of a configuration that was read elsewhere.
    public static Adapter open(Module model, AdapterConfig config, Path weights) {
        var adapter = new Adapter(model, config, Seed.of(0));
        adapter.load(weights);
        model.freeze();
        adapter.attach();
        return adapter;
    }

    /// How it adapts.
    public AdapterConfig config() {
        return config;
    }

    /// The paths of the adapted layers.
    public List<String> paths() {
        return new ArrayList<>(layers.keySet());
    }

    private void attach() {
        layers.forEach((path, linear) -> linear.change(changes.get(path)));
    }

    /// Leaves the model as it was, to the bit.
    public void detach() {
        if (!before.isEmpty()) unmerge();
        layers.values().forEach(Linear::unchange);
    }

    /// What is added to a layer's weight.
    public Tensor delta(String path) {
        var linear = layers.get(path);
        if (linear == null) {
            throw new IllegalArgumentException(
                    "adapter: '%s' is not adapted; it is on %s".formatted(path, paths()));
        }
        var stored = before.getOrDefault(path, linear.storedWeight());
        return changes.get(path).weight(stored).sub(stored);
    }

    /// Writes the changed weights into the model, which then costs what it cost before. The weights
    /// of before are kept, so that [#unmerge] is exact.
    ///
    /// @throws IllegalStateException if they are merged already
    public void merge() {
        if (!before.isEmpty()) {
            throw new IllegalStateException("the adapter is merged already");
        }
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            layers.forEach((path, linear) -> {
                var stored = linear.storedWeight();
                var changed = changes.get(path).weight(stored).copy();
                before.put(path, TensorScope.release(stored.copy()));
                stored.copy_(changed);
                linear.unchange();
            });
        }
    }

    /// Takes [#merge] back, to the bit.
    ///
    /// @throws IllegalStateException if nothing is merged
    public void unmerge() {
        if (before.isEmpty()) {
            throw new IllegalStateException("the adapter is not merged");
        }
        try (var _ = Grad.disabled()) {
            layers.forEach((path, linear) -> {
                linear.storedWeight().copy_(before.get(path));
                linear.change(changes.get(path));
            });
        }
        before.values().forEach(Tensor::close);
        before.clear();
    }

    /// Saves what PEFT opens: `adapter_config.json` and `adapter_model.safetensors`.
    ///
    /// @param base what the model is called, for people and hubs
    public void save(Path folder, String base) {
        PeftFiles.write(folder, config, base, this);
    }
}
