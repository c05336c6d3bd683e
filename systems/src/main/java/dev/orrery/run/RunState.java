package dev.orrery.run;

import dev.orrery.nn.Module;
import dev.orrery.optim.Ema;
import dev.orrery.optim.Optimizer;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What a run saves so that it can go on bit for bit: named parts, each a map of tensors.
///
/// ```java
/// var state = RunState.of(policy).with(optimizer).with(ema);
/// for (long step = run.resume(state); step < steps; step++) {
///     …
///     if (run.every(step, 100)) run.save(step, state);
/// }
/// ```
///
/// Random numbers and the position in the data need no part, as both follow from the run's seed and
/// the step ([Run#seed(long)]).
public final class RunState {

    /// The part that holds a model's weights.
    public static final String MODEL = "model";

    /// The part that holds averaged weights, if there is one.
    public static final String AVERAGE = "average";

    private record Part(
            String name, Supplier<Map<String, Tensor>> state, Consumer<Map<String, Tensor>> load) {}

    private final List<Part> parts;

    private RunState(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    /// No parts yet.
    public static RunState empty() {
        return new RunState(List.of());
    }

    /// The weights of a model.
    public static RunState of(Module model) {
        return empty().with(MODEL, model::stateDict, model::load);
    }

    /// This and what an optimiser remembers.
    public RunState with(Optimizer optimizer) {
        return with("optimizer", optimizer::stateDict, optimizer::load);
    }

    /// This and averaged weights.
    public RunState with(Ema average) {
        return with(AVERAGE, average::stateDict, average::load);
    }

    /// This and one more part.
    ///
    /// @param state gives the part's tensors, which are written at once
    /// @param load takes them back, copying
    public RunState with(
            String name, Supplier<Map<String, Tensor>> state, Consumer<Map<String, Tensor>> load) {
        var more = new ArrayList<>(parts);
        more.add(new Part(name, state, load));
        return new RunState(more);
    }

    Map<String, Tensor> tensors() {
        var all = new LinkedHashMap<String, Tensor>();
        for (var part : parts) {
            part.state().get().forEach((name, tensor) -> all.put(part.name() + "/" + name, tensor));
        }
        return all;
    }

    void load(Map<String, Tensor> all) {
        for (var part : parts) {
            part.load().accept(part(all, part.name()));
        }
    }

    static Map<String, Tensor> part(Map<String, Tensor> all, String name) {
        var part = new LinkedHashMap<String, Tensor>();
        var prefix = name + "/";
        all.forEach((key, tensor) -> {
            if (key.startsWith(prefix)) {
                part.put(key.substring(prefix.length()), tensor);
            }
        });
        return part;
    }
}
