package dev.orrery.worldmodel;

import dev.orrery.nn.Init;
import dev.orrery.nn.Layer;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Module;
import dev.orrery.nn.RmsNorm;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;

/// Which of the two published DreamerV3 architectures.
///
/// Source: arXiv:2301.04104, first version and journal version.
public enum Form {
    /// Plain recurrent unit, layer norm with epsilon 1e-3, no bias before a norm, learned first
    /// state, one prior layer.
    V2023,
    /// Block-diagonal recurrent unit, RMS norm with epsilon 1e-4, bias everywhere, first state
    /// zero, two prior layers.
    V2024;

    /// A norm over the last axis; a [Layer] too.
    Norm norm(long width) {
        return new Norm(this, width);
    }

    /// Whether a linear layer under a norm has a bias.
    boolean biased() {
        return this == V2024;
    }

    /// Layers between the deterministic state and the prior's logits.
    int priorLayers() {
        return this == V2023 ? 1 : 2;
    }

    /// First weights of a product with these many inputs and outputs: normal, cut at two
    /// deviations, with variance 1 over the inputs (2024) or over the mean of both (2023), times
    /// `scale` squared.
    public Init init(long inputs, long outputs, double scale) {
        if (scale == 0) return Init.ZEROS;
        double fan = this == V2024 ? inputs : (inputs + outputs) / 2.0;
        return Init.truncatedNormal(scale * 1.1368 / Math.sqrt(fan));
    }

    /// Layer norm or RMS norm, its names those of either.
    static final class Norm extends Module implements Layer {

        private static final double RMS_EPSILON = 1e-4;

        private final Layer norm;

        private Norm(Form form, long width) {
            norm =
                    switch (form) {
                        case V2023 -> child("layer", new LayerNorm(width, 1e-3));
                        case V2024 -> child("rms", new RmsNorm(width, RMS_EPSILON));
                    };
        }

        @Override
        public Tensor forward(Tensor x) {
            return norm.forward(x);
        }

        /// The learned scale of a root-mean-square norm.
        Tensor scale() {
            return namedParameters().get("rms.weight");
        }

        /// As [#forward] of the 2024 form before the scale is applied.
        Tensor unscaled(Tensor x) {
            return Functional.rmsNorm(x, new long[] {x.size(-1)}, null, RMS_EPSILON);
        }
    }
}
