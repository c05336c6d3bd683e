package dev.orrery.run;

import dev.orrery.nn.Module;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.Ema;
import dev.orrery.optim.GradientClip;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.optim.Replicas;
import dev.orrery.optim.Schedule;
import dev.orrery.tensor.Engine;
import dev.orrery.tensor.Seed;
import java.util.List;
import java.util.function.Supplier;

/// The loop of a policy's training, whose last stage alone is averaged: every core learns from its
/// share of a batch, numbers are checked before they count, gradients are clipped, and what was
/// learned is kept whenever the run is saved.
///
/// What differs from policy to policy are its [Lessons].
///
/// @param run where it is logged, saved and, if it was stopped, gone on with
/// @param what is trained, for the progress line
/// @param averaged the step from which on weights are averaged, that is from which on it acts
/// @param steps steps of all stages
/// @param saveEvery steps between saves
public record StagedTraining(Run run, String what, long averaged, long steps, int saveEvery) {

    private static final int LOG_EVERY = 10, WARM_UP = 50;
    private static final double DECAY = 0.999, CLIP = 1;

    /// What a policy learns, and how.
    ///
    /// @param <M> what is trained
    public interface Lessons<M extends Module> {

        /// The optimiser of a step, at its learning rate.
        AdamW optimizer(long step);

        /// Leaves the gradients of a step with the replicas.
        ///
        /// @param batch what the step's batch is drawn from
        /// @return the numbers of each replica
        List<Report> learn(Replicas<M> replicas, long step, Seed batch);

        /// The fewest examples of any step: no more threads share its work.
        int fewest();

        /// Keeps the policy; averaged weights stand in for its own.
        ///
        /// @param done steps that are done
        void keep(long done);

        /// The numbers of a step with those that are worth adding now and then.
        default Report watched(long step, Report numbers) {
            return numbers;
        }
    }

    /// The usual optimiser of all that is trained.
    public static AdamW optimizer(Module trainee) {
        return AdamW.grouped(
                ParameterGroup.decayMatrices(trainee.namedParameters()),
                AdamW.Settings.of(1).withBetas(.9, .95));
    }

    /// The usual rate of a stage that prepares: constant after a warm-up.
    public static Schedule steady(double rate) {
        return Schedule.constant(rate).after(WARM_UP);
    }

    /// The usual rate of the last stage: along a cosine after a warm-up.
    public static Schedule decaying(double peak, double last, int steps) {
        return steps == 0
                ? Schedule.constant(peak)
                : Schedule.warmupCosine(peak, last, Math.min(WARM_UP, steps / 2), steps);
    }

    /// The averages of a policy's weights that a training keeps.
    public static Ema average(Module policy) {
        return new Ema(policy.namedParameters(), DECAY);
    }

    /// Trains, or goes on with it.
    ///
    /// @param trainee what is trained
    /// @param replica builds one more of it
    /// @param state what is saved, `average` included
    public <M extends Module> void train(
            M trainee, Supplier<M> replica, RunState state, Ema average, Lessons<M> lessons) {
        run.progress().stage("training " + what, steps);
        var clip = GradientClip.norm(CLIP);
        int shares = Math.min(Engine.threads(), lessons.fewest());
        try (var replicas = new Replicas<>(trainee, shares, replica)) {
            long begun = run.resume(state);
            if (begun >= steps) keep(steps, average, lessons);
            for (long step = begun; step < steps; step++) {
                var optimizer = lessons.optimizer(step);
                var batch = Seed.of(run.seed()).split("batch").split(step);
                var numbers = Report.mean(lessons.learn(replicas, step, batch));
                run.check(step, numbers, batch);
                replicas.gather();
                clip.apply(optimizer.parameters());
                optimizer.step();
                optimizer.clearGradients();
                if (step >= averaged) average.updateAfter(step - averaged);
                else average.update(0);
                var watched = lessons.watched(step, numbers);
                if (watched != numbers || step % LOG_EVERY == 0) run.log(step, watched);
                if (run.every(step, saveEvery) || step + 1 == steps) {
                    keep(step + 1, average, lessons);
                    run.save(step, state);
                }
            }
        }
    }

    private static void keep(long done, Ema average, Lessons<?> lessons) {
        try (var _ = average.applied()) {
            lessons.keep(done);
        }
    }
}
