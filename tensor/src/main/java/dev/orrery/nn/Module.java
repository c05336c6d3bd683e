package dev.orrery.nn;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Device;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// A part of a model: parameters, buffers and child modules, each under the name that it has in
/// checkpoints.
///
/// A subclass registers what it has in its constructor and keeps what it needs in final fields:
///
/// ```java
/// gate = child("gate_proj", Linear.withoutBias(width, hidden, seed.split("gate_proj")));
/// scale = parameter("scale", Init.ONES, seed, width);
/// ```
///
/// Full names join these with dots, as in `layers.0.mlp.gate_proj.weight`. Registered tensors
/// belong to their module, never to a [TensorScope], until [#close()]. A module is built and
/// changed on one thread; its forward may run on several at once.
///
/// The name hides `java.lang.Module`: outside this package import it by name.
public abstract class Module implements AutoCloseable {

    private final Map<String, Module> children = new LinkedHashMap<>();
    private final Set<Module> borrowed = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<String, Module> views = new LinkedHashMap<>();
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private final Map<Long, String> seeds = new LinkedHashMap<>();

    // ---- building

    /// Builds a module whose parameters have shapes but no values or memory, to check and count a
    /// configuration of any size. Its forward works out shapes when its inputs are on
    /// [Device#META].
    public static <M extends Module> M outline(Supplier<M> build) {
        return Construction.OUTLINED.build(build);
    }

    /// Builds a module without drawing its parameters, to be filled by [#load] or [#adopt].
    public static <M extends Module> M unset(Supplier<M> build) {
        return Construction.UNSET.build(build);
    }

    /// Registers a part under its checkpoint name, which may have dots.
    ///
    /// @return the part
    /// @throws IllegalArgumentException when the name is taken, or when the part was initialised
    ///   from the same seed as a sibling, which would give both the same values
    protected final <M extends Module> M child(String name, M module) {
        checkFree(name);
        Module part = module;
        if (children.values().stream().noneMatch(other -> other == part))
            part.seeds.forEach((seed, what) -> claimSeed(seed, name + "." + what));
        children.put(name, module);
        return module;
    }

    /// Registers a part of another module, which keeps it: it is looked at, loaded, saved and
    /// trained as a part of this one, but [#close] leaves it alone.
    ///
    /// @return the part
    protected final <M extends Module> M borrowed(String name, M module) {
        checkFree(name);
        children.put(name, module);
        borrowed.add(module);
        return module;
    }

    /// Registers a part that computes with other parts' parameters and has none: it is looked at,
    /// and is in no checkpoint.
    ///
    /// @return the part
    protected final <M extends Module> M view(String name, M module) {
        checkFree(name);
        views.put(name, module);
        return module;
    }

    /// Registers parts as `name.0`, `name.1` and so on.
    protected final <M extends Module> List<M> children(String name, List<M> modules) {
        for (int i = 0; i < modules.size(); i++) child(name + "." + i, modules.get(i));
        return List.copyOf(modules);
    }

    /// Registers a parameter whose first values are drawn from the seed's stream of this name.
    protected final Tensor parameter(String name, Init init, Seed seed, long... shape) {
        var own = seed.split(name);
        if (init != Init.ZEROS && init != Init.ONES) claimSeed(own.key(), name);
        try (var _ = TensorScope.open()) {
            return parameter(name, Construction.current().parameter(init, own, shape));
        }
    }

    /// Registers a parameter with these first values; it becomes a leaf that gathers gradients.
    protected final Tensor parameter(String name, Tensor values) {
        checkFree(name);
        parameters.put(name, TensorScope.release(values).requiresGrad_(true));
        return values;
    }

    /// Registers a tensor that is saved and loaded but not trained.
    protected final Tensor buffer(String name, Tensor values) {
        checkFree(name);
        buffers.put(name, TensorScope.release(values));
        return values;
    }

    /// Registers a tensor that moves with the module but is neither trained nor saved, such as a
    /// table that the configuration determines.
    protected final Tensor constant(String name, Tensor values) {
        checkFree(name);
        constants.put(name, TensorScope.release(values));
        return values;
    }

    private void checkFree(String name) {
        if (name.isEmpty()
                || children.containsKey(name)
                || views.containsKey(name)
                || parameters.containsKey(name)
                || buffers.containsKey(name)
                || constants.containsKey(name))
            throw new IllegalArgumentException(
                    "%s already has something named '%s'; choose another name"
                            .formatted(getClass().getSimpleName(), name));
    }

    private void claimSeed(long seed, String what) {
        var other = seeds.putIfAbsent(seed, what);
        if (other != null && Construction.current() == Construction.DRAWN)
            throw new IllegalArgumentException(
                    "%s: '%s' and '%s' would start from the same random values; give each child"
                                    .formatted(getClass().getSimpleName(), other, what)
                            + " seed.split(name)");
    }

    // ---- looking

    /// Every parameter once, trained or frozen.
    public final List<Tensor> parameters() {
        return distinct(namedParameters());
    }

    /// The parameters that are not frozen, once each.
    public final List<Tensor> trainableParameters() {
        return parameters().stream().filter(Tensor::requiresGrad).toList();
    }

    /// Parameters by full name; one that is shared appears under each of its names.
    public final Map<String, Tensor> namedParameters() {
        return collect((module, into) -> into.accept(module.parameters));
    }

