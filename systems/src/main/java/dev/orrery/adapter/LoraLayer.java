package dev.orrery.adapter;

import dev.orrery.nn.Adaptable;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Init;
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
    private final Optional<Tensor> bias;

    /// @param asItLies whether the weight is adapted where it lies, an embedding's too
    /// @throws IllegalArgumentException if the layer does not suit the rank, the start or dropout
    LoraLayer(
            String path,
            Adaptable base,
            AdapterConfig.Method.Lora method,
            AdapterOptions options,
            boolean asItLies,
            Seed seed) {
        this.path = path;
        dropout = options.dropout();
        if (dropout > 0 && !(base instanceof Linear)) {
            throw new IllegalArgumentException(
                    "adapter: dropout is for linear layers, and %s is a %s; use 0, or leave it out"
                            .formatted(path, base.getClass().getSimpleName()));
        }
        var plan = LowRank.Plan.of(path, base, method.rank(), asItLies);
        change =
                new LowRank(
                        parameter(plan.downName(), plan.downInit(), seed, plan.down()),
                        parameter(plan.upName(), plan.upInit(), seed, plan.up()),
                        LowRank.scale(method.rank(), method.alpha(), method.stabilised()),
                        plan.turned());
        LoraStart.fill(path, options.start(), change, base.storedWeight(), seed.split("start"));
        first = options.start().subtracts() ? Optional.of(copy()) : Optional.empty();
        bias = options.extras().biased() ? Optional.of(bias(path, base, seed)) : Optional.empty();
    }

    /// For an output layer that is tied to words: it changes as they do, by the same numbers.
    LoraLayer(String path, LoraLayer words) {
        this.path = path;
        dropout = words.dropout;
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            change =
                    new LowRank(
                            parameter("lora_A.weight", words.change.up().detach().mT()),
                            parameter("lora_B.weight", words.change.down().detach().mT()),
                            words.change.scale(),
                            false);
        }
        first = Optional.empty();
        bias = Optional.empty();
    }

    private Tensor bias(String path, Adaptable base, Seed seed) {
        if (base instanceof Embedding) {
            throw new IllegalArgumentException(
                    "adapter: %s is an embedding, which has no bias; leave it out, or lora_bias"
                            .formatted(path));
        }
        return parameter("lora_B.bias", Init.ZEROS, seed, base.storedWeight().size(0));
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
        var seen = StepDropout.on(x.to(change.down().dtype()), path, dropout);
        var now = through(change, seen);
        var added = first.map(f -> now.sub(through(f, seen))).orElse(now);
        var own = this.bias.map(b -> added.add(b.mul(change.scale()))).orElse(added);
        var base = Precision.linear(x, stored, bias);
        return base.add(own).to(base.dtype());
    }

    @Override
    public @Nullable Tensor bias(@Nullable Tensor stored) {
        if (bias.isEmpty()) return stored;
        var own = bias.get().mul(change.scale());
        return stored == null ? own : stored.add(own).to(stored.dtype());
    }

    private static Tensor through(LowRank factors, Tensor x) {
        var low = Precision.linear(x, factors.down(), null);
        return Precision.linear(low, factors.up(), null).mul(factors.scale());
    }

    @Override
    public Tensor rows(Tensor ids, Tensor stored) {
        if (!change.turned()) return WeightChange.super.rows(ids, stored);
        var low = Functional.embedding(ids, change.down().transpose(0, 1));
        var added = Precision.linear(low, change.up(), null).mul(change.scale());
        var base = Functional.embedding(ids, stored);
        return base.add(added).to(base.dtype());
    }
}
