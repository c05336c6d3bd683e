package dev.orrery.adapter;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.nn.Adaptable;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.WeightChange;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

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
    private final SequencedMap<String, Adaptable> layers;
    private final Map<String, WeightChange> changes = new LinkedHashMap<>();
    private final SavedModules saved;
    private final SequencedMap<String, Linear> tied;
    private final MergedWeights merged = new MergedWeights();
    private @Nullable JsonNode read;

    /// One bias of the model, which keeps it.
    private static final class Bias extends Module {
        Bias(String name, Tensor values) {
            parameter(name, values).requiresGrad_(false);
        }
    }

    private Adapter(Module model, AdapterConfig config, Seed seed, UnaryOperator<String> paths) {
        this.config = config;
        var found = Found.in(model, config, paths);
        layers = found.layers();
        var heads = new LinkedHashMap<String, WholeHead>();
        tied = Found.tied(model, paths);
        found.heads().forEach((path, trained) -> heads.put(path, head(path, trained)));
        saved = new SavedModules(found.modules(), found.biases(), heads);
        layers.forEach((path, layer) -> changes.put(path, layer(path, layer, seed.split(path))));
        saved.modules().forEach((path, module) -> borrowed(PREFIX + path, module));
        saved.biases()
                .forEach((name, bias) -> {
                    int dot = name.lastIndexOf('.');
                    borrowed(
                            PREFIX + (dot < 0 ? "" : name.substring(0, dot)),
                            new Bias(name.substring(dot + 1), bias));
                });
    }

    private WholeHead head(String path, boolean trained) {
        var head = new WholeHead(tied.get(path), trained);
        return trained ? child(PREFIX + path, head) : head;
    }

    private WeightChange layer(String path, Adaptable layer, Seed seed) {
        var words = config.options().extras().wordsOf(path);
        if (!words.isEmpty()) return named(path, new WordRows(path, layer, words));
        boolean asItLies = config.adaptsWeightOf(path);
        return switch (config.at(asItLies ? path + ".weight" : path)) {
            case AdapterConfig.Method.Lora lora -> {
                var followed = followed(path, layer);
                yield named(
                        path,
                        followed.isPresent()
                                ? new LoraLayer(path, followed.get())
                                : new LoraLayer(
                                        path, layer, lora, config.options(), asItLies, seed));
            }
            case AdapterConfig.Method.Dora dora ->
                    named(path, new DoraLayer(path, layer, dora, seed));
            case AdapterConfig.Method.Delora delora -> {
                var linear = linear(path, layer, "DeLoRA");
                if (layer.isRounded()) {
                    throw new IllegalArgumentException(
                            "adapter: %s has a weight of 8 bits, whose columns' norms are not those that DeLoRA keeps; use LoRA, or the weights as they were"
                                    .formatted(path));
                }
                yield named(path, new DeloraLayer(path, linear, delora, seed));
            }
            case AdapterConfig.Method.Oft oft -> named(path, new OftLayer(path, layer, oft, seed));
        };
    }

    /// What a tied output layer follows: the change of its words, if ties are to hold.
    private Optional<LoraLayer> followed(String path, Adaptable layer) {
        if (!config.options().extras().tied() || !(layer instanceof Linear))
            return Optional.empty();
        return layers.entrySet().stream()
                .filter(e ->
                        e.getValue() instanceof Embedding words
                                && words.storedWeight() == layer.storedWeight())
                .map(e -> changes.get(e.getKey()))
                .filter(LoraLayer.class::isInstance)
                .map(LoraLayer.class::cast)
                .findFirst();
    }

    private static Linear linear(String path, Adaptable layer, String method) {
        if (layer instanceof Linear linear) return linear;
        throw new IllegalArgumentException(
                "adapter: %s is a %s; %s is for linear layers, use LoRA or DoRA, or leave it out"
                        .formatted(path, layer.getClass().getSimpleName(), method));
    }

    /// What is worth nothing in a new adapter, and may yet be in one that is opened.
    private static void requireFitting(AdapterConfig config, String path, Adaptable layer) {
        if (!config.options().extras().wordsOf(path).isEmpty()) return;
        switch (config.at(path)) {
            case AdapterConfig.Method.Lora lora -> requireFitting(path, layer, lora.rank());
            case AdapterConfig.Method.Dora dora -> requireFitting(path, layer, dora.rank());
            case AdapterConfig.Method.Delora delora -> requireFitting(path, layer, delora.rank());
            case AdapterConfig.Method.Oft oft -> oft.requireSplit(OftLayer.inputs(path, layer));
        }
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

    /// Freezes a model and adapts it from now on.
    ///
    /// @throws IllegalArgumentException if no layer is meant, or a rank does not fit one
    /// @throws IllegalStateException if another adapter is on one of the layers
    public static Adapter on(Module model, AdapterConfig config, Seed seed) {
        var adapter = aside(model, config, seed);
        model.freeze();
        adapter.attach();
        return adapter;
    }

    /// Opens a folder that PEFT saved, or [#save].
    ///
    /// @throws CheckpointException naming what is missing, unexpected, misshapen or not supported,
    ///   or that the adapter was trained on other weights than the model's
    public static Adapter open(Module model, Path folder) {
        var adapter = read(model, folder);
        model.freeze();
        adapter.attach();
        return adapter;
    }

    /// Opens a folder whatever base the adapter was trained on.
    ///
    /// @throws CheckpointException as [#open(Module, Path)], the base aside
    public static Adapter openForced(Module model, Path folder) {
        return open(
                model,
                PeftFiles.read(folder.resolve(PeftFiles.CONFIG)),
                folder.resolve(PeftFiles.WEIGHTS));
    }

    /// An adapter of a folder that is not on its model.
    static Adapter read(Module model, Path folder) {
        var file = folder.resolve(PeftFiles.WEIGHTS);
        var config = PeftFiles.read(folder.resolve(PeftFiles.CONFIG));
        var adapter = read(model, config, file, UnaryOperator.identity());
        adapter.read = PeftFiles.json(folder.resolve(PeftFiles.CONFIG));
        var trained = PeftFiles.base(file);
        if (!trained.isEmpty() && !trained.equals(adapter.base())) {
            throw new CheckpointException(
                    file,
                    "base",
                    "was trained on a model with the fingerprint %.12s, this one's is %.12s"
                            .formatted(trained, adapter.base()),
                    "load the base that it was trained on, or force it");
        }
        try {
            adapter.changes.forEach((path, change) -> {
                if (change instanceof DeloraLayer delora) {
                    delora.requireBase(path, adapter.merged.stored(adapter.layers.get(path)));
                }
            });
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(
                    file,
                    "delora_w_norm",
                    String.valueOf(e.getMessage()),
                    "load the base that it was trained on, or force it",
                    e);
        }
        return adapter;
    }

    /// Opens weights of a configuration that was read elsewhere.
    public static Adapter open(Module model, AdapterConfig config, Path weights) {
        return open(model, config, weights, UnaryOperator.identity());
    }

    /// As [#open(Module, AdapterConfig, Path)], of an adapter to which the model's modules have
    /// other names.
    ///
    /// @param paths those names, for the paths that the modules have in the model
    public static Adapter open(
            Module model, AdapterConfig config, Path weights, UnaryOperator<String> paths) {
        var adapter = read(model, config, weights, paths);
        model.freeze();
        adapter.attach();
        return adapter;
    }

    /// An adapter that is not on its model.
    static Adapter aside(Module model, AdapterConfig config, Seed seed) {
        var found = Found.in(model, config, UnaryOperator.identity());
        found.requireEveryName(config);
        found.layers().forEach((path, layer) -> requireFitting(config, path, layer));
        return new Adapter(model, config, seed, UnaryOperator.identity());
    }

    /// As [#aside], with weights.
    private static Adapter read(
            Module model, AdapterConfig config, Path weights, UnaryOperator<String> paths) {
        var adapter = new Adapter(model, config, Seed.of(0), paths);
        adapter.saved.swapIn();
        try {
            adapter.load(
                    weights,
                    state ->
                            adapter.started(
                                    PeftFiles.own(
                                            weights, adapter.unrepeated(state), adapter::stored)));
        } finally {
            adapter.saved.swapOut();
        }
        return adapter;
    }

    /// The numbers of a file, and what the factors were at first, which follows from the base.
    private Map<String, Tensor> started(Map<String, Tensor> state) {
        if (!config.options().start().subtracts()) return state;
        layers.forEach(
                (path, layer) -> linear(path, layer, "a start of " + config.options().start()));
        var whole = new LinkedHashMap<>(state);
        stateDict()
                .forEach((name, tensor) -> {
                    if (name.endsWith(".frozen_A") || name.endsWith(".frozen_B")) {
                        whole.putIfAbsent(name, tensor);
                    }
                });
        return whole;
    }

    /// Without what PEFT writes twice: tensors by names of its own, and those of an output layer
    /// whose words are trained whole with it.
    private Map<String, Tensor> unrepeated(Map<String, Tensor> state) {
        var once = new LinkedHashMap<>(state);
        once.keySet()
                .removeIf(name ->
                        name.contains(".original_module.") || name.contains(".modules_to_save."));
        if (config.options().extras().tied()) {
            tied.keySet().stream()
                    .map(path -> PREFIX + path + ".weight")
                    .filter(name -> !stateDict().containsKey(name))
                    .forEach(once::remove);
        }
        once.entrySet().removeIf(e -> isSharedBias(e.getKey(), state));
        return once;
    }

    /// Whether a name repeats the bias of the module around its own, as an output layer does that
    /// has its head's: `lm_head.decoder.bias` is `lm_head.bias`.
    private boolean isSharedBias(String name, Map<String, Tensor> state) {
        if (!name.endsWith(".bias") || stateDict().containsKey(name)) return false;
        var owner = name.substring(0, name.length() - ".bias".length());
        var shared = state.get(owner.substring(0, owner.lastIndexOf('.') + 1) + "bias");
        return shared != null
                && Arrays.equals(shared.shape(), state.get(name).shape())
                && shared.sub(state.get(name)).abs().max().item() == 0;
    }

    private Optional<Tensor> stored(String path) {
        return Optional.ofNullable(layers.get(path)).map(merged::stored);
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
        var paths = new ArrayList<>(saved.modules().keySet());
        paths.addAll(saved.trainedHeads());
        return paths;
    }

    /// What is trained beside the adapted layers: modules, and single biases.
    List<String> wholePaths() {
        var all = savedPaths();
        all.addAll(saved.biases().keySet());
        return all;
    }

    /// What tells the base apart, merged or not; see [#save].
    String base() {
        return Fingerprint.of(layers, merged::stored);
    }

    /// The configuration's file that it was read from, with what is not understood here.
    Optional<JsonNode> origin() {
        return Optional.ofNullable(read);
    }

    /// The parameters as groups of an optimiser.
    public List<ParameterGroup> groups(AdapterRates rates) {
        return rates.groups(namedParameters());
    }

    /// Does work, such as a training step's loss, in which LoRA's layers do not see the share of
    /// their inputs that the configuration's dropout says. Which ones follows from the seed;
    /// outside of this they see all.
    public <T> T dropping(Seed step, Supplier<T> work) {
        return StepDropout.during(step, work);
    }

    /// Multiplies every change of DeLoRA, in training, while λ is warmed up: 0 to 1.
    public void warmth(double factor) {
        if (!(factor >= 0 && factor <= 1)) {
            throw new IllegalArgumentException("adapter: warmth %s; use 0 to 1".formatted(factor));
        }
        changes.values()
                .forEach(change -> {
                    if (change instanceof DeloraLayer delora) delora.warmth(factor);
                });
    }

    /// What is worth knowing before training, a sentence each.
    public List<String> warnings() {
        var found = new ArrayList<String>();
        changes.forEach((path, change) -> {
            if (change instanceof DeloraLayer delora && delora.dead() > 0) {
                found.add(
                        "%s: %d inputs have a zero column in the weight and can never be adapted"
                                .formatted(path, delora.dead()));
            }
        });
        return found;
    }

    /// How much each layer is changed, by its path.
    public SequencedMap<String, Strength> strengths() {
        var found = new LinkedHashMap<String, Strength>();
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            layers.forEach((path, layer) -> {
                double weight = merged.stored(layer).norm().item();
                if (changes.get(path) instanceof DeloraLayer delora) {
                    var usage = delora.usage();
                    double bound = Math.abs(usage.lambda()) * usage.columns();
                    found.put(
                            path,
                            new Strength(
                                    usage.norm(), weight, usage.lambda(), usage.norm() / bound));
                } else {
                    double change = delta(path).norm().item();
                    found.put(path, new Strength(change, weight, Double.NaN, Double.NaN));
                }
            });
        }
        return found;
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
        if (config.options().extras().tied())
            tied.forEach((path, head) -> repeat(path, head, values));
        return values;
    }

    /// Words that are trained whole, under the name of the output layer too, as PEFT wants them.
    private void repeat(String path, Linear head, Map<String, Tensor> values) {
        saved.modules()
                .forEach((owner, module) ->
                        module.namedParameters()
                                .forEach((name, own) -> {
                                    if (own == head.storedWeight()) {
                                        values.put(
                                                PREFIX + path + ".weight",
                                                values.get(PREFIX + owner + "." + name));
                                    }
                                }));
    }

    /// Saves what PEFT opens: `adapter_config.json` and `adapter_model.safetensors`. The latter's
    /// metadata holds a fingerprint of the base, by which [#open(Module, Path)] knows another one.
    /// What was not understood in a configuration that was read is written again. A PiSSA or OLoRA
    /// start is written as LoRA of twice the rank, which needs no other base.
    ///
    /// @throws IllegalStateException if PEFT's files have no place for the method
    /// @param base what the model is called, for people and hubs
    public void save(Path folder, String base) {
        PeftFiles.write(folder, config, base, this);
    }
}
