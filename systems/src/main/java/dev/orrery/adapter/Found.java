package dev.orrery.adapter;

import dev.orrery.nn.Adaptable;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Tensor;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a configuration means in a model.
///
/// @param layers that are adapted, by their paths
/// @param modules that are trained whole, by their paths
/// @param biases that are trained, by what they are called in the adapter's files: those of adapted
///   layers have `base_layer` in their names, as in PEFT
/// @param heads output layers tied to words of which one is trained whole and the other not: each
///   by its path, and whether it is the one that is trained
record Found(
        SequencedMap<String, Adaptable> layers,
        SequencedMap<String, Module> modules,
        SequencedMap<String, Tensor> biases,
        SequencedMap<String, Boolean> heads) {

    private static final int NEAREST = 10;

    /// @param paths what the model's own paths are called in the configuration and in files
    /// @throws IllegalArgumentException if no layer is meant, a name means none, or a module to
    ///   train whole is not there; the message lists the nearest
    static Found in(Module model, AdapterConfig config, UnaryOperator<String> paths) {
        var all = new LinkedHashMap<String, Module>();
        var tied = new LinkedHashMap<String, Linear>();
        collect("", model, paths, all, tied);
        all.putAll(tied);
        var modules = modules(config, grouped(all));
        var heads = heads(config, modules, tied);
        var adaptable = new LinkedHashMap<String, Adaptable>();
        all.forEach((path, module) -> {
            if (module instanceof Adaptable layer && !isInside(path, modules.keySet())) {
                adaptable.put(path, layer);
            }
        });
        var layers = new LinkedHashMap<String, Adaptable>();
        adaptable.forEach((path, layer) -> {
            boolean whole = config.adapts(path, layer);
            boolean where = config.adaptsWeightOf(path) && isMatrix(layer);
            boolean words = !config.options().extras().wordsOf(path).isEmpty();
            if (whole || where || words || follows(config, layer, tied.get(path), layers)) {
                requireOne(path, whole, where, words);
                layers.put(path, layer);
            }
        });
        tied.keySet().forEach(path -> dropRepeated(config, path, layers));
        if (layers.isEmpty()) {
            throw new IllegalArgumentException(
                    "adapter: %s is no layer of the model%s; the nearest of its %d are %s"
                            .formatted(
                                    config.targets(),
                                    config.options().equals(AdapterOptions.NONE)
                                            ? ""
                                            : " under " + config.options(),
                                    adaptable.size(),
                                    nearest(wanted(config), adaptable.keySet())));
        }
        heads.keySet().stream()
                .filter(layers::containsKey)
                .forEach(path -> {
                    throw new IllegalArgumentException(
                            "adapter: %s is tied to words that are trained whole, and is adapted as well; leave one of them out"
                                    .formatted(path));
                });
        modules.keySet().removeAll(heads.keySet());
        return new Found(layers, modules, biases(model, config, paths, layers, modules), heads);
    }

    /// Output layers of a model that are tied to its words, by their paths.
    static SequencedMap<String, Linear> tied(Module model, UnaryOperator<String> paths) {
        var tied = new LinkedHashMap<String, Linear>();
        collect("", model, paths, new LinkedHashMap<>(), tied);
        return tied;
    }

    private static boolean isMatrix(Adaptable layer) {
        return layer instanceof Linear || layer instanceof Embedding;
    }

    private static void requireOne(String path, boolean whole, boolean where, boolean words) {
        if (words ? whole || where : whole && where) {
            throw new IllegalArgumentException(
                    "adapter: %s is adapted in two ways at once (layers, weights, single words); name it once"
                            .formatted(path));
        }
    }

    /// Whether a tied output layer is adapted because its words are.
    private static boolean follows(
            AdapterConfig config,
            Adaptable layer,
            @Nullable Linear tied,
            Map<String, Adaptable> layers) {
        return tied != null
                && config.options().extras().tied()
                && layers.entrySet().stream()
                        .anyMatch(e ->
                                e.getValue() instanceof Embedding words
                                        && words.storedWeight() == layer.storedWeight()
                                        && config.adapts(e.getKey(), words));
    }

    /// Single words of a tied output layer that are the embedding's own are trained there.
    private static void dropRepeated(
            AdapterConfig config, String path, Map<String, Adaptable> layers) {
        var extras = config.options().extras();
        var words = extras.wordsOf(path);
        var head = layers.get(path);
        boolean repeated =
                head != null
                        && !words.isEmpty()
                        && layers.entrySet().stream()
                                .anyMatch(e ->
                                        !e.getKey().equals(path)
                                                && e.getValue().storedWeight()
                                                        == head.storedWeight()
                                                && extras.wordsOf(e.getKey()).equals(words));
        if (repeated) layers.remove(path);
    }

    /// PEFT copies what it trains whole, which unties the words of an output layer from it.
    private static SequencedMap<String, Boolean> heads(
            AdapterConfig config, Map<String, Module> modules, Map<String, Linear> tied) {
        var found = new LinkedHashMap<String, Boolean>();
        tied.forEach((path, head) -> {
            boolean named = modules.containsKey(path);
            boolean words =
                    modules.values().stream()
                            .filter(m -> m != head)
                            .flatMap(m -> m.parameters().stream())
                            .anyMatch(p -> p == head.storedWeight());
            if (words && config.options().extras().tied()) modules.remove(path);
            else if (named || words) found.put(path, named);
        });
        return found;
    }

    /// @throws IllegalArgumentException if one of the names to adapt means no layer
    void requireEveryName(AdapterConfig config) {
        if (!(config.targets() instanceof AdapterConfig.Targets.Named(var names))) return;
        for (var name : names) {
            boolean here =
                    Stream.concat(layers.keySet().stream(), modules.keySet().stream())
                            .anyMatch(path -> AdapterConfig.isAt(path, name));
            if (!here) {
                throw new IllegalArgumentException(
                        "adapter: '%s' is no layer that can be adapted; adapted are %s"
                                .formatted(name, nearest(name, layers.keySet())));
            }
        }
    }

    /// Where a name is the end of a path, be it within a word: PEFT's `norm` is every
    /// `input_layernorm` too.
    private static SequencedMap<String, Module> modules(
            AdapterConfig config, Map<String, Module> all) {
        var found = new LinkedHashMap<String, Module>();
        for (var name : config.saved()) {
            all.forEach((path, module) -> {
                boolean inside = found.keySet().stream().anyMatch(p -> path.startsWith(p + "."));
                if (path.endsWith(name) && !inside) found.put(path, module);
            });
            if (all.keySet().stream().noneMatch(path -> path.endsWith(name))) {
                throw new IllegalArgumentException(
                        "adapter: there is no module '%s' to train whole; the nearest are %s"
                                .formatted(name, nearest(name, all.keySet())));
            }
        }
        return found;
    }

    /// A module that the model has in name only: parts whose names begin alike.
    private static final class Group extends Module {
        Group(String path, Map<String, Module> all) {
            all.forEach((name, part) -> {
                if (isOutermostIn(path, name, all)) {
                    borrowed(name.substring(path.length() + 1), part);
                }
            });
        }

        private static boolean isOutermostIn(String path, String name, Map<String, Module> all) {
            if (!name.startsWith(path + ".")) return false;
            return prefixes(name).stream()
                    .noneMatch(p -> p.length() > path.length() && all.containsKey(p));
        }
    }

    /// All modules, and those that are there in name only, each before its parts.
    private static SequencedMap<String, Module> grouped(Map<String, Module> all) {
        var found = new LinkedHashMap<String, Module>();
        all.forEach((path, module) -> {
            for (var prefix : prefixes(path)) {
                if (!all.containsKey(prefix)) {
                    found.computeIfAbsent(prefix, p -> new Group(p, all));
                }
            }
            found.put(path, module);
        });
        return found;
    }

    /// The paths around a path, the outermost first.
    private static List<String> prefixes(String path) {
        return IntStream.range(1, path.length())
                .filter(i -> path.charAt(i) == '.')
                .mapToObj(i -> path.substring(0, i))
                .toList();
    }

    private static SequencedMap<String, Tensor> biases(
            Module model,
            AdapterConfig config,
            UnaryOperator<String> paths,
            Map<String, Adaptable> layers,
            Map<String, Module> modules) {
        var found = new LinkedHashMap<String, Tensor>();
        if (config.options().biases() == AdapterOptions.Biases.NONE) return found;
        boolean all = config.options().biases() == AdapterOptions.Biases.ALL;
        model.namedParameters()
                .forEach((name, parameter) -> {
                    int dot = name.lastIndexOf('.');
                    var owner = dot < 0 ? "" : paths.apply(name.substring(0, dot));
                    var own = name.substring(dot + 1);
                    if (!own.contains("bias") || isInside(owner, modules.keySet())) return;
                    boolean adapted = layers.containsKey(owner);
                    if (adapted) found.put(owner + ".base_layer." + own, parameter);
                    else if (all) found.put(owner.isEmpty() ? own : owner + "." + own, parameter);
                });
        return found;
    }

    private static boolean isInside(String path, Set<String> modules) {
        return modules.stream().anyMatch(p -> path.equals(p) || path.startsWith(p + "."));
    }

    private static void collect(
            String path,
            Module module,
            UnaryOperator<String> paths,
            Map<String, Module> found,
            Map<String, Linear> tied) {
        if (!path.isEmpty()) found.put(paths.apply(path), module);
        var prefix = path.isEmpty() ? "" : path + ".";
        module.children().forEach((name, part) -> collect(prefix + name, part, paths, found, tied));
        module.views()
                .forEach((name, part) -> {
                    if (part instanceof Linear head) tied.put(paths.apply(prefix + name), head);
                });
    }

    private static String wanted(AdapterConfig config) {
        return switch (config.targets()) {
            case AdapterConfig.Targets.Named(var names) -> String.join(".", names);
            case AdapterConfig.Targets.Matching(var pattern) -> pattern;
            case AdapterConfig.Targets.AllLinear _ -> "linear";
        };
    }

    /// The ten names that share most pairs of letters with a name.
    private static List<String> nearest(String name, Set<String> all) {
        var pairs = pairs(name);
        return all.stream()
                .sorted(Comparator.comparingDouble(other -> -likeness(pairs, pairs(other))))
                .limit(NEAREST)
                .toList();
    }

    private static double likeness(Set<String> a, Set<String> b) {
        var both = new HashSet<>(a);
        both.retainAll(b);
        return 2.0 * both.size() / Math.max(1, a.size() + b.size());
    }

    private static Set<String> pairs(String name) {
        var pairs = new HashSet<String>();
        for (int i = 0; i + 1 < name.length(); i++) pairs.add(name.substring(i, i + 2));
        return pairs;
    }
}
