package dev.orrery.adapter;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// Whole modules of a model that an adapter trains and keeps (PEFT's `modules_to_save`): copies of
/// their tensors take the place of the model's own while the adapter is attached.
final class SavedModules {

    /// @param handle what the model computes with
    /// @param original the model's own numbers
    /// @param own the adapter's
    private record Swapped(Tensor handle, Tensor original, Tensor own) {}

    private final SequencedMap<String, Module> modules;
    private final SequencedMap<String, Swapped> tensors = new LinkedHashMap<>();
    private boolean in;

    /// @param modules by their paths in the model
    SavedModules(SequencedMap<String, Module> modules) {
        this.modules = modules;
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            modules.forEach((path, module) ->
                    module.stateDict()
                            .forEach((name, tensor) ->
                                    tensors.put(
                                            path + "." + name,
                                            new Swapped(
                                                    tensor,
                                                    TensorScope.release(tensor.detach()),
                                                    TensorScope.release(tensor.copy())))));
        }
    }

    /// The modules by their paths.
    SequencedMap<String, Module> modules() {
        return modules;
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
        modules.values().forEach(Module::unfreeze);
    }

    /// Gives the model its own back, frozen.
    void swapOut() {
        if (!in) return;
        in = false;
        modules.values()
                .forEach(module -> {
                    module.clearGradients();
                    module.freeze();
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
        tensors.values()
                .forEach(t -> {
                    t.own().close();
                    t.original().close();
                });
    }
}
