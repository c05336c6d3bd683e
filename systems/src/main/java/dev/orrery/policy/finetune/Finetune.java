package dev.orrery.policy.finetune;

import dev.orrery.adapter.Adapter;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.Ema;
import dev.orrery.optim.GradientClip;
import dev.orrery.optim.Schedule;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import java.util.LinkedHashMap;

/// Adapts a published policy to a LeRobot data set: an adapter in PEFT's format, with the
/// statistics that belong to it.
///
/// The base stays frozen. The batch of a step follows from a seed, so that a training that was
/// killed goes on bit for bit from where adapter, optimiser and averages were saved.
///
/// ```java
/// var loss = finetune.gradients(seed);   // look at it, and stop if it is no number
/// finetune.update(step);
/// ```
public final class Finetune implements AutoCloseable {

    private static final int WARM_UP = 100;

    private final FinetuneConfig config;
    private final Apprentice apprentice;
    private final Adapter adapter;
    private final AdamW optimizer;
    private final Ema average;
    private final GradientClip clip = GradientClip.norm(1);
    private final Schedule schedule;

    /// Puts a new adapter on the apprentice's network; closes the apprentice if that fails.
    ///
    /// @param seed what the adapter starts from
    /// @throws IllegalArgumentException if no layer is meant, or a rank does not fit one
    public Finetune(FinetuneConfig config, Apprentice apprentice, Seed seed) {
        this.config = config;
        this.apprentice = apprentice;
        var training = config.training();
        try {
            var how = config.adapter().config(apprentice.whole());
            adapter = Adapter.on(apprentice.model(), how, seed);
        } catch (RuntimeException e) {
            apprentice.close();
            throw e;
        }
        optimizer =
                new AdamW(
                        adapter.namedParameters(),
                        AdamW.Settings.of(training.learningRate()).withBetas(.9, .95));
        average = new Ema(adapter.namedParameters(), training.average());
        schedule =
                Schedule.warmupCosine(
                        training.learningRate(),
                        training.learningRate() / 10,
                        Math.min(WARM_UP, training.steps() / 2),
                        training.steps());
    }

    /// How it is adapted.
    public FinetuneConfig config() {
        return config;
    }

    /// The policy that is adapted.
    public Apprentice apprentice() {
        return apprentice;
    }

    /// What is trained.
    public Adapter adapter() {
        return adapter;
    }

    /// What the optimiser remembers.
    public AdamW optimizer() {
        return optimizer;
    }

    /// The averaged weights.
    public Ema average() {
        return average;
    }

    /// The work of a step without taking it, to see how long it takes.
    ///
    /// @param batch what the batch is drawn from
    public void rehearse(Seed batch) {
        apprentice.gradients(batch);
        adapter.clearGradients();
    }

    /// What is there, what it will take.
    ///
    /// @param seconds of a step
    public Preflight preflight(double seconds) {
        var training = config.training();
        var frames = apprentice.frames();
        long trained = adapter.parameterCount();
        long frozen = apprentice.model().parameterCount();
        var lines = new LinkedHashMap<String, String>();
        lines.put(
                "data",
                "%d episodes, %,d frames at %d fps, %d tasks"
                        .formatted(
                                frames.episodes(),
                                frames.size(),
                                frames.fps(),
                                frames.tasks().size()));
        lines.putAll(apprentice.lines());
        lines.put("cameras", cameras());
        lines.put(
                "adapter",
                "%s of rank %d on %d layers, %s trained whole: %,d of %,d numbers (%.2f %%)"
                        .formatted(
                                config.adapter().method(),
                                config.adapter().rank(),
                                adapter.paths().size(),
                                adapter.savedPaths(),
                                trained,
                                frozen,
                                100.0 * trained / frozen));
        lines.put("kept", kept());
        long bytes = apprentice.bytes(trained);
        lines.put("memory", "about %,d MB".formatted(bytes >> 20));
        lines.put(
                "time",
                "%.2f s a step, about %s in all"
                        .formatted(seconds, duration(seconds * training.steps())));
        var warnings = apprentice.warnings();
        if (!warnings.isEmpty()) lines.put("warnings", String.join("; ", warnings));
        return new Preflight(lines, trained, frozen, bytes, seconds);
    }

    private String kept() {
        double share = config.training().average();
        return share == 0
                ? "the last weights"
                : "averaged weights, %s of the average kept in each step".formatted(share);
    }

    private String cameras() {
        var map = apprentice.frames().cameras();
        var each =
                map.inputs().stream()
                        .map(input ->
                                input
                                        + " <- "
                                        + map.sources().getOrDefault(input, "nothing (masked)"))
                        .toList();
        var unused = apprentice.frames().unused();
        return String.join(", ", each)
                + (unused.isEmpty() ? "" : "; not used: " + String.join(", ", unused));
    }

    private static String duration(double seconds) {
        long minutes = Math.round(seconds / 60);
        return minutes < 2
                ? "%.0f s".formatted(seconds)
                : minutes < 120 ? minutes + " min" : "%.1f h".formatted(seconds / 3600);
    }

    /// The loss of a batch, whose gradients wait for [#update].
    ///
    /// @param batch what the batch is drawn from
    public double gradients(Seed batch) {
        return apprentice.gradients(batch);
    }

    /// One step along the gradients.
    ///
    /// @param step its number, which the rate depends on
    public void update(long step) {
        optimizer.learningRate(schedule.at(step));
        clip.apply(optimizer.parameters());
        optimizer.step();
        optimizer.clearGradients();
        average.updateAfter(step);
    }

    /// Keeps the adapter as a folder: its averaged weights if the training averages.
    public void keep(Path folder) {
        try (var _ = average.written()) {
            apprentice.keep(folder, adapter);
        }
    }

    /// Ends the training: averaged weights, if there are some, stay in place.
    public void finish(Path folder) {
        average.written();
        apprentice.keep(folder, adapter);
    }

    /// Writes base and adapter as one policy, which `orrery serve` opens. The adapter stays as it
    /// is.
    public void merge(Path folder) {
        adapter.merge();
        try {
            apprentice.save(folder);
        } finally {
            adapter.unmerge();
        }
    }

    @Override
    public void close() {
        adapter.detach();
        adapter.close();
        apprentice.close();
    }
}
