package dev.orrery.adapter;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Whole modules of a model, and single biases, that an adapter trains and keeps (PEFT's
/// `modules_to_save` and `bias`): copies of their tensors take the place of the model's own while
/// the adapter is attached.
final class SavedModules {

    /// @param handle what the model computes with
    /// @param original the model's own numbers
    /// @param own the adapter's
    private record Swapped(Tensor handle, Tensor original, Tensor own) {}

    private final SequencedMap<String, Module> modules;
    private final SequencedMap<String, Tensor> biases;
    private final SequencedMap<String, WholeHead> heads;
    private final SequencedMap<String, Swapped> tensors = new LinkedHashMap<>();
    private boolean in;

    /// @param modules by their paths in the model
    /// @param biases parameters beside them, by what they are called in the adapter's files
    /// @param heads output layers that are tied no more
    SavedModules(
            SequencedMap<String, Module> modules,
            SequencedMap<String, Tensor> biases,
            SequencedMap<String, WholeHead> heads) {
        this.modules = modules;
        this.heads = heads;
        this.biases = biases;
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            modules.forEach((path, module) ->
                    module.stateDict().forEach((name, tensor) -> keep(path + "." + name, tensor)));
            biases.forEach(this::keep);
        }
    }

    private void keep(String name, Tensor tensor) {
        tensors.put(
                name,
                new Swapped(
                        tensor,
                        TensorScope.release(tensor.detach()),
                        TensorScope.release(tensor.copy())));
    }

    /// The modules by their paths.
    SequencedMap<String, Module> modules() {
        return modules;
    }

    /// The paths of output layers that are trained whole, untied.
    List<String> trainedHeads() {
        return heads.entrySet().stream()
                .filter(e -> e.getValue().isTrained())
                .map(Map.Entry::getKey)
                .toList();
    }

    /// The single biases by what they are called in files.
    SequencedMap<String, Tensor> biases() {
        return biases;
    }

    /// Whether the model computes with the copies.
    boolean isIn() {
        return in;
    }

    /// Lets the model compute with, and train, the copies.
    void swapIn() {
        if (in) return;
        in = true;
        put(true);
        heads.values().forEach(WholeHead::put);
        modules.values().forEach(Module::unfreeze);
        biases.values().forEach(bias -> bias.requiresGrad_(true));
    }

    /// Gives the model its own back, frozen.
    void swapOut() {
        if (!in) return;
        in = false;
        heads.values().forEach(WholeHead::takeBack);
        modules.values()
                .forEach(module -> {
                    module.clearGradients();
                    module.freeze();
                });
        biases.values()
                .forEach(bias -> {
                    bias.clearGrad();
                    bias.requiresGrad_(false);
                });
        put(false);
    }

    private void put(boolean own) {
        try (var _ = Grad.disabled()) {
            tensors.values().forEach(t -> t.handle().setData_(own ? t.own() : t.original()));
        }
    }

    /// The adapter's numbers by `PATH.NAME`, attached or not.
    Map<String, Tensor> values() {
        var values = new LinkedHashMap<String, Tensor>();
        tensors.forEach((name, swapped) -> values.put(name, swapped.own()));
        return values;
    }

    /// Frees the copies; the model keeps its own.
    void close() {
        swapOut();
        heads.values().stream().filter(h -> !h.isTrained()).forEach(WholeHead::close);
        tensors.values()
                .forEach(t -> {
                    t.own().close();
                    t.original().close();
                });
    }
}
