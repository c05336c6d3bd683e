package dev.orrery.optim;

import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Parameters that are trained alike.
///
/// @param parameters by name
/// @param rateFactor multiplies the optimizer's learning rate
/// @param decayFactor multiplies the optimizer's weight decay
public record ParameterGroup(
        Map<String, Tensor> parameters, double rateFactor, double decayFactor) {

    public ParameterGroup {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /// One group of everything.
    public static List<ParameterGroup> all(Map<String, Tensor> parameters) {
        return List.of(new ParameterGroup(parameters, 1, 1));
    }

    /// Two groups: matrices and larger, which decay, and vectors and scalars (norms, biases,
    /// gates), which do not.
    public static List<ParameterGroup> decayMatrices(Map<String, Tensor> parameters) {
        var matrices = new LinkedHashMap<String, Tensor>();
        var vectors = new LinkedHashMap<String, Tensor>();
        parameters.forEach((name, p) -> (p.rank() > 1 ? matrices : vectors).put(name, p));
        var groups = new ArrayList<ParameterGroup>();
        if (!matrices.isEmpty()) groups.add(new ParameterGroup(matrices, 1, 1));
        if (!vectors.isEmpty()) groups.add(new ParameterGroup(vectors, 1, 0));
        return groups;
    }

    /// The same two, trained at another rate.
    ///
    /// @param rateFactor multiplies the optimizer's learning rate
    public static List<ParameterGroup> decayMatrices(
            Map<String, Tensor> parameters, double rateFactor) {
        return decayMatrices(parameters).stream()
                .map(g -> new ParameterGroup(g.parameters, rateFactor, g.decayFactor))
                .toList();
    }

    static Map<String, Tensor> numbered(List<Tensor> parameters) {
        var named = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < parameters.size(); i++)
            named.put(Integer.toString(i), parameters.get(i));
        return named;
    }
}
