package dev.orrery.adapter;

import dev.orrery.nn.Adaptable;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Precision;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A product of low rank beside a weight ([LowRank]). One of its factors starts at zero, so that
/// nothing changes at first, to the bit, unless another start is asked for.
///
/// A PiSSA or OLoRA start keeps the first factors as buffers (`frozen_A`, `frozen_B`) and subtracts
/// their product, instead of taking it out of the stored weight.
final class LoraLayer extends Module implements WeightChange {

    private final String path;
    private final double dropout;
    private final LowRank change;
    private final Optional<LowRank> first;

    /// @throws IllegalArgumentException if the layer does not suit the rank, the start or dropout
    LoraLayer(
            String path,
            Adaptable base,
            AdapterConfig.Method.Lora method,
            AdapterOptions options,
            Seed seed) {
        this.path = path;
        dropout = options.dropout();
        if (dropout > 0 && !(base instanceof Linear)) {
            throw new IllegalArgumentException(
                    "adapter: dropout is for linear layers, and %s is a %s; use 0, or leave it out"
                            .formatted(path, base.getClass().getSimpleName()));
        }
        var plan = LowRank.Plan.of(path, base, method.rank());
        change =
                new LowRank(
                        parameter(plan.downName(), plan.downInit(), seed, plan.down()),
                        parameter(plan.upName(), plan.upInit(), seed, plan.up()),
                        LowRank.scale(method.rank(), method.alpha(), method.stabilised()),
                        plan.turned());
        LoraStart.fill(path, options.start(), change, base.storedWeight(), seed.split("start"));
        first = options.start().subtracts() ? Optional.of(copy()) : Optional.empty();
    }

    private LowRank copy() {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            return new LowRank(
                    buffer("frozen_A", change.down().copy()),
                    buffer("frozen_B", change.up().copy()),
                    change.scale(),
                    change.turned());
        }
    }

    /// The factors.
    LowRank change() {
        return change;
    }

    /// What they were, if that is subtracted.
    Optional<LowRank> first() {
        return first;
    }

    @Override
    public Tensor weight(Tensor stored) {
        var now = change.delta(stored.shape());
        return stored.add(first.map(f -> now.sub(f.delta(stored.shape()))).orElse(now));
    }

    @Override
    public Tensor forward(Tensor x, Tensor stored, @Nullable Tensor bias) {
        if (change.turned()) return WeightChange.super.forward(x, stored, bias);
        var seen = StepDropout.on(x.to(change.down().dtype()), path, dropout);
        var now = through(change, seen);
        var added = first.map(f -> now.sub(through(f, seen))).orElse(now);
        var base = Precision.linear(x, stored, bias);
        return base.add(added.to(base.dtype()));
    }

    private static Tensor through(LowRank factors, Tensor x) {
        var low = Precision.linear(x, factors.down(), null);
        return Precision.linear(low, factors.up(), null).mul(factors.scale());
    }

    @Override
    public Tensor rows(Tensor ids, Tensor stored) {
        var low = Functional.embedding(ids, change.down().transpose(0, 1));
        var added = Precision.linear(low, change.up(), null).mul(change.scale());
        var base = Functional.embedding(ids, stored);
        return base.add(added.to(base.dtype()));
    }
}
