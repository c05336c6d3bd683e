package dev.orrery.adapter;

import dev.orrery.optim.ParameterGroup;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which of an adapter's parameters are trained how fast, as factors on the optimiser's rate and
/// weight decay. Factors A and B never decay; biases and modules that are trained whole do not
/// either.
///
/// @param up factor on the rate of the B of LoRA and DoRA; 16 is what LoRA+ proposes
///   (arXiv:2402.12354)
/// @param lambda factor on the rate of DeLoRA's λ
/// @param lambdaDecay factor on the weight decay of λ
public record AdapterRates(double up, double lambda, double lambdaDecay) {

    /// Everything alike, nothing decays.
    public static final AdapterRates ALIKE = new AdapterRates(1, 1, 0);

    public AdapterRates {
        if (!(up > 0) || !(lambda >= 0) || !(lambdaDecay >= 0)) {
            throw new IllegalArgumentException(
                    "adapter rates: up %s, lambda %s, lambdaDecay %s; up must be positive, the others not negative"
                            .formatted(up, lambda, lambdaDecay));
        }
    }

    /// LoRA+: B learns so many times faster than A.
    public static AdapterRates plus(double ratio) {
        return new AdapterRates(ratio, 1, 0);
    }

    /// The groups for an optimiser.
    ///
    /// @param parameters of an adapter by name
    List<ParameterGroup> groups(Map<String, Tensor> parameters) {
        var ups = new LinkedHashMap<String, Tensor>();
        var lambdas = new LinkedHashMap<String, Tensor>();
        var others = new LinkedHashMap<String, Tensor>();
        parameters.forEach((name, parameter) -> {
            boolean isUp = name.endsWith("lora_B.weight") || name.endsWith("lora_embedding_B");
            (isUp ? ups : name.endsWith("delora_lambda") ? lambdas : others).put(name, parameter);
        });
        var groups = new ArrayList<ParameterGroup>();
        if (!others.isEmpty()) groups.add(new ParameterGroup(others, 1, 0));
        if (!ups.isEmpty()) groups.add(new ParameterGroup(ups, up, 0));
        if (!lambdas.isEmpty()) groups.add(new ParameterGroup(lambdas, lambda, lambdaDecay));
        return groups;
    }
}
