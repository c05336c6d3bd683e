package dev.orrery.adapter;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.tensor.DType;
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
import java.util.TreeSet;

/// What can be done with adapters' folders and files of weights alone, whatever model they belong
/// to: look into, merge, compare, and make one from two sets of weights.
public final class AdapterFolders {

    private AdapterFolders() {}

    /// One adapted layer.
    ///
    /// @param path of the layer
    /// @param tensors of the adapter, with their shapes
    /// @param trained numbers
    public record Layer(String path, Map<String, List<Long>> tensors, long trained) {}

    /// What a folder holds.
    ///
    /// @param method how it adapts
    /// @param base fingerprint of its base; empty if it does not say
    /// @param layers that are adapted
    /// @param whole tensors that are kept whole: modules, biases
    public record View(String method, String base, List<Layer> layers, List<String> whole) {}

    /// Looks into a folder.
    public static View inspect(Path folder) {
        var config = PeftFiles.read(folder.resolve(PeftFiles.CONFIG));
        var file = folder.resolve(PeftFiles.WEIGHTS);
        var layers = new LinkedHashMap<String, Map<String, List<Long>>>();
        var whole = new ArrayList<String>();
        for (var header : Safetensors.inspect(file)) {
            for (var tensor : header.tensors()) {
                var path = StoredModel.path(tensor.name());
                if (path.isEmpty()) whole.add(tensor.name());
                else
                    layers.computeIfAbsent(path, _ -> new LinkedHashMap<>())
                            .put(tensor.name(), tensor.shape());
            }
        }
        var views = new ArrayList<Layer>();
        layers.forEach((path, tensors) -> views.add(new Layer(path, tensors, trained(tensors))));
        return new View(config.method().toString(), PeftFiles.base(file), views, whole);
    }

    private static long trained(Map<String, List<Long>> tensors) {
        long sum = 0;
        for (var entry : tensors.entrySet()) {
            if (entry.getKey().endsWith("delora_w_norm")) continue;
            sum += entry.getValue().stream().reduce(1L, (a, b) -> a * b);
        }
        return sum;
    }

    /// What merging did.
    ///
    /// @param layers whose weights changed
    /// @param rounding largest share of a weight's own largest number that rounding to the base's
    ///   type lost; 0 for F32
    public record Merged(int layers, double rounding) {}

    /// Writes a base with an adapter merged into it: sums in F32, in the base's types.
    ///
    /// @param base a safetensors file, shard index or folder
    /// @param adapter PEFT's folder
    /// @param out the new file
    /// @param forced whether the adapter may have been trained on another base
    /// @throws dev.orrery.checkpoint.CheckpointException if they do not fit
    public static Merged merge(Path base, Path adapter, Path out, boolean forced) {
        try (var _ = TensorScope.open()) {
            var weights = new LinkedHashMap<>(Safetensors.read(base));
            double rounding = 0;
            int layers;
            try (var model = stored(base, weights, adapter)) {
                var opened =
                        forced ? Adapter.openForced(model, adapter) : Adapter.open(model, adapter);
                opened.merge();
                layers = opened.paths().size();
                for (var entry : model.stateDict().entrySet()) {
                    var before = weights.get(entry.getKey());
                    var exact = entry.getValue().detach().copy();
                    var after = exact.to(before.dtype());
                    if (before.dtype() != DType.F32) {
                        rounding = Math.max(rounding, lost(exact, after));
                    }
                    weights.put(entry.getKey(), after);
                }
                opened.close();
            }
            Safetensors.write(out, weights, Map.of("format", "pt"));
            return new Merged(layers, rounding);
        }
    }

    private static double lost(Tensor exact, Tensor rounded) {
        double most = exact.abs().max().item();
        double off = rounded.to(DType.F32).sub(exact).abs().max().item();
        return most == 0 ? 0 : off / most;
    }

    private static StoredModel stored(Path base, Map<String, Tensor> weights, Path adapter) {
        return StoredModel.of(
                base,
                weights,
                PeftFiles.read(adapter.resolve(PeftFiles.CONFIG)),
                Safetensors.read(adapter.resolve(PeftFiles.WEIGHTS)));
    }

    /// A layer of an extracted adapter.
    ///
    /// @param path of the layer
    /// @param change ‖W₁ − W₀‖
    /// @param kept share of its square that the adapter holds
    public record Extracted(String path, double change, double kept) {}

