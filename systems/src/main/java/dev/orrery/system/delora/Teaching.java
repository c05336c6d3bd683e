package dev.orrery.system.delora;

import dev.orrery.nn.Init;
import dev.orrery.nn.Layer;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Sequential;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.Schedule;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/// The two tasks. The base has been trained by a random teacher; the first task, S, is what it
/// answers since. The second, T, is what it would answer with a change of low rank in every layer.
/// So the base's error on S is zero, and an adapter of that rank can learn T exactly.
///
/// Inputs are normal, `(B, width)`. Errors are mean squares over the variance of the labels: 1 is
/// what the labels' mean would get, and more counts as 1.
final class Teaching implements AutoCloseable {

    private static final int CHECKED = 4096;
    private static final double PRETRAINING_RATE = 2e-3;

    private final DeloraConfig.Task task;
    private final Sequential second;
    private final Samples training;
    private final Samples validation, test, source;

    /// @param x `(N, width)`
    /// @param y `(N, width)`
    private record Samples(Tensor x, Tensor y) {}

    private Teaching(DeloraConfig.Task task, Sequential base, Seed seed) {
        this.task = task;
        second = changed(task, base, seed.split("change"));
        training = noisy(samples(second, task.samples(), seed.split("training")), seed);
        validation = samples(second, CHECKED, seed.split("validation"));
        test = samples(second, CHECKED, seed.split("test"));
        source = samples(base, CHECKED, seed.split("source"));
    }

    /// Both tasks for a base.
    static Teaching of(DeloraConfig.Task task, Sequential base, Seed seed) {
        return new Teaching(task, base, seed);
    }

    /// A network with random weights: linear layers with rectifiers between, gains such that
    /// numbers keep their size.
    static Sequential network(DeloraConfig.Task task, Seed seed) {
        var layers = new ArrayList<Layer>();
        for (int i = 0; i < task.layers(); i++) {
            if (i > 0) layers.add(Functional::relu);
            var gain = Init.normal(Math.sqrt((i > 0 ? 2.0 : 1.0) / task.width()));
            layers.add(Linear.of(task.width(), task.width(), true, gain, seed.split(i)));
        }
        return Sequential.of(layers);
    }

    /// A base that a random teacher has trained.
    ///
    /// @param watcher told after each step
    static Sequential pretrained(DeloraConfig config, Seed seed, LongConsumer watcher) {
        var task = config.task();
        var base = network(task, seed.split("base"));
        var optimizer = new AdamW(base.parameters(), PRETRAINING_RATE);
        int steps = config.training().pretraining(), batch = config.training().batch();
        var rates = Schedule.cosine(PRETRAINING_RATE, PRETRAINING_RATE / 100, Math.max(1, steps));
        try (var teacher = network(task, seed.split("teacher"))) {
            for (int step = 0; step < steps; step++) {
                try (var _ = TensorScope.open()) {
                    var x = seed.split("pretraining").split(step).normal(batch, task.width());
                    var y = teacher.forward(x).detach();
                    optimizer.learningRate(rates.at(step));
                    optimizer.minimise(Functional.mseLoss(base.forward(x), y));
                }
                watcher.accept(step + 1L);
            }
        }
        return base;
    }

    /// The base with `U V` added to each weight, of the wanted rank and size.
    private static Sequential changed(DeloraConfig.Task task, Sequential base, Seed seed) {
        var changed = Module.unset(() -> network(task, Seed.of(0)));
        changed.load(base.stateDict());
        changed.freeze();
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            changed.namedParameters()
                    .forEach((name, weight) -> {
                        if (weight.rank() < 2) return;
                        var own = seed.split(name);
                        var product =
                                own.split("left")
                                        .normal(task.width(), task.changeRank())
                                        .matmul(
                                                own.split("right")
                                                        .normal(task.changeRank(), task.width()));
                        double size = task.changeSize() * weight.norm().item();
                        weight.add_(product, size / product.norm().item());
                    });
        }
        return changed;
    }

    private static Samples samples(Sequential network, int count, Seed seed) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            long width = network.parameters().getFirst().size(1);
            var x = seed.normal(count, width);
            return new Samples(TensorScope.release(x), TensorScope.release(network.forward(x)));
        }
    }

    private Samples noisy(Samples clean, Seed seed) {
        try (var _ = TensorScope.open()) {
            double deviation = Math.sqrt(variance(clean.y()));
            var noise = seed.split("noise").normal(clean.y().shape());
            clean.y().add_(noise, task.noise() * deviation);
            return clean;
        }
    }

    private static double variance(Tensor y) {
        return y.sub(y.mean(0, true)).square().mean().item();
    }

    /// The loss of a batch of the second task, drawn with repetition.
    Tensor loss(Layer network, int batch, Seed seed) {
        var picks = seed.integers(task.samples(), batch);
        var x = training.x().indexSelect(0, picks);
        var y = training.y().indexSelect(0, picks);
        return Functional.mseLoss(network.forward(x), y);
    }

    /// Errors of a network.
    ///
    /// @param validation on the second task, to choose by
    /// @param test on the second task
    /// @param source on the first task
    record Errors(double validation, double test, double source) {}

    /// Measures a network on all three.
    Errors errors(Layer network) {
        return new Errors(error(network, validation), error(network, test), error(network, source));
    }

    private static double error(Layer network, Samples samples) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            double square = network.forward(samples.x()).sub(samples.y()).square().mean().item();
            double error = square / variance(samples.y());
            return Double.isFinite(error) ? Math.min(1, error) : 1;
        }
    }

    @Override
    public void close() {
        second.close();
        for (var samples : List.of(training, validation, test, source)) {
            samples.x().close();
            samples.y().close();
        }
    }
}