    /// Parameters and buffers by full name: what a checkpoint holds. The tensors are the module's
    /// own, not copies.
    public final Map<String, Tensor> stateDict() {
        return collect((module, into) -> {
            into.accept(module.parameters);
            into.accept(module.buffers);
        });
    }

    /// Numbers in all parameters, shared ones counted once.
    public final long parameterCount() {
        return parameters().stream().mapToLong(Tensor::numel).sum();
    }

    /// The direct parts by name.
    public final Map<String, Module> children() {
        return Collections.unmodifiableMap(children);
    }

    /// The direct parts that compute with other parts' parameters, by name.
    public final Map<String, Module> views() {
        return Collections.unmodifiableMap(views);
    }

    // ---- loading and saving

    /// Copies values into every parameter and buffer, converting their type.
    ///
    /// @throws IllegalArgumentException listing the names that are missing, unexpected or of
    ///   another shape, or tensors that are not finite; nothing is changed then
    public final void load(Map<String, Tensor> state) {
        var own = stateDict();
        StateMatch.of(own, state).check(getClass().getSimpleName());
        StateMatch.checkFinite(getClass().getSimpleName(), own.keySet(), state);
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            own.forEach((name, tensor) -> tensor.copy_(state.get(name)));
        }
    }

    /// Takes tensors over as parameters and buffers without copying, with the types they have; for
    /// a memory-mapped file nothing is read until it is used. The module keeps sharing their
    /// memory.
    ///
    /// @throws IllegalArgumentException as [#load] does; values are not looked at
    public final void adopt(Map<String, Tensor> state) {
        var own = stateDict();
        StateMatch.of(own, state).check(getClass().getSimpleName());
        own.forEach((name, tensor) -> tensor.setData_(state.get(name)));
    }

    /// Loads a safetensors file, shard index or folder as [#load] does.
    ///
    /// @throws CheckpointException when the file is bad or does not fit this module
    public final void load(Path file) {
        fit(file, this::load);
    }

    /// As [#load(Path)], of a file with other names.
    ///
    /// @param names this module's names for the file's, and what it has no use for left out
    public final void load(Path file, UnaryOperator<Map<String, Tensor>> names) {
        fit(file, state -> load(names.apply(state)));
    }

    /// Maps a safetensors file, shard index or folder as [#adopt] does.
    ///
    /// @throws CheckpointException when the file is bad or does not fit this module
    public final void adopt(Path file) {
        fit(file, this::adopt);
    }

    private static void fit(Path file, Consumer<Map<String, Tensor>> take) {
        try (var _ = TensorScope.open()) {
            take.accept(Safetensors.read(file));
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(
                    file,
                    "",
                    String.valueOf(e.getMessage()),
                    "use the configuration that the file was saved with, or map its names",
                    e);
        }
    }

    /// Writes the state to a safetensors file, atomically.
    public final void save(Path file) {
        Safetensors.write(file, stateDict(), Map.of("format", "pt"));
    }

    // ---- changing

    /// Stops training this module's parameters; forward passes no longer record them.
    public final void freeze() {
        parameters().forEach(p -> p.requiresGrad_(false));
    }

    /// Trains this module's parameters again.
    public final void unfreeze() {
        parameters().forEach(p -> p.requiresGrad_(true));
    }

    /// Forgets all gradients.
    public final void clearGradients() {
        parameters().forEach(Tensor::clearGrad);
    }

    /// Moves everything to a device.
    public final void to(Device device) {
        replace(t -> t.to(device));
    }

    /// Converts floating-point parameters, buffers and constants to a type.
    public final void to(DType dtype) {
        replace(t -> t.dtype().isFloating() ? t.to(dtype) : t);
    }

    private void replace(UnaryOperator<Tensor> change) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            for (var tensor : distinct(everything()))
                tensor.setData_(change.apply(tensor.detach()));
        }
    }

    /// Frees all tensors; the module cannot be used afterwards.
    @Override
    public final void close() {
        var own = new LinkedHashMap<String, Tensor>();
        own("", own);
        distinct(own).forEach(Tensor::close);
    }

    // ---- walking

    private Map<String, Tensor> everything() {
        return collect((module, into) -> {
            into.accept(module.parameters);
            into.accept(module.buffers);
            into.accept(module.constants);
        });
    }

    private interface Into {
        void accept(Map<String, Tensor> tensors);
    }

    private Map<String, Tensor> collect(BiConsumer<Module, Into> choice) {
        var found = new LinkedHashMap<String, Tensor>();
        walk(
                "",
                (prefix, module) ->
                        choice.accept(
                                module,
                                own ->
                                        own.forEach((name, tensor) ->
                                                found.put(prefix + name, tensor))));
        return Collections.unmodifiableMap(found);
    }

    private void walk(String prefix, BiConsumer<String, Module> visitor) {
        visitor.accept(prefix, this);
        children.forEach((name, module) -> module.walk(prefix + name + ".", visitor));
    }

    private void own(String prefix, Map<String, Tensor> found) {
        for (var tensors : List.of(parameters, buffers, constants)) {
            tensors.forEach((name, tensor) -> found.put(prefix + name, tensor));
        }
        children.forEach((name, module) -> {
            if (!borrowed.contains(module)) module.own(prefix + name + ".", found);
        });
    }

    private static List<Tensor> distinct(Map<String, Tensor> tensors) {
        Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        var once = new ArrayList<Tensor>();
        for (var tensor : tensors.values()) if (seen.add(tensor)) once.add(tensor);
        return List.copyOf(once);
    }
}
