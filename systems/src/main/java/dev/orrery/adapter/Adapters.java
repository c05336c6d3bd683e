package dev.orrery.adapter;

import dev.orrery.adapter.AdapterConfig.Method;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.nn.Adaptable;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/// Several adapters of one frozen model, by name: none, one or some of them are active.
///
/// ```java
/// var adapters = Adapters.of(model);
/// adapters.open("stack", stackFolder);
/// adapters.open("push", pushFolder);
/// adapters.activate("stack");            // the other one costs nothing
/// adapters.activate("stack", "push");    // both: each adds what it would add alone
/// adapters.combine("both", weights);     // one adapter that is their weighted sum
/// ```
///
/// Where several are active, each changes the stored weight by as much as it would alone. OFT turns
/// a weight rather than adding to it and stays alone on a layer. Two adapters that train the same
/// module whole cannot be active together.
public final class Adapters {

    private final Module model;
    private final SequencedMap<String, Adapter> all = new LinkedHashMap<>();
    private final MergedWeights merged = new MergedWeights();
    private final Map<Adaptable, RoutedChange> routed = new LinkedHashMap<>();
    private List<String> active = List.of();

    private Adapters(Module model) {
        this.model = model;
    }

    /// Freezes a model that will be adapted.
    public static Adapters of(Module model) {
        model.freeze();
        return new Adapters(model);
    }

    /// A new adapter, not active yet.
    ///
    /// @throws IllegalArgumentException if the name is taken, or the adapter does not fit the model
    public Adapter add(String name, AdapterConfig config, Seed seed) {
        return keep(name, () -> Adapter.aside(model, config, seed));
    }

    /// The adapter of a folder that PEFT saved, or [Adapter#save], not active yet.
    ///
    /// @throws CheckpointException if it cannot be read or does not fit
    public Adapter open(String name, Path folder) {
        return keep(name, () -> Adapter.read(model, folder));
    }

    /// Adapters begin from the model's own weights, so the active ones step aside meanwhile.
    private Adapter keep(String name, Supplier<Adapter> build) {
        requireUnmerged();
        if (all.containsKey(name)) {
            throw new IllegalArgumentException(
                    "there is an adapter '%s' already; remove it or choose another name"
                            .formatted(name));
        }
        var before = active.toArray(String[]::new);
        activate();
        try {
            var adapter = build.get();
            all.put(name, adapter);
            return adapter;
        } finally {
            activate(before);
        }
    }

    private void requireUnmerged() {
        if (merged.isMerged()) {
            throw new IllegalStateException(
                    "adapters %s are merged; unmerge them first".formatted(active));
        }
    }

    /// The adapter of this name.
    ///
    /// @throws IllegalArgumentException if there is none; the message lists those there are
    public Adapter get(String name) {
        var adapter = all.get(name);
        if (adapter == null) {
            throw new IllegalArgumentException(
                    "there is no adapter '%s'; there are %s".formatted(name, all.keySet()));
        }
        return adapter;
    }

    /// The names, in the order they came.
    public List<String> names() {
        return new ArrayList<>(all.keySet());
    }

    /// The names of the active ones.
    public List<String> active() {
        return active;
    }

    /// Takes all off the model, then puts these on it; none leaves the model as it was, to the bit.
    ///
    /// @throws IllegalArgumentException if there is no such adapter, or they do not go together;
    ///   then nothing changed
    /// @throws IllegalStateException while some are merged
    public void activate(String... names) {
        requireUnmerged();
        var chosen = List.of(names);
        if (new TreeSet<>(chosen).size() < chosen.size()) {
            throw new IllegalArgumentException("adapters %s: one is twice".formatted(chosen));
        }
        var changes = changes(chosen);
        unroute();
        for (var name : active) {
            get(name).layers().values().forEach(Adaptable::unchange);
            get(name).saved().swapOut();
        }
        active = chosen;
        changes.forEach(Adaptable::change);
        chosen.forEach(name -> get(name).saved().swapIn());
    }

    private Map<Adaptable, WeightChange> changes(List<String> names) {
        var each = new LinkedHashMap<Adaptable, List<WeightChange>>();
        var saved = new LinkedHashMap<String, String>();
        for (var name : names) {
            var adapter = get(name);
            adapter.layers()
                    .forEach((path, layer) ->
                            each.computeIfAbsent(layer, _ -> new ArrayList<>())
                                    .add(adapter.changeOf(path)));
            for (var path : adapter.wholePaths()) {
                var other = saved.put(path, name);
                if (other != null) {
                    throw new IllegalArgumentException(
                            "adapters '%s' and '%s' both train %s whole; activate one of them"
                                    .formatted(other, name, path));
                }
            }
        }
        requireApart(names, saved);
        var one = new LinkedHashMap<Adaptable, WeightChange>();
        each.forEach((layer, changes) -> {
            if (changes.size() > 1 && changes.stream().anyMatch(OftLayer.class::isInstance)) {
                throw new IllegalArgumentException(
                        "adapters %s meet on a layer, and OFT does not add to others; activate it alone"
                                .formatted(names));
            }
            one.put(
                    layer,
                    changes.size() == 1
                            ? changes.getFirst()
                            : new StackedChange(List.copyOf(changes)));
        });
        return one;
    }

    /// A layer that one adapter changes must not be inside what another trains whole.
    private void requireApart(List<String> names, Map<String, String> saved) {
        for (var name : names) {
            for (var path : get(name).paths()) {
                saved.forEach((whole, other) -> {
                    if (path.equals(whole) || path.startsWith(whole + ".")) {
                        throw new IllegalArgumentException(
                                "adapter '%s' changes %s, which '%s' trains whole; activate one of them"
                                        .formatted(name, path, other));
                    }
                });
            }
        }
    }

