package dev.orrery.policy.adapt;

import dev.orrery.adapter.Adapter;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.GradientClip;
import dev.orrery.optim.NonFiniteGradientException;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.optim.Schedule;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The training of one [Pupil] in one [Manner], step by step.
///
/// AdamW with betas .9 and .95, gradients clipped to norm 1; the rate rises over 20 steps and falls
/// along a cosine to a tenth. Adapters, biases and norms do not decay. The batch of a step follows
/// from the seed and the step.
public final class Adaptation implements AutoCloseable {

    private static final int WARM_UP = 20;

    private final Pupil pupil;
    private final Plan plan;
    private final Seed seed;
    private final Optional<Adapter> adapter;
    private final AdamW optimizer;
    private final Schedule schedule;
    private final GradientClip clip = GradientClip.norm(1);
    private long gradients;

    /// How long and how fast.
    ///
    /// @param steps optimiser steps
    /// @param batch frames a step
    /// @param learningRate the highest
    public record Plan(int steps, int batch, double learningRate) {
        public Plan {
            if (steps < 1 || batch < 1 || !(learningRate > 0)) {
                throw new IllegalArgumentException(
                        "adapting for %d steps of %d frames at rate %s; all must be positive"
                                .formatted(steps, batch, learningRate));
            }
        }

        /// The same at another rate.
        public Plan at(double rate) {
            return new Plan(steps, batch, rate);
        }
    }

    private Adaptation(Pupil pupil, Manner manner, Plan plan, Seed seed) {
        this.pupil = pupil;
        this.plan = plan;
        this.seed = seed;
        adapter =
                manner instanceof Manner.Adapted(var config, _)
                        ? Optional.of(Adapter.on(pupil.model(), config, seed.split("adapter")))
                        : Optional.empty();
        double rate = plan.learningRate();
        optimizer = AdamW.grouped(groups(manner), AdamW.Settings.of(rate).withBetas(.9, .95));
        schedule =
                Schedule.warmupCosine(
                        rate, rate / 10, Math.min(WARM_UP, plan.steps() / 2), plan.steps());
    }

    /// Begins an adaptation.
    ///
    /// @throws IllegalArgumentException if the manner does not suit the model
    public static Adaptation of(Pupil pupil, Manner manner, Plan plan, Seed seed) {
        return new Adaptation(pupil, manner, plan, seed);
    }

    private List<ParameterGroup> groups(Manner manner) {
        return switch (manner) {
            case Manner.Full _ -> {
                pupil.model().unfreeze();
                yield ParameterGroup.decayMatrices(pupil.model().namedParameters());
            }
            case Manner.Head _ -> ParameterGroup.decayMatrices(only(pupil.head()));
            case Manner.Biases _ -> List.of(new ParameterGroup(only(biases()), 1, 0));
            case Manner.Adapted(_, var rates) -> adapter.orElseThrow().groups(rates);
        };
    }

    private Map<String, Tensor> only(Map<String, Tensor> parameters) {
        pupil.model().freeze();
        parameters.values().forEach(p -> p.requiresGrad_(true));
        return parameters;
    }

    private Map<String, Tensor> biases() {
        var found = new LinkedHashMap<String, Tensor>();
        pupil.model()
                .namedParameters()
                .forEach((name, parameter) -> {
                    if (name.endsWith("bias")) found.put(name, parameter);
                });
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    "this policy has no biases to train; adapt its weights");
        }
        return found;
    }

    /// Trains one step.
    ///
    /// @return the loss; if it is not finite, nothing was changed
    public double step(long step) {
        try (var _ = TensorScope.open()) {
            optimizer.learningRate(schedule.at(step));
            var own = batch(step);
            double value = loss(own);
            if (!Double.isFinite(value)) {
                optimizer.clearGradients();
                return value;
            }
            clip.apply(optimizer.parameters());
            gradients =
                    optimizer.parameters().values().stream()
                            .filter(Tensor::hasGrad)
                            .mapToLong(p -> bytes(p.grad()))
                            .sum();
            optimizer.step();
            return value;
        } catch (NonFiniteGradientException e) {
            return Double.NaN;
        } finally {
            optimizer.clearGradients();
        }
    }

    private double loss(Seed own) {
        var frames = Pupil.Frames.TRAINING;
        var loss =
                adapter.isPresent()
                        ? adapter.get().dropping(own, () -> pupil.loss(frames, plan.batch(), own))
                        : pupil.loss(frames, plan.batch(), own);
        double value = loss.item();
        if (Double.isFinite(value)) loss.backward();
        return value;
    }

    /// The seed of a step's batch.
    public Seed batch(long step) {
        return seed.split("batch").split(step);
    }

    /// The optimiser, for a checkpoint.
    public AdamW optimizer() {
        return optimizer;
    }

    /// What is trained, by name, with what an adapter needs beside it; the tensors are its own.
    public Map<String, Tensor> state() {
        return adapter.isPresent() ? adapter.get().stateDict() : optimizer.parameters();
    }

    /// Copies back what [#state] gave.
    ///
    /// @throws IllegalArgumentException if names or shapes are others
    public void load(Map<String, Tensor> state) {
        if (adapter.isPresent()) {
            adapter.get().load(state);
            return;
        }
        var own = optimizer.parameters();
        if (!own.keySet().equals(state.keySet())) {
            throw new IllegalArgumentException(
                    "%d trained tensors are not these %d; they come from another manner of adapting"
                            .formatted(state.size(), own.size()));
        }
        try (var _ = Grad.disabled()) {
            own.forEach((name, tensor) -> tensor.copy_(state.get(name)));
        }
    }

    /// The adapter, if there is one.
    public Optional<Adapter> adapter() {
        return adapter;
    }

    /// Numbers that are trained, modules that an adapter trains whole included.
    public long trained() {
        return optimizer.parameters().values().stream().mapToLong(Tensor::numel).sum();
    }

    /// Bytes of the optimiser's memory and of the gradients of the last step, counted from the
    /// tensors themselves.
    public long trainingBytes() {
        return gradients
                + optimizer.stateDict().values().stream().mapToLong(Adaptation::bytes).sum();
    }

    private static long bytes(Tensor tensor) {
        return tensor.numel() * tensor.dtype().bytes();
    }

    /// Takes the adapter off the model and frees it; the model stays as it is trained otherwise.
    @Override
    public void close() {
        adapter.ifPresent(a -> {
            a.detach();
            a.close();
        });
    }
}
