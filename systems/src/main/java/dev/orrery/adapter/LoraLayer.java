package dev.orrery.adapter;

import dev.orrery.nn.Adaptable;
import dev.orrery.nn.Module;
import dev.orrery.nn.Precision;
import dev.orrery.nn.WeightChange;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A product of low rank beside a weight ([LowRank]). One of its factors starts at zero, so that
/// nothing changes at first, to the bit.
final class LoraLayer extends Module implements WeightChange {

    private final LowRank change;

    LoraLayer(String path, Adaptable base, AdapterConfig.Method.Lora method, Seed seed) {
        var plan = LowRank.Plan.of(path, base, method.rank());
        change =
                new LowRank(
                        parameter(plan.downName(), plan.downInit(), seed, plan.down()),
                        parameter(plan.upName(), plan.upInit(), seed, plan.up()),
                        LowRank.scale(method.rank(), method.alpha(), method.stabilised()),
                        plan.turned());
    }

    /// The factors.
    LowRank change() {
        return change;
    }

    @Override
    public Tensor weight(Tensor stored) {
        return stored.add(change.delta(stored.shape()));
    }

    @Override
    public Tensor forward(Tensor x, Tensor stored, @Nullable Tensor bias) {
        if (change.turned()) return WeightChange.super.forward(x, stored, bias);
        var low = Precision.linear(x.to(change.down().dtype()), change.down(), null);
        var added = Precision.linear(low, change.up(), null).mul(change.scale());
        var base = Precision.linear(x, stored, bias);
        return base.add(added.to(base.dtype()));
    }

    @Override
    public Tensor rows(Tensor ids, Tensor stored) {
        var low = Functional.embedding(ids, change.down().transpose(0, 1));
        var added = Precision.linear(low, change.up(), null).mul(change.scale());
        var base = Functional.embedding(ids, stored);
        return base.add(added.to(base.dtype()));
    }
}