    /// Gives every row of the coming batches an adapter of its own, until the next [#activate]: one
    /// pass serves several tasks. LoRA on linear layers whose inputs have the batch as their first
    /// axis.
    ///
    /// @param rows the adapter of each row, or an empty name for the model as it is
    /// @throws IllegalArgumentException if one of them is no such adapter; then nothing changed
    public void route(List<String> rows) {
        requireUnmerged();
        var names = rows.stream().filter(n -> !n.isEmpty()).distinct().toList();
        names.forEach(this::requireRoutable);
        var routes = rows.stream().mapToInt(names::indexOf).toArray();
        var touched = new LinkedHashMap<String, Adaptable>();
        names.forEach(name -> touched.putAll(get(name).layers()));
        activate();
        touched.forEach((path, layer) -> {
            var factors = names.stream().map(name -> factors(name, path)).toList();
            var change = new RoutedChange(factors, routes, layer.storedWeight());
            layer.change(change);
            routed.put(layer, change);
        });
    }

    private void requireRoutable(String name) {
        var adapter = get(name);
        boolean linear = adapter.layers().values().stream().allMatch(Linear.class::isInstance);
        if (!(adapter.config().method() instanceof Method.Lora)
                || !linear
                || !adapter.wholePaths().isEmpty()
                || adapter.config().options().start().subtracts()
                || !adapter.config().options().extras().equals(AdapterExtras.NONE)) {
            throw new IllegalArgumentException(
                    "adapter '%s' cannot serve single rows: %s; only LoRA on linear layers without whole modules can"
                            .formatted(name, adapter.config()));
        }
    }

    private Optional<LowRank> factors(String name, String path) {
        var adapter = get(name);
        return adapter.layers().containsKey(path)
                ? Optional.of(((LoraLayer) adapter.changeOf(path)).change())
                : Optional.empty();
    }

    private void unroute() {
        routed.forEach((layer, change) -> {
            layer.unchange();
            change.close();
        });
        routed.clear();
    }

    /// Writes the active adapters into the model's weights; what was before is kept.
    ///
    /// @throws IllegalStateException if that was done already, or none is active
    public void merge() {
        requireUnmerged();
        if (active.isEmpty()) {
            throw new IllegalStateException(
                    "no adapter is active; activate one of %s before merging".formatted(names()));
        }
        merged.merge(changes(active));
    }

    /// Takes [#merge] back, to the bit.
    ///
    /// @throws IllegalStateException if nothing is merged
    public void unmerge() {
        merged.unmerge();
    }

    /// Forgets an adapter and frees it; it is deactivated first.
    public void remove(String name) {
        var adapter = get(name);
        if (active.contains(name)) {
            activate(active.stream().filter(n -> !n.equals(name)).toArray(String[]::new));
        }
        requireUnmerged();
        all.remove(name);
        adapter.saved().close();
        adapter.close();
    }

    /// A new LoRA adapter that adds the weighted sum of what others add: their factors side by
    /// side, so its rank is the sum of theirs and nothing is lost.
    ///
    /// @param weights of each, by name; negative ones subtract
    /// @throws IllegalArgumentException if one of them is no LoRA, or trains modules whole
    public Adapter combine(String name, SequencedMap<String, Double> weights) {
        var parts = new LinkedHashMap<String, List<LowRank>>();
        weights.forEach((part, weight) -> {
            var adapter = get(part);
            if (!(adapter.config().method() instanceof Method.Lora)
                    || !adapter.wholePaths().isEmpty()
                    || adapter.config().options().start().subtracts()
                    || !adapter.config().options().extras().equals(AdapterExtras.NONE)) {
                throw new IllegalArgumentException(
                        "adapter '%s' cannot be summed: %s; only LoRA without whole modules can"
                                .formatted(part, adapter.config()));
            }
            for (var path : adapter.paths()) {
                var own = ((LoraLayer) adapter.changeOf(path)).change();
                parts.computeIfAbsent(path, _ -> new ArrayList<>())
                        .add(new LowRank(own.down(), own.up(), weight * own.scale(), own.turned()));
            }
        });
        return keep(name, () -> joined(parts));
    }

    private Adapter joined(Map<String, List<LowRank>> parts) {
        var ranks = new LinkedHashMap<String, Integer>();
        var alphas = new LinkedHashMap<String, Double>();
        parts.forEach((path, all) -> {
            int rank = all.stream().mapToInt(p -> (int) p.down().size(0)).sum();
            ranks.put(path.replace(".", "\\."), rank);
            alphas.put(path.replace(".", "\\."), (double) rank);
        });
        int usual = ranks.values().iterator().next();
        boolean same = ranks.values().stream().allMatch(r -> r == usual);
        var method = new Method.Lora(usual, usual, false);
        var targets = new AdapterConfig.Targets.Named(new ArrayList<>(parts.keySet()));
        var config =
                same
                        ? new AdapterConfig(method, targets)
                        : new AdapterConfig(method, targets, ranks, alphas, List.of());
        var adapter = Adapter.aside(model, config, Seed.of(0));
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            parts.forEach((path, all) -> {
                var own = ((LoraLayer) adapter.changeOf(path)).change();
                own.down().copy_(Tensor.cat(all.stream().map(LowRank::down).toList(), 0));
                own.up()
                        .copy_(
                                Tensor.cat(
                                        all.stream().map(p -> p.up().mul(p.scale())).toList(), 1));
            });
        }
        return adapter;
    }
}
