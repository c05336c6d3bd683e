package dev.orrery.adapter;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.nn.Adaptable;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Small trained changes of chosen layers of a model whose own weights stay frozen, and whole small
/// modules that are trained with them.
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
    private final SequencedMap<String, Adaptable> layers = new LinkedHashMap<>();
    private final Map<String, WeightChange> changes = new LinkedHashMap<>();
    private final SavedModules saved;
    private final MergedWeights merged = new MergedWeights();

    private Adapter(Module model, AdapterConfig config, Seed seed) {
        this.config = config;
        var modules = new LinkedHashMap<String, Module>();
        collect("", model, modules);
        saved = new SavedModules(saved(modules));
        var all = new LinkedHashMap<String, Adaptable>();
        modules.forEach((path, module) -> {
            if (module instanceof Adaptable layer && !isSaved(path)) all.put(path, layer);
        });
        all.forEach((path, layer) -> {
            if (config.targets().has(path, layer)) layers.put(path, layer);
        });
        if (layers.isEmpty()) {
            throw new IllegalArgumentException(
                    "adapter: %s is no layer of the model; among them are %s"
                            .formatted(config.targets(), all.keySet().stream().limit(10).toList()));
        }
        layers.forEach((path, layer) -> changes.put(path, layer(path, layer, seed.split(path))));
        saved.modules().forEach((path, module) -> borrowed(PREFIX + path, module));
    }

    private SequencedMap<String, Module> saved(Map<String, Module> modules) {
        var found = new LinkedHashMap<String, Module>();
        for (var name : config.saved()) {
            int before = found.size();
            modules.forEach((path, module) -> {
                boolean inside = found.keySet().stream().anyMatch(p -> path.startsWith(p + "."));
                if (AdapterConfig.isAt(path, name) && !inside) found.put(path, module);
            });
            if (found.size() == before) {
                throw new IllegalArgumentException(
                        "adapter: there is no module '%s' to train whole; among them are %s"
                                .formatted(name, modules.keySet().stream().limit(10).toList()));
            }
        }
        return found;
    }

    private boolean isSaved(String path) {
        return saved.modules().keySet().stream()
                .anyMatch(p -> path.equals(p) || path.startsWith(p + "."));
    }

    private WeightChange layer(String path, Adaptable layer, Seed seed) {
        return switch (config.at(path)) {
            case AdapterConfig.Method.Lora lora -> {
                requireFitting(path, layer, lora.rank());
                yield named(path, new LoraLayer(path, layer, lora, seed));
            }
            case AdapterConfig.Method.Dora dora -> {
                requireFitting(path, layer, dora.rank());
                yield named(path, new DoraLayer(path, layer, dora, seed));
            }
            case AdapterConfig.Method.Delora(int rank, double lambda) -> {
                requireFitting(path, layer, rank);
                yield named(
                        path, new DeloraLayer(linear(path, layer, "DeLoRA"), rank, lambda, seed));
            }
            case AdapterConfig.Method.Oft oft ->
                    named(path, new OftLayer(linear(path, layer, "OFT"), oft, seed));
        };
    }

    private static Linear linear(String path, Adaptable layer, String method) {
        if (layer instanceof Linear linear) return linear;
        throw new IllegalArgumentException(
                "adapter: %s is a %s; %s is for linear layers, use LoRA or DoRA, or leave it out"
                        .formatted(path, layer.getClass().getSimpleName(), method));
    }

    private static void requireFitting(String path, Adaptable layer, int rank) {
        var weight = layer.storedWeight();
        long outputs = weight.size(0), inputs = weight.numel() / outputs;
        if (rank > Math.min(outputs, inputs)) {
            throw new IllegalArgumentException(
                    "adapter: rank %d is more than %s of %d x %d has; use at most %d"
                            .formatted(rank, path, outputs, inputs, Math.min(outputs, inputs)));
        }
    }

    private <L extends Module & WeightChange> L named(String path, L layer) {
        return child(PREFIX + path, layer);
    }

    private static void collect(String path, Module module, Map<String, Module> found) {
        if (!path.isEmpty()) found.put(path, module);
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
        var adapter = read(model, config, weights);
        model.freeze();
        adapter.attach();
        return adapter;
    }

    /// An adapter that is not on its model.
    static Adapter aside(Module model, AdapterConfig config, Seed seed) {
        return new Adapter(model, config, seed);
    }

    /// As [#aside], with weights.
    static Adapter read(Module model, AdapterConfig config, Path weights) {
        var adapter = new Adapter(model, config, Seed.of(0));
        adapter.saved.swapIn();
        try {
            adapter.load(weights);
        } finally {
            adapter.saved.swapOut();
        }
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

    /// The paths of the modules that are trained whole.
    public List<String> savedPaths() {
        return new ArrayList<>(saved.modules().keySet());
    }

    /// The adapted layers by their paths.
    SequencedMap<String, Adaptable> layers() {
        return layers;
    }

    /// What changes the layer at a path.
    WeightChange changeOf(String path) {
        var change = changes.get(path);
        if (change == null) {
            throw new IllegalArgumentException(
                    "adapter: '%s' is not adapted; it is on %s".formatted(path, paths()));
        }
        return change;
    }

    /// The modules that are trained whole.
    SavedModules saved() {
        return saved;
    }

    private void attach() {
        layers.forEach((path, layer) -> layer.change(changes.get(path)));
        saved.swapIn();
    }

    /// Leaves the model as it was, to the bit.
    public void detach() {
        if (merged.isMerged()) unmerge();
        layers.values().forEach(Adaptable::unchange);
        saved.swapOut();
    }

    /// What is added to a layer's weight.
    public Tensor delta(String path) {
        var change = changeOf(path);
        var stored = merged.stored(layers.get(path));
        return change.weight(stored).sub(stored);
    }

    /// Writes the changed weights into the model, which then costs what it cost before. The weights
    /// of before are kept, so that [#unmerge] is exact.
    ///
    /// @throws IllegalStateException if they are merged already
    public void merge() {
        var all = new LinkedHashMap<Adaptable, WeightChange>();
        layers.forEach((path, layer) -> all.put(layer, changes.get(path)));
        merged.merge(all);
    }

    /// Takes [#merge] back, to the bit.
    ///
    /// @throws IllegalStateException if nothing is merged
    public void unmerge() {
        merged.unmerge();
    }

    /// What a file holds: its parameters and buffers, and the modules that are trained whole as
    /// this adapter has them, whether or not it is on its model.
    Map<String, Tensor> values() {
        var values = new LinkedHashMap<>(stateDict());
        saved.values().forEach((name, tensor) -> values.put(PREFIX + name, tensor));
        return values;
    }

    /// Saves what PEFT opens: `adapter_config.json` and `adapter_model.safetensors`.
    ///
    /// @param base what the model is called, for people and hubs
    public void save(Path folder, String base) {
        PeftFiles.write(folder, config, base, this);
    }
}
