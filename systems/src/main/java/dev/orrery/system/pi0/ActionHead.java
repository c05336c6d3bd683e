package dev.orrery.system.pi0;

import dev.orrery.env.tabletop.Words;
import dev.orrery.flow.TimeSampler;
import dev.orrery.policy.FastTokens;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How a network predicts actions. [#FLOW] is π0; the others are what it is compared with, on the
/// same network and data.
public enum ActionHead {
    /// Flow matching: regress the velocity from noise to actions, integrate it to sample.
    FLOW {
        @Override
        Tensor loss(Pi0 pi0, Pi0.Prefix seen, Pi0Data.Batch batch, Options options, Seed seed) {
            long size = batch.state().size(0);
            var io = pi0.config().io();
            int draws = options.draws();
            var noise = seed.split("noise").normal(size, draws, io.horizon(), io.actionDims());
            var times = options.times().sampler().draw((int) size * draws, seed.split("time"));
            var time = Tensor.of(times, size, draws);
            return masked(pi0.errors(seen, batch.actions(), noise, time), batch.real());
        }

        @Override
        Tensor sample(Pi0 pi0, Pi0.Prefix seen, Tensor noise, Sampling sampling) {
            return pi0.sample(seen, noise, sampling.schedule());
        }
    },
    /// Mean squared error: the same expert without noise, in one pass.
    MSE {
        @Override
        Tensor loss(Pi0 pi0, Pi0.Prefix seen, Pi0Data.Batch batch, Options options, Seed seed) {
            var nothing = Tensor.zerosLike(batch.actions());
            var start = Tensor.zeros(DType.F64, batch.state().size(0), 1);
            return masked(pi0.errors(seen, batch.actions(), nothing, start), batch.real());
        }

        @Override
        Tensor sample(Pi0 pi0, Pi0.Prefix seen, Tensor noise, Sampling sampling) {
            return pi0.sample(seen, Tensor.zerosLike(noise), pi0.schedule(1));
        }
    },
    /// Autoregressive bins: the language model writes one location token for each action dimension
    /// of each step, as OpenVLA and RT-2 do.
    BINS {
        private static final double REACH = 2.5;

        @Override
        Tensor loss(Pi0 pi0, Pi0.Prefix seen, Pi0Data.Batch batch, Options options, Seed seed) {
            long size = batch.state().size(0);
            var bins =
                    batch.actions()
                            .add(REACH)
                            .mul(Words.BINS / (2 * REACH))
                            .floor()
                            .clamp(0, Words.BINS - 1)
                            .to(DType.I64)
                            .reshape(size, -1);
            long length = bins.size(1);
            var before = bins.narrow(1, 0, length - 1).add((long) Words.location(0));
            var begin = Tensor.full(Words.BEGIN, DType.I64, size, 1);
            var logits = locations(pi0, seen, Tensor.cat(List.of(begin, before), 1));
            var each =
                    Functional.crossEntropyEach(logits.reshape(-1, Words.BINS), bins.reshape(-1));
            return masked(each.reshape(batch.actions().shape()), batch.real());
        }

        @Override
        Tensor sample(Pi0 pi0, Pi0.Prefix seen, Tensor noise, Sampling sampling) {
            long size = noise.size(0), length = noise.size(1) * noise.size(2);
            var text = Tensor.full(Words.BEGIN, DType.I64, size, 1);
            var bins = new ArrayList<Tensor>();
            for (long i = 0; i < length; i++) {
                var logits = locations(pi0, seen, text);
                var next = logits.select(1, i).argmax(-1, true);
                bins.add(next);
                text = Tensor.cat(List.of(text, next.add((long) Words.location(0))), 1);
            }
            return Tensor.cat(bins, 1)
                    .to(DType.F32)
                    .add(0.5)
                    .mul(2 * REACH / Words.BINS)
                    .sub(REACH)
                    .reshape(noise.shape());
        }

        private Tensor locations(Pi0 pi0, Pi0.Prefix seen, Tensor text) {
            return pi0.answer(seen, text).narrow(-1, Words.location(0), Words.BINS);
        }
    },
    /// π0-FAST: the language model writes the chunk as [FastTokens], greedily, under a grammar that
    /// lets it write whole chunks only.
    FAST {
        @Override
        Tensor loss(Pi0 pi0, Pi0.Prefix seen, Pi0Data.Batch batch, Options options, Seed seed) {
            return FastHead.loss(pi0, seen, batch.actions(), codec(options.codec()));
        }

        @Override
        Tensor sample(Pi0 pi0, Pi0.Prefix seen, Tensor noise, Sampling sampling) {
            return FastHead.sample(pi0, seen, noise, codec(sampling.codec()));
        }

        private FastTokens codec(Optional<FastTokens> codec) {
            return codec.orElseThrow(() ->
                    new IllegalArgumentException(
                            "pi0: the head FAST needs a FAST tokenizer; train one with the policy, or put its files in the policy's folder"));
        }
    };

    /// What training may vary.
    ///
    /// @param draws noise and time draws K an observation
    /// @param times how times are drawn
    /// @param codec what [#FAST] writes with
    record Options(int draws, Times times, Optional<FastTokens> codec) {}

    /// What sampling needs.
    ///
    /// @param schedule what [Pi0#schedule] gave
    /// @param codec what [#FAST] writes with
    record Sampling(Tensor schedule, Optional<FastTokens> codec) {}

    /// How training draws flow times.
    public enum Times {
        /// π0's Beta(1.5, 1), which favours the noisy end.
        BETA,
        UNIFORM,
        LOGIT_NORMAL;

        TimeSampler sampler() {
            return switch (this) {
                case BETA -> TimeSampler.Beta.PI0;
                case UNIFORM -> new TimeSampler.Stratified();
                case LOGIT_NORMAL -> new TimeSampler.LogitNormal(0, 1);
            };
        }
    }

    /// The loss of a batch, a scalar: a mean over real steps.
    ///
    /// @param seen prefix and state
    abstract Tensor loss(Pi0 pi0, Pi0.Prefix seen, Pi0Data.Batch batch, Options options, Seed seed);

    /// Normalised actions `(B, H, A)`.
    ///
    /// @param noise standard normal `(B, H, A)`
    abstract Tensor sample(Pi0 pi0, Pi0.Prefix seen, Tensor noise, Sampling sampling);

    /// The mean of `errors` `(B, K, H, A)` where `real` `(B, 1, H, 1)` is 1.
    static Tensor masked(Tensor errors, Tensor real) {
        double counted = (double) errors.size(1) * errors.size(3);
        return errors.mul(real).sum().div(real.sum().mul(counted));
    }
}
