package dev.orrery.system.pi0;

import dev.orrery.adapter.Adapter;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.Ema;
import dev.orrery.optim.GradientClip;
import dev.orrery.optim.Schedule;
import dev.orrery.policy.DeltaActions;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.Norms;
import dev.orrery.policy.Statistics;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// Adapts a published π0 or π0.5 to a LeRobot data set: an adapter in PEFT's format, with the
/// statistics that belong to it.
///
/// The base stays frozen. Padded dimensions and steps after an episode's end do not count in the
/// loss, which is the flow's velocity error. The batch of a step follows from the run's seed and
/// the step, so a run that was killed goes on bit for bit from its last save.
public final class Pi0Finetune implements AutoCloseable {

    /// The system's name in runs.
    public static final String NAME = "finetune";

    /// Where a run keeps its adapter.
    public static final String ADAPTER = "adapter";

    private static final int FLOW_STEPS = 10, LOG_EVERY = 5;

    private final Pi0FinetuneConfig config;
    private final Pi0Frames frames;
    private final Pi0Checkpoint checkpoint;
    private final Adapter adapter;
    private final Pi0Lesson lesson;
    private final List<String> warnings = new ArrayList<>();

    private Pi0Finetune(Pi0FinetuneConfig config, Seed seed) {
        this.config = config;
        var folder = Path.of(config.checkpoint());
        var json = Pi0Published.config(folder);
        var loaded = Pi0AdapterFolder.weights(folder);
        var io = loaded.config().io();
        try {
            frames =
                    Pi0Frames.open(
                            Path.of(config.data()),
                            Pi0Published.cameras(folder),
                            config.cameras(),
                            io.horizon());
        } catch (RuntimeException e) {
            loaded.close();
            throw e;
        }
        try {
            fits("state", frames.stateDims(), io.stateDims());
            fits("action", frames.actionDims(), io.actionDims());
            var relative = relative(folder);
            var norms = norms(folder, loaded.config().variant(), relative);
            checkpoint =
                    new Pi0Checkpoint(
                            loaded,
                            ActionHead.FLOW,
                            Pi0.Visibility.BLOCKWISE,
                            norms,
                            Pi0AdapterFolder.manner(folder, norms, relative),
                            Optional.empty());
            checkWords(loaded.config());
            var saved = config.saved(loaded.config().variant());
            adapter = Adapter.on(loaded, config.adapter().config().saving(saved), seed);
            var reader = checkpoint.policy(frames.cameras(), FLOW_STEPS);
            lesson = new Pi0Lesson(checkpoint, frames, reader, config.training());
        } catch (RuntimeException e) {
            frames.close();
            loaded.close();
            throw e;
        }
        if (json.isEmpty()) {
            warnings.add("the checkpoint has no config.json; sizes of the published networks hold");
        }
    }

    /// Opens checkpoint and data and checks that they fit each other.
    ///
    /// @param seed what the adapter starts from
    /// @throws IllegalArgumentException if they do not; the message says what to change
    /// @throws CheckpointException if the checkpoint lacks something
    public static Pi0Finetune open(Pi0FinetuneConfig config, long seed) {
        return new Pi0Finetune(config, Seed.of(seed).split("adapter"));
    }

    private static void fits(String what, int found, int most) {
        if (found > most) {
            throw new IllegalArgumentException(
                    "the data's %s has %d dimensions, the network takes up to %d; drop some with orrery data remove-feature, or adapt a wider network"
                            .formatted(what, found, most));
        }
    }

    private Optional<DeltaActions> relative(Path folder) {
        if (config.relative().isEmpty()) return Optional.empty();
        var runs = config.relative().stream().mapToInt(r -> r).toArray();
        int total = java.util.Arrays.stream(runs).map(Math::abs).sum();
        if (total != frames.actionDims() || frames.stateDims() < total) {
            throw new IllegalArgumentException(
                    "--relative %s speaks of %d actions; the data has %d actions and %d state values"
                            .formatted(
                                    config.relative(),
                                    total,
                                    frames.actionDims(),
                                    frames.stateDims()));
        }
        return Optional.of(DeltaActions.of(runs));
    }

    private Norms norms(Path folder, Pi0Variant variant, Optional<DeltaActions> relative) {
        var states = frames.stateStatistics();
        var actions = frames.actionStatistics(relative);
        var rule = Pi0Published.rule(variant);
        return switch (config.statistics()) {
            case DATA -> Norms.of(sound("state", states), sound("action", actions), rule);
            case CHECKPOINT -> {
                var norms = own(folder, variant);
                same("state", norms.states(), states);
                same("action", norms.actions(), actions);
                warnings.addAll(
                        Pi0Preflight.far("state", states, norms.stateRule(), norms.states()));
                warnings.addAll(
                        Pi0Preflight.far("action", actions, norms.actionRule(), norms.actions()));
                yield norms;
            }
        };
    }

    private static Norms own(Path folder, Pi0Variant variant) {
        if (!Pi0Published.type(Pi0Published.config(folder)).equals(Pi0Checkpoint.TYPE)) {
            return NormFiles.read(folder, Pi0Published.rule(variant), Optional.empty());
        }
        var own = Pi0Checkpoint.open(folder);
        own.pi0().close();
        return own.norms();
    }

    private Statistics sound(String feature, Statistics found) {
        var constant = Pi0Preflight.constant(config.constant(), feature, found.dims());
        return Pi0Preflight.sound(found, feature, constant);
    }

    private static void same(String feature, Statistics own, Statistics data) {
        if (own.dims() != data.dims()) {
            throw new IllegalArgumentException(
                    "the checkpoint's statistics are of %d %s dimensions, the data has %d; use --statistics data"
                            .formatted(own.dims(), feature, data.dims()));
        }
    }

