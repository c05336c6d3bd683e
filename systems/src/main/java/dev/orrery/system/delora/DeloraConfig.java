package dev.orrery.system.delora;

import dev.orrery.adapter.AdapterConfig;
import dev.orrery.adapter.DeloraForm;
import dev.orrery.run.Limits;
import java.util.Optional;

/// Everything that a run on the two regression tasks is determined by, besides its seed.
///
/// @param task what is learned first and what after it
/// @param way how the network is adapted
/// @param training budget and rate
public record DeloraConfig(Task task, Way way, Training training) {

    /// What is trained.
    public enum Method {
        /// Every weight.
        FULL(1e-3),
        /// W + α/r B A.
        LORA(1e-2),
        /// LoRA with learned lengths of the outputs.
        DORA(1e-2),
        /// LoRA with components of length one and a fixed strength.
        NORMALISED(1e-1),
        /// The same, times the norms of the weight's columns.
        NORMED(1e-1),
        /// The same with a learned strength: DeLoRA, starting as its paper does.
        DELORA(1e-1),
        /// DeLoRA with B at zero first, as PEFT has it.
        DELORA_ZERO_B(1e-1);

        private final double guess;

        Method(double guess) {
            this.guess = guess;
        }

        /// Where to begin looking for the best rate: ten times as much for LoRA as for everything,
        /// and ten times as much again for DeLoRA.
        double guess() {
            return guess;
        }
    }

    /// The two tasks: what a trained network answers, and what it would with a change of low rank
    /// in every layer, of which noisy samples are given.
    ///
    /// @param width inputs, outputs and hidden numbers of every layer
    /// @param layers how many
    /// @param changeRank rank of each layer's change
    /// @param changeSize Frobenius norm of the change as a share of the weight's
    /// @param samples training samples of the second task
    /// @param noise deviation of their labels' noise as a share of the labels' own
    public record Task(
            int width, int layers, int changeRank, double changeSize, int samples, double noise) {
        public Task {
            new Limits("task")
                    .atLeast(2, "width", width)
                    .layers(1, "layers", layers)
                    .positive("changeSize", changeSize)
                    .atLeast(1, "samples", samples)
                    .notNegative("noise", noise);
            if (changeRank < 1 || changeRank > width) {
                throw new IllegalArgumentException(
                        "task.changeRank is %d; use 1 to the width, %d"
                                .formatted(changeRank, width));
            }
        }
    }

    /// How the network is adapted.
    ///
    /// @param method what is trained
    /// @param rank of LoRA and the like
    /// @param alpha LoRA's and DoRA's
    /// @param lambda where the strength of DeLoRA and its rungs starts
    /// @param lambdaRate factor on λ's learning rate
    /// @param lambdaWarmUp steps over which the strength rises from zero; 0 for none
    public record Way(
            Method method,
            int rank,
            double alpha,
            double lambda,
            double lambdaRate,
            int lambdaWarmUp) {
        public Way {
            new Limits("way")
                    .size("rank", rank)
                    .positive("alpha", alpha)
                    .positive("lambda", lambda)
                    .notNegative("lambdaRate", lambdaRate)
                    .atLeast(0, "lambdaWarmUp", lambdaWarmUp);
        }

        Optional<AdapterConfig.Method> adapter() {
            return switch (method) {
                case FULL -> Optional.empty();
                case LORA -> Optional.of(new AdapterConfig.Method.Lora(rank, alpha, false));
                case DORA -> Optional.of(new AdapterConfig.Method.Dora(rank, alpha, false));
                case NORMALISED -> Optional.of(delora(DeloraForm.ladder().get(1)));
                case NORMED -> Optional.of(delora(DeloraForm.ladder().get(2)));
                case DELORA -> Optional.of(delora(DeloraForm.PAPER));
                case DELORA_ZERO_B -> Optional.of(delora(DeloraForm.PEFT));
            };
        }

        private AdapterConfig.Method delora(DeloraForm form) {
            return new AdapterConfig.Method.Delora(rank, lambda, form);
        }
    }

    /// @param pretraining steps in which the base is trained
    /// @param steps on the second task
    /// @param batch samples a step
    /// @param learningRate constant after 50 steps of warm-up
    /// @param saveEvery steps between checkpoints
    public record Training(
            int pretraining, int steps, int batch, double learningRate, int saveEvery) {
        public Training {
            new Limits("training")
                    .atLeast(0, "pretraining", pretraining)
                    .atLeast(1, "steps", steps)
                    .stage(steps, batch, learningRate)
                    .atLeast(1, "saveEvery", saveEvery);
        }
    }

    public DeloraConfig {
        if (way.adapter().isPresent() && way.rank() > task.width()) {
            throw new IllegalArgumentException(
                    "way.rank is %d; layers of width %d take at most %d"
                            .formatted(way.rank(), task.width(), task.width()));
        }
    }

    /// Four layers of 96 × 96 whose change has rank 4, adapted in 2,000 steps.
    public static DeloraConfig laptop() {
        return new DeloraConfig(
                new Task(96, 4, 4, .1, 1024, .2),
                new Way(Method.DELORA, 8, 8, 4, 1, 0),
                new Training(1000, 2000, 256, Method.DELORA.guess(), 500));
    }

    /// Two layers of 24 × 24, in a second or two.
    public static DeloraConfig smoke() {
        return new DeloraConfig(
                new Task(24, 2, 2, .3, 256, .2),
                new Way(Method.DELORA, 4, 4, 4, 1, 0),
                new Training(200, 200, 64, Method.DELORA.guess(), 100));
    }

    /// Ten times as many steps.
    public static DeloraConfig prolonged() {
        return laptop().withSteps(20_000);
    }

    /// The same by another method, at its usual rate.
    public DeloraConfig with(Method method) {
        var w = way;
        return new DeloraConfig(
                        task,
                        new Way(method, w.rank, w.alpha, w.lambda, w.lambdaRate, w.lambdaWarmUp),
                        training)
                .withRate(method.guess());
    }

    /// The same at another rate.
    public DeloraConfig withRate(double rate) {
        var t = training;
        return new DeloraConfig(
                task, way, new Training(t.pretraining, t.steps, t.batch, rate, t.saveEvery));
    }

    /// The same for so many steps on the second task.
    public DeloraConfig withSteps(int steps) {
        var t = training;
        return new DeloraConfig(
                task,
                way,
                new Training(t.pretraining, steps, t.batch, t.learningRate, t.saveEvery));
    }
}
