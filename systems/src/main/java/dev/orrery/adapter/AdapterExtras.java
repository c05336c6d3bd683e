package dev.orrery.adapter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What few adapters have; PEFT's names are in brackets.
///
/// @param biased whether LoRA adds biases of its own, `s b` beside `s B A x` (`lora_bias`)
/// @param tied whether a change of the words holds in the output layer too, where that is tied to
///   them (`ensure_weight_tying`)
/// @param parameters weights that are adapted where they lie, whatever their layer does with them:
///   the ends of their paths, such as `q_proj.weight` (`target_parameters`)
/// @param words rows of embeddings and output layers that are trained alone, by the ends of the
///   layers' paths (`trainable_token_indices`)
public record AdapterExtras(
        boolean biased, boolean tied, List<String> parameters, Map<String, List<Integer>> words) {

    /// None of it.
    public static final AdapterExtras NONE = new AdapterExtras(false, false, List.of(), Map.of());

    public AdapterExtras {
        parameters = List.copyOf(parameters);
        var rows = new LinkedHashMap<String, List<Integer>>();
        words.forEach((layer, ids) -> {
            if (ids.stream().distinct().count() < ids.size()) {
                throw new IllegalArgumentException(
                        "adapter: words %s of %s: one is there twice".formatted(ids, layer));
            }
            rows.put(layer, List.copyOf(ids));
        });
        words = Collections.unmodifiableMap(rows);
    }

    /// The same with biases of LoRA's own.
    public AdapterExtras withBiases() {
        return new AdapterExtras(true, tied, parameters, words);
    }

    /// The same with these weights adapted where they lie.
    public AdapterExtras withParameters(List<String> ends) {
        return new AdapterExtras(biased, tied, ends, words);
    }

    /// The same with single words of a layer.
    public AdapterExtras withWords(String layer, List<Integer> ids) {
        var more = new LinkedHashMap<>(words);
        more.put(layer, ids);
        return new AdapterExtras(biased, tied, parameters, more);
    }

    /// The same, and what holds for words holds in the output layer that is tied to them.
    public AdapterExtras withTies() {
        return new AdapterExtras(biased, true, parameters, words);
    }

    /// Whether the weight of the layer at a path is adapted where it lies.
    boolean adaptsWeightOf(String path) {
        return parameters.stream().anyMatch(end -> AdapterConfig.isAt(path + ".weight", end));
    }

    /// The rows of the layer at a path that are trained alone; none if the layer is not named.
    List<Integer> wordsOf(String path) {
        return words.entrySet().stream()
                .filter(e -> path.endsWith(e.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(List.of());
    }
}
