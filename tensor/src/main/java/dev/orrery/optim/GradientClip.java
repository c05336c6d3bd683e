package dev.orrery.optim;

import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Limits the norm of all gradients together, and refuses gradients that are not finite.
///
/// @param most the largest norm; infinity to measure and check only
public record GradientClip(double most) {

    public GradientClip {
        if (!(most > 0))
            throw new IllegalArgumentException(
                    "gradient norm is to be limited to %s; give a positive number".formatted(most));
    }

    /// Limits the global norm.
    public static GradientClip norm(double most) {
        return new GradientClip(most);
    }

    /// Limits nothing; the norm is measured and gradients that are not finite are refused.
    public static GradientClip none() {
        return new GradientClip(Double.POSITIVE_INFINITY);
    }

    /// Scales the gradients that these parameters hold so that their norm is at most the limit.
    ///
    /// @return the norm before
    /// @throws NonFiniteGradientException naming the parameters; the gradients are left as they are
    public double apply(Map<String, Tensor> parameters) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var names = new ArrayList<String>();
            var gradients = new ArrayList<Tensor>();
            parameters.forEach((name, parameter) -> {
                if (!parameter.hasGrad()) return;
                names.add(name);
                gradients.add(parameter.grad());
            });
            if (gradients.isEmpty()) return 0;
            var norms = Foreach.norms(gradients);
            double norm = norms.norm().item();
            if (!Double.isFinite(norm)) throw notFinite(names, norms.toDoubles());
            if (norm > most) Foreach.mul_(gradients, most / (norm + 1e-6));
            return norm;
        }
    }

    private static NonFiniteGradientException notFinite(List<String> names, double[] norms) {
        var bad = new ArrayList<String>();
        for (int i = 0; i < norms.length; i++)
            if (!Double.isFinite(norms[i])) bad.add(names.get(i));
        var shown = bad.subList(0, Math.min(5, bad.size()));
        return new NonFiniteGradientException(
                "the gradients of %d of %d parameters are not finite, first %s; lower the learning rate or look at the batch"
                        .formatted(bad.size(), names.size(), shown));
    }
}
