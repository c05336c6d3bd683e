package dev.orrery.adapter;

import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Precision;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Components of rank one and length one, times a learned strength: `delora_A (r, inputs)`,
/// `delora_B (outputs, r)`, `delora_lambda (1)`, and the norms of the columns of the weight as it
/// was, `delora_w_norm (inputs)`, which are saved, never worked out again from a merged weight.
///
/// The change is `λ/r · B Ξ A diag(w_norm)`, Ξ the reciprocal lengths of the components, floored at
/// 1e-4; before `w_norm` its Frobenius norm is at most |λ|. Gradients flow through the lengths, so
/// that those of a row of A, and of a column of B, are orthogonal to it.
///
/// With [DeloraForm.Start#FROZEN_COPY] the first values are kept as buffers (`frozen_A`,
/// `frozen_B`, `frozen_lambda`), copies with memory of their own, and their change is subtracted.
/// (In the published code they share the trained tensors' memory on a processor, and nothing ever
/// changes.)
final class DeloraLayer extends Module implements WeightChange {

    /// Lengths and strength.
    private record Factors(Tensor down, Tensor up, Tensor lambda) {}

    /// How much of the boundary a change fills.
    ///
    /// @param norm ‖ΔW‖, Frobenius
    /// @param lambda the strength
    /// @param columns ‖w_norm‖
    record Usage(double norm, double lambda, double columns) {}

    private static final double FLOOR = 1e-4;

    private final Factors trained;
    private final Optional<Factors> frozen;
    private final Tensor columns;
    private final DeloraForm form;
    private final int rank;
    private final long dead;
    private double warmth = 1;

    /// @throws IllegalArgumentException if the weight's norms are not finite
    DeloraLayer(String path, Linear base, AdapterConfig.Method.Delora method, Seed seed) {
        form = method.form();
        rank = method.rank();
        boolean zero = form.start() == DeloraForm.Start.ZERO_B;
        var downInit = Init.uniform(1 / Math.sqrt(base.inputs()));
        var upInit = zero ? Init.ZEROS : Init.uniform(1 / Math.sqrt(rank));
        var down = parameter("delora_A", downInit, seed, rank, base.inputs());
        var up = parameter("delora_B", upInit, seed, base.outputs(), rank);
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var strength = Tensor.full(method.lambda(), 1);
            var lambda =
                    form.learned()
                            ? parameter("delora_lambda", strength)
                            : buffer("delora_lambda", strength);
            trained = new Factors(down, up, lambda);
            frozen =
                    zero
                            ? Optional.empty()
                            : Optional.of(
                                    new Factors(
                                            buffer("frozen_A", down.copy()),
                                            buffer("frozen_B", up.copy()),
                                            buffer("frozen_lambda", lambda.copy())));
            var norms = norms(base.storedWeight());
            double sum = norms.sum().item();
            if (!Double.isFinite(sum)) {
                throw new IllegalArgumentException(
                        "adapter: the norms of %s's weight are not finite; load sound weights before adapting them"
                                .formatted(path));
            }
            dead = norms.numel() - (long) norms.countNonzero().item();
            columns = buffer("delora_w_norm", norms.copy());
        }
    }

    private Tensor norms(Tensor weight) {
        long inputs = weight.size(1);
        return switch (form.norms()) {
            case COLUMN -> weight.square().sum(0, false).sqrt();
            case FROBENIUS -> weight.square().sum().sqrt().expand(inputs);
            case NONE -> Tensor.ones(inputs);
        };
    }

    /// Inputs that can never be adapted, as their column of the weight is zero.
    long dead() {
        return dead;
    }

    /// Multiplies the whole change, while λ is warmed up.
    void warmth(double factor) {
        warmth = factor;
    }

    /// Checks that the norms, which may have been loaded, are this weight's.
    ///
    /// @throws IllegalArgumentException if one differs by more than a thousandth
    void requireBase(String path, Tensor weight) {
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var own = norms(weight);
            double far = own.sub(columns).abs().div(columns.clampMin(1e-6)).max().item();
            if (!(far <= 1e-3)) {
                throw new IllegalArgumentException(
                        "delora_w_norm of %s differs from its weight's by %.2g, at most 0.001 is allowed; it was trained on another base"
                                .formatted(path, far));
            }
        }
    }

    /// How much of its boundary the change fills now.
    Usage usage() {
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            return new Usage(
                    change().norm().item(), trained.lambda().item(), columns.norm().item());
        }
    }

    private Tensor change() {
        var now = product(trained);
        var change = frozen.map(first -> now.sub(product(first))).orElse(now);
        return change.mul(columns).mul(warmth);
    }

    private Tensor product(Factors f) {
        return f.up().matmul(f.down().mul(strengths(f).unsqueeze(1)));
    }

    /// What each component is multiplied by: `(r)`.
    private Tensor strengths(Factors f) {
        var strength = f.lambda().div(rank);
        return form.normalised()
                ? strength.div(length(f.down(), 1).mul(length(f.up(), 0)))
                : strength.expand(rank);
    }

    /// Floored before the root, which has no slope at zero, where B may start.
    private static Tensor length(Tensor x, long axis) {
        return x.square().sum(axis, false).clampMin(FLOOR * FLOOR).sqrt();
    }

    @Override
    public Tensor weight(Tensor stored) {
        return stored.add(change());
    }

    @Override
    public Tensor forward(Tensor x, Tensor stored, @Nullable Tensor bias) {
        var seen = x.to(columns.dtype()).mul(columns);
        var now = through(trained, seen);
        var added = frozen.map(first -> now.sub(through(first, seen))).orElse(now);
        var base = Precision.linear(x, stored, bias);
        return base.add(warmth == 1 ? added : added.mul(warmth)).to(base.dtype());
    }

    private Tensor through(Factors f, Tensor x) {
        var low = Precision.linear(x, f.down(), null).mul(strengths(f));
        return Precision.linear(low, f.up(), null);
    }
}
