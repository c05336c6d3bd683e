package dev.orrery.lm;

import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Optional;

/// Gemma's RMS norm, `x / sqrt(mean x² + 1e-6) · (1 + weight)`, or its adaptive form, in which a
/// condition gives scale, shift and a gate for the residual branch.
///
/// Source: Gemma, arXiv 2403.08295; the adaptive form is π0.5's (openpi `RMSNorm` with `cond`).
public final class GemmaNorm extends Module {

    private static final double EPSILON = 1e-6;

    private final long width;
    private final Optional<Tensor> weight;
    private final Optional<Linear> dense;

    private GemmaNorm(long width, Optional<Linear> dense) {
        this.width = width;
        this.dense = dense.map(d -> child("dense", d));
        this.weight =
                dense.isPresent()
                        ? Optional.empty()
                        : Optional.of(parameter("weight", Init.ZEROS, Seed.of(0), width));
    }

    /// A norm with one learned scale a channel.
    public static GemmaNorm plain(int width) {
        return new GemmaNorm(width, Optional.empty());
    }

    /// A norm whose scale, shift and gate are a linear function of a condition of the same width;
    /// zero at first.
    public static GemmaNorm adaptive(int width) {
        return new GemmaNorm(width, Optional.of(Linear.zero(width, 3L * width)));
    }

    /// What a norm gives: the normalised value and how the branch behind it joins the residual.
    ///
    /// @param value `(B, T, D)`
    /// @param gate `(B, 1 or T, D)`, or empty for a plain addition
    public record Result(Tensor value, Optional<Tensor> gate) {

        /// `x + branch`, or `x + gate · branch`.
        public Tensor join(Tensor x, Tensor branch) {
            return gate.map(g -> x.add(branch.mul(g))).orElseGet(() -> x.add(branch));
        }
    }

    /// Normalises `x`.
    ///
    /// @param x `(B, T, D)`
    /// @param condition `(B, 1, D)` or one a token `(B, T, D)`, needed by the adaptive form
    /// @throws IllegalArgumentException if the adaptive form gets no condition
    public Result forward(Tensor x, Optional<Tensor> condition) {
        return forward(x, condition, scale());
    }

    /// What the plain form multiplies with; the adaptive form has none of its own.
    Optional<Tensor> scale() {
        return weight.map(w -> w.add(1));
    }

    /// As the shorter form, with what [#scale] gave.
    Result forward(Tensor x, Optional<Tensor> condition, Optional<Tensor> scaling) {
        if (scaling.isPresent()) {
            return new Result(
                    Functional.rmsNorm(x, new long[] {width}, scaling.get(), EPSILON),
                    Optional.empty());
        }
        var normal = Functional.rmsNorm(x, new long[] {width}, null, EPSILON);
        var modulation =
                dense.orElseThrow()
                        .forward(
                                condition.orElseThrow(() ->
                                        new IllegalArgumentException(
                                                "an adaptive norm needs a condition; pass the time embedding")));
        var scale = modulation.narrow(-1, 0, width);
        var shift = modulation.narrow(-1, width, width);
        return new Result(
                normal.mul(scale.add(1)).add(shift),
                Optional.of(modulation.narrow(-1, 2 * width, width)));
    }
}