    /// Every task must have words.
    private void checkWords(Pi0Config.Model model) {
        var wording = checkpoint.manner().wording(model);
        for (var task : frames.tasks()) {
            try {
                wording.tokens(task, new float[frames.stateDims()]);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "task '%s' of the data cannot be told: %s".formatted(task, e.getMessage()),
                        e);
            }
        }
    }

    /// What is there, what it will take. Measures one step; nothing changes.
    public Pi0Preflight preflight() {
        var pi0 = checkpoint.pi0();
        long trained = adapter.parameterCount();
        long frozen = pi0.parameterCount();
        int batch = config.training().batch();
        lesson.gradients(Seed.of(0));
        long start = System.nanoTime();
        lesson.gradients(Seed.of(1));
        double seconds = (System.nanoTime() - start) / 1e9;
        adapter.clearGradients();
        var lines = new LinkedHashMap<String, String>();
        var io = pi0.config().io();
        lines.put(
                "data",
                "%d episodes, %,d frames at %d fps, %d tasks"
                        .formatted(
                                frames.episodes(),
                                frames.size(),
                                frames.fps(),
                                frames.tasks().size()));
        lines.put("state", "%d of %d dimensions".formatted(frames.stateDims(), io.stateDims()));
        lines.put(
                "action",
                "%d of %d dimensions, chunks of %d (%.1f s)"
                        .formatted(
                                frames.actionDims(),
                                io.actionDims(),
                                io.horizon(),
                                (double) io.horizon() / frames.fps()));
        lines.put("cameras", cameras());
        lines.put("pictures", lesson.pictures());
        lines.put(
                "statistics",
                "of the %s, state by %s, action by %s"
                        .formatted(
                                config.statistics().name().toLowerCase(java.util.Locale.ROOT),
                                checkpoint.norms().stateRule(),
                                checkpoint.norms().actionRule()));
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
        long bytes =
                Pi0Memory.bytes(
                        pi0.config(),
                        frames.cameras().inputs().size(),
                        frozen,
                        trained,
                        batch,
                        config.training().draws());
        lines.put("memory", "about %,d MB".formatted(bytes >> 20));
        lines.put(
                "time",
                "%.2f s a step, about %s in all"
                        .formatted(seconds, duration(seconds * config.training().steps())));
        if (!warnings.isEmpty()) lines.put("warnings", String.join("; ", warnings));
        return new Pi0Preflight(lines, trained, frozen, bytes, seconds);
    }

    private String kept() {
        double average = config.training().average();
        return average == 0
                ? "the last weights"
                : "averaged weights, %s of the average kept in each step".formatted(average);
    }

    private String cameras() {
        var map = frames.cameras();
        var each =
                map.inputs().stream()
                        .map(input ->
                                input
                                        + " <- "
                                        + map.sources().getOrDefault(input, "nothing (masked)"))
                        .toList();
        var unused = frames.unused();
        return String.join(", ", each)
                + (unused.isEmpty() ? "" : "; not used: " + String.join(", ", unused));
    }

    private static String duration(double seconds) {
        long minutes = Math.round(seconds / 60);
        return minutes < 2
                ? "%.0f s".formatted(seconds)
                : minutes < 120 ? minutes + " min" : "%.1f h".formatted(seconds / 3600);
    }

    /// Trains, or goes on, and keeps the adapter in the run's folder at every save: its averaged
    /// weights if the training averages, which stay in place at the end.
    public Report train(Run run) {
        var training = config.training();
        var optimizer =
                new AdamW(
                        adapter.namedParameters(),
                        AdamW.Settings.of(training.learningRate()).withBetas(.9, .95));
        var ema = new Ema(adapter.namedParameters(), training.average());
        var state =
                RunState.of(adapter)
                        .with("optimizer", optimizer::stateDict, optimizer::load)
                        .with(RunState.AVERAGE, ema::stateDict, ema::load);
        var clip = GradientClip.norm(1);
        int steps = training.steps();
        var schedule =
                Schedule.warmupCosine(
                        training.learningRate(),
                        training.learningRate() / 10,
                        Math.min(100, steps / 2),
                        steps);
        run.progress().stage("adapting", steps);
        double loss = Double.NaN;
        for (long step = run.resume(state); step < steps; step++) {
            optimizer.learningRate(schedule.at(step));
            var batch = run.seed(step);
            loss = lesson.gradients(batch);
            run.check(step, Report.of("loss", loss), batch);
            clip.apply(optimizer.parameters());
            optimizer.step();
            optimizer.clearGradients();
            ema.updateAfter(step);
            if (step % LOG_EVERY == 0 || step + 1 == steps) run.log(step, "loss", loss);
            if (run.every(step, training.saveEvery()) || step + 1 == steps) {
                try (var _ = ema.written()) {
                    save(run.folder().resolve(ADAPTER));
                }
                run.save(step, state);
            }
        }
        ema.written();
        save(run.folder().resolve(ADAPTER));
        return Report.of("loss", loss)
                .with("steps", steps)
                .with("trained", adapter.parameterCount());
    }

    private void save(Path folder) {
        Pi0AdapterFolder.write(folder, adapter, config, frames.cameras(), checkpoint.norms());
    }

    /// Writes base and adapter as one policy, which `orrery serve` opens. The adapter stays as it
    /// is.
    public void merge(Path folder) {
        adapter.merge();
        try {
            checkpoint.save(folder);
        } finally {
            adapter.unmerge();
        }
    }

    /// The policy as it is now; a later one after more training, as policies keep embedded times.
    Pi0Policy policy() {
        return checkpoint.policy(frames.cameras(), FLOW_STEPS);
    }

    @Override
    public void close() {
        adapter.detach();
        adapter.close();
        frames.close();
        checkpoint.pi0().close();
    }
}
