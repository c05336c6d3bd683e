package dev.orrery.system.delora;

import dev.orrery.adapter.Adapter;
import dev.orrery.adapter.AdapterConfig;
import dev.orrery.adapter.AdapterRates;
import dev.orrery.adapter.Strength;
import dev.orrery.nn.Module;
import dev.orrery.nn.Sequential;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.optim.Schedule;
import dev.orrery.run.Report;
import dev.orrery.run.RunState;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import java.util.Optional;

/// A copy of a base while it is adapted to the second task, in the configured way.
final class Adaptee implements AutoCloseable {

    private static final int WARM_UP = 50;

    private final DeloraConfig config;
    private final Teaching teaching;
    private final Seed seed;
    private final Sequential base, network;
    private final Optional<Adapter> adapter;
    private final AdamW optimizer;
    private final Schedule rates;

    /// @param base stays as it is
    Adaptee(DeloraConfig config, Sequential base, Teaching teaching, Seed seed) {
        this.config = config;
        this.teaching = teaching;
        this.seed = seed;
        this.base = base;
        network = Module.unset(() -> Teaching.network(config.task(), Seed.of(0)));
        network.load(base.stateDict());
        var way = config.way();
        adapter =
                way.adapter()
                        .map(method ->
                                Adapter.on(
                                        network,
                                        new AdapterConfig(
                                                method, new AdapterConfig.Targets.AllLinear()),
                                        seed.split("adapter")));
        double rate = config.training().learningRate();
        optimizer =
                AdamW.grouped(
                        adapter.map(a -> a.groups(new AdapterRates(1, way.lambdaRate(), 0)))
                                .orElse(
                                        List.of(
                                                new ParameterGroup(
                                                        network.namedParameters(), 1, 0))),
                        AdamW.Settings.of(rate));
        rates = Schedule.constant(rate).after(Math.min(WARM_UP, config.training().steps() / 2));
    }

    /// What must be saved to go on.
    RunState state() {
        return RunState.of(module()).with(optimizer);
    }

    /// What is trained: the adapter, or the network.
    Module module() {
        return adapter.isPresent() ? adapter.get() : network;
    }

    /// One step on samples that belong to its number; its loss, which may not be finite.
    double step(long step) {
        try (var _ = TensorScope.open()) {
            warm(step);
            optimizer.learningRate(rates.at(step));
            var loss = teaching.loss(network, config.training().batch(), batch(step));
            optimizer.minimise(loss);
            return loss.item();
        }
    }

    /// The seed of a step's batch.
    Seed batch(long step) {
        return seed.split("batch").split(step);
    }

    private void warm(long step) {
        int steps = config.way().lambdaWarmUp();
        if (steps == 0) return;
        adapter.ifPresent(a -> a.warmth(Math.min(1, (step + 1.0) / steps)));
    }

    /// Whether all that is trained is finite, looked at every so many steps.
    boolean isSoundEvery(long step, long every) {
        return (step + 1) % every != 0 || isSound();
    }

    private boolean isSound() {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            return optimizer.parameters().values().stream()
                    .allMatch(p -> Double.isFinite(p.abs().sum().item()));
        }
    }

    /// How far the network is from its base: `change` is ‖ΔW‖ over all layers, `strength` the mean
    /// of |λ|, `used` the mean of ‖ΔW‖ / (|λ| ‖w_norm‖), both 0 for other methods.
    Report distance() {
        if (adapter.isEmpty())
            return Report.of("change", moved()).with("strength", 0).with("used", 0);
        var strengths = adapter.get().strengths().values();
        double squares = strengths.stream().mapToDouble(s -> s.change() * s.change()).sum();
        return Report.of("change", Math.sqrt(squares))
                .with("strength", mean(strengths.stream().map(s -> Math.abs(s.lambda())).toList()))
                .with("used", mean(strengths.stream().map(Strength::used).toList()));
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).filter(Double::isFinite).average().orElse(0);
    }

    private double moved() {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var before = base.namedParameters();
            double squares = 0;
            for (var entry : network.namedParameters().entrySet()) {
                if (entry.getValue().rank() < 2) continue;
                squares += entry.getValue().sub(before.get(entry.getKey())).square().sum().item();
            }
            return Math.sqrt(squares);
        }
    }

    /// Warnings of the adapter before training.
    List<String> warnings() {
        return adapter.map(Adapter::warnings).orElse(List.of());
    }

    /// Numbers that are trained.
    long trained() {
        return optimizer.parameters().values().stream().mapToLong(p -> p.numel()).sum();
    }

    /// How well it does now.
    Teaching.Errors errors() {
        return teaching.errors(network);
    }

    @Override
    public void close() {
        adapter.ifPresent(Module::close);
        network.close();
    }
}