    /// Makes a LoRA adapter from a base and what became of it: of every matrix that changed, the
    /// best difference of a rank, by singular values. Vectors that changed are told, not kept.
    ///
    /// @param rank at most this, or what a matrix allows
    /// @param folder where the adapter is written
    /// @throws IllegalArgumentException if no matrix changed
    public static List<Extracted> extract(Path base, Path tuned, int rank, Path folder) {
        if (rank < 1) {
            throw new IllegalArgumentException("adapter: rank %d; use at least 1".formatted(rank));
        }
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var before = Safetensors.read(base);
            var changes = changes(before, Safetensors.read(tuned));
            if (changes.isEmpty()) {
                throw new IllegalArgumentException(
                        "adapter: no matrix of %s differs from %s; there is nothing to extract"
                                .formatted(tuned, base));
            }
            return write(before, changes, rank, base, folder);
        }
    }

    private static SequencedMap<String, Tensor> changes(
            Map<String, Tensor> before, Map<String, Tensor> after) {
        var changes = new LinkedHashMap<String, Tensor>();
        before.forEach((name, old) -> {
            var now = after.get(name);
            if (now == null || !name.endsWith(".weight") || old.rank() != 2) return;
            if (!java.util.Arrays.equals(now.shape(), old.shape())) {
                throw new IllegalArgumentException(
                        "adapter: %s has other shapes in the two files".formatted(name));
            }
            var change = now.to(DType.F32).sub(old.to(DType.F32));
            if (change.abs().max().item() > 0) {
                changes.put(name.substring(0, name.length() - ".weight".length()), change);
            }
        });
        return changes;
    }

    private static List<Extracted> write(
            Map<String, Tensor> before,
            SequencedMap<String, Tensor> changes,
            int rank,
            Path base,
            Path folder) {
        var weights = new LinkedHashMap<String, Tensor>();
        changes.keySet()
                .forEach(path -> weights.put(path, before.get(path + ".weight").to(DType.F32)));
        var ranks = new LinkedHashMap<String, Integer>();
        var alphas = new LinkedHashMap<String, Double>();
        changes.forEach((path, change) -> {
            int most = (int) Math.min(rank, Math.min(change.size(0), change.size(1)));
            if (most < rank) {
                ranks.put(path.replace(".", "\\."), most);
                alphas.put(path.replace(".", "\\."), (double) most);
            }
        });
        var config =
                new AdapterConfig(
                        new AdapterConfig.Method.Lora(rank, rank, false),
                        new AdapterConfig.Targets.Named(List.copyOf(changes.keySet())),
                        ranks,
                        alphas,
                        List.of());
        var found = new ArrayList<Extracted>();
        try (var model = StoredModel.linear(weights);
                var adapter = Adapter.on(model, config, Seed.of(0))) {
            changes.forEach((path, change) -> {
                var factors = ((LoraLayer) adapter.changeOf(path)).change();
                var parts = LoraStart.Singular.of(change, factors.down().size(0));
                factors.down().copy_(parts.right());
                factors.up().copy_(parts.left());
                double left = change.sub(parts.left().matmul(parts.right())).norm().item();
                double whole = change.norm().item();
                found.add(new Extracted(path, whole, 1 - left * left / (whole * whole)));
            });
            adapter.save(folder, base.toString());
        }
        return found;
    }

    /// How two adapters differ on a layer.
    ///
    /// @param path of the layer
    /// @param first ‖ΔW‖ of the first, 0 if it leaves the layer alone
    /// @param second of the second
    /// @param cosine between the two changes, 0 where one is zero
    public record Difference(String path, double first, double second, double cosine) {}

    /// Compares two adapters of one base, layer by layer.
    ///
    /// @throws dev.orrery.checkpoint.CheckpointException if one does not fit the base
    public static List<Difference> diff(Path base, Path first, Path second) {
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var weights = Safetensors.read(base);
            var one = deltas(base, weights, first);
            var two = deltas(base, weights, second);
            var paths = new TreeSet<>(one.keySet());
            paths.addAll(two.keySet());
            return paths.stream().map(path -> difference(path, one, two)).toList();
        }
    }

    private static Map<String, Tensor> deltas(Path base, Map<String, Tensor> weights, Path folder) {
        var found = new LinkedHashMap<String, Tensor>();
        try (var model = stored(base, weights, folder);
                var adapter = Adapter.open(model, folder)) {
            adapter.paths().forEach(path -> found.put(path, adapter.delta(path).copy()));
        }
        return found;
    }

    private static Difference difference(
            String path, Map<String, Tensor> one, Map<String, Tensor> two) {
        double first = one.containsKey(path) ? one.get(path).norm().item() : 0;
        double second = two.containsKey(path) ? two.get(path).norm().item() : 0;
        double cosine =
                first > 0 && second > 0
                        ? one.get(path).mul(two.get(path)).sum().item() / (first * second)
                        : 0;
        return new Difference(path, first, second, cosine);
    }
}
