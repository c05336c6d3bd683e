package dev.orrery.system.internvlam1;

import dev.orrery.flow.ConditionDropout;
import dev.orrery.flow.DiscreteDiffusion;
import dev.orrery.flow.FlowObjective;
import dev.orrery.flow.Guidance;
import dev.orrery.flow.LossMask;
import dev.orrery.flow.Solver;
import dev.orrery.flow.StepGrid;
import dev.orrery.flow.TimeSampler;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// How an [ActionDit] is trained and sampled: by diffusion in discrete steps, as the released code
/// has it, or by flow matching on straight paths.
///
/// @param kind which
/// @param steps diffusion steps T; the flow's clock has as many
/// @param dropout share of samples that lose their condition in training
record ActionHead(Kind kind, int steps, double dropout) {

    /// What the network predicts.
    enum Kind {
        /// The noise, after a random step of a diffusion.
        DDPM,
        /// The velocity at a random time of a flow.
        FLOW
    }

    /// The released code's: 100 steps, a tenth of the conditions dropped.
    static final ActionHead PAPER = new ActionHead(Kind.DDPM, 100, .1);

    /// The mean squared error over several draws of noise and step for every condition.
    ///
    /// @param z conditions `(B, Q, D)`
    /// @param actions normalised `(B, K, A)`
    /// @param real `(B, K)`, 0 after an episode's end
    /// @param draws how often each observation is used
    Tensor loss(ActionDit net, Tensor z, Tensor actions, Tensor real, int draws, Seed seed) {
        var data = actions.repeat(draws, 1, 1);
        var mask = LossMask.steps(real.repeat(draws, 1), data.rank());
        var told =
                new ConditionDropout(dropout)
                        .apply(z.repeat(draws, 1, 1), net.nothing(), seed.split("dropped"));
        var noise = seed.split("noise").normal(data.shape());
        int batch = (int) data.size(0);
        return switch (kind) {
            case DDPM -> {
                var diffusion = DiscreteDiffusion.squaredCosine(steps);
                var at = diffusion.draw(batch, seed.split("step"));
                var guess = net.forward(diffusion.noised(data, noise, at), tensor(at), told);
                yield mask.mean(guess.sub(noise).square());
            }
            case FLOW -> {
                var objective = FlowObjective.rectified();
                var times = new TimeSampler.Uniform().draw(batch, seed.split("step"));
                var point = objective.batch(noise, data, times);
                var at = Arrays.stream(times).map(this::step).toArray();
                var guess = net.forward(point.x(), Tensor.of(at, batch).to(DType.F64), told);
                yield objective.loss(guess, point, mask);
            }
        };
    }

    private static Tensor tensor(int[] steps) {
        return Tensor.of(Arrays.stream(steps).asLongStream().toArray(), steps.length);
    }

    /// The step of a house time, which the network is told.
    private double step(double time) {
        return (1 - time) * steps - 1;
    }

    /// The states on the way from noise to normalised actions, the noise first.
    ///
    /// @param z conditions `(B, Q, D)`
    /// @param noise standard normal `(B, K, A)`
    /// @param count steps of DDIM, or of Euler's method for flows
    /// @param guidance weight, 1 for none
    /// @throws IllegalArgumentException if the condition of nothing is needed and was not trained
    List<Tensor> trace(ActionDit net, Tensor z, Tensor noise, int count, double guidance) {
        var field = Guidance.of(guidance).field(net.with(z, this::step, dropout > 0));
        return switch (kind) {
            case DDPM -> DiscreteDiffusion.squaredCosine(steps).trace(field, noise, count);
            case FLOW -> Solver.Fixed.EULER.trace(field, noise, StepGrid.uniform(count));
        };
    }
}
