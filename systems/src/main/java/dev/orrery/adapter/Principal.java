package dev.orrery.adapter;

import dev.orrery.adapter.AdapterConfig.Method;
import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// A PiSSA or OLoRA start as plain LoRA: what was subtracted becomes as many components more, so
/// that the adapter needs the base as it was.
final class Principal {

    private static final String DOWN = "lora_A.weight", UP = "lora_B.weight";

    private Principal() {}

    /// The configuration of plain LoRA; as it is for another start.
    static AdapterConfig plain(AdapterConfig config) {
        if (!config.options().start().subtracts()
                || !(config.method()
                        instanceof Method.Lora(int rank, double alpha, boolean stabilised))) {
            return config;
        }
        double more = stabilised ? Math.sqrt(2) : 2;
        var ranks = new LinkedHashMap<>(config.ranks());
        ranks.replaceAll((_, r) -> 2 * r);
        var alphas = new LinkedHashMap<>(config.strengths());
        alphas.replaceAll((_, a) -> more * a);
        return new AdapterConfig(
                new Method.Lora(2 * rank, more * alpha, stabilised),
                config.targets(),
                ranks,
                alphas,
                config.saved(),
                config.options().with(AdapterOptions.Start.KAIMING));
    }

    /// The tensors of plain LoRA; as they are for another start.
    static Map<String, Tensor> plain(AdapterConfig config, Map<String, Tensor> values) {
        if (!config.options().start().subtracts()) return values;
        var plain = new LinkedHashMap<String, Tensor>();
        values.forEach((name, tensor) -> {
            if (name.endsWith(DOWN)) {
                plain.put(name, join(tensor, values.get(kept(name, DOWN, "A")), 0));
            } else if (name.endsWith(UP)) {
                plain.put(name, join(tensor, values.get(kept(name, UP, "B")).neg(), 1));
            } else if (!name.endsWith("frozen_A") && !name.endsWith("frozen_B")) {
                plain.put(name, tensor);
            }
        });
        return plain;
    }

    private static String kept(String name, String end, String factor) {
        return name.substring(0, name.length() - end.length()) + "frozen_" + factor;
    }

    private static Tensor join(Tensor now, Tensor first, int axis) {
        return Tensor.cat(java.util.List.of(now.detach(), first), axis);
    }
}
