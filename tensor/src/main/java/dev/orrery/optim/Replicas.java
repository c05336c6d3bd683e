package dev.orrery.optim;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Engine;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/// Copies of a model that share its parameters and keep gradients of their own, one a thread.
///
/// Small models lose most of a second core at the barriers inside their operations; giving each
/// core its own share of the batch, with operations of one thread, loses nothing. Results depend on
/// the number of shares, not on their timing.
///
/// @param <M> the model
public final class Replicas<M extends Module> implements AutoCloseable {

    private final List<M> models = new ArrayList<>();
    private final ExecutorService threads;

    /// @param count copies, the model itself included
    /// @param build builds one more of the model
    public Replicas(M model, int count, Supplier<M> build) {
        models.add(model);
        for (int i = 1; i < count; i++) {
            var copy = Module.unset(build);
            copy.adopt(model.stateDict());
            models.add(copy);
        }
        threads = Executors.newFixedThreadPool(count);
        if (count > 1) {
            Engine.threads(1);
        }
    }

    /// As many copies as the engine has threads.
    public static <M extends Module> Replicas<M> of(M model, Supplier<M> build) {
        return new Replicas<>(model, Engine.threads(), build);
    }

    /// How many there are.
    public int count() {
        return models.size();
    }

    /// How many of so many examples are the part of copy number `i`; parts differ by one at most.
    public int part(int i, int examples) {
        return Math.toIntExact((i + 1L) * examples / count() - (long) i * examples / count());
    }

    /// The copy number `i`; 0 is the model itself.
    public M model(int i) {
        return models.get(i);
    }

    /// Runs `work` once for each copy, at the same time, and waits for all.
    public <R> List<R> each(IntFunction<R> work) {
        var futures = new ArrayList<Future<R>>();
        for (int i = 0; i < models.size(); i++) {
            int share = i;
            futures.add(threads.submit(() -> work.apply(share)));
        }
        var results = new ArrayList<R>();
        for (var future : futures) {
            results.add(wait(future));
        }
        return results;
    }

    private static <R> R wait(Future<R> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while training", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    /// Adds the gradients of all copies up in the model, as those of the mean over copies, and
    /// forgets them elsewhere.
    public void gather() {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            Map<String, Tensor> own = models.getFirst().namedParameters();
            for (var copy : models.subList(1, models.size())) {
                copy.namedParameters().forEach((name, parameter) -> add(own.get(name), parameter));
            }
            own.values().stream()
                    .filter(Tensor::hasGrad)
                    .forEach(p -> p.grad().mul_(1.0 / models.size()));
        }
    }

    private static void add(Tensor into, Tensor from) {
        if (from.hasGrad()) {
            if (into.hasGrad()) {
                into.grad().add_(from.grad());
            } else {
                throw new IllegalStateException("a parameter has a gradient in one copy only");
            }
            from.clearGrad();
        }
    }

    @Override
    public void close() {
        threads.close();
        if (models.size() > 1) {
            Engine.threads(models.size());
        }
    }
}
