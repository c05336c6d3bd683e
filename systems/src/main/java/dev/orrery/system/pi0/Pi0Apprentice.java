package dev.orrery.system.pi0;

import dev.orrery.adapter.Adapter;
import dev.orrery.nn.Module;
import dev.orrery.policy.DeltaActions;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.Norms;
import dev.orrery.policy.finetune.Apprentice;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.LeRobotFrames;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/// A published π0 or π0.5 that learns from another robot's data.
///
/// Padded dimensions and steps after an episode's end do not count in the loss, which is the flow's
/// velocity error.
final class Pi0Apprentice implements Apprentice {

    /// The attention of the expert; what takes in states and actions and gives actions is trained
    /// whole, as other robots have other ones. LeRobot's choice for π0.
    static final String EXPERT_ATTENTION = "paligemma_with_expert\\.gemma_expert\\..*\\.(q|v)_proj";

    private static final int FLOW_STEPS = 10;

    private final FinetuneConfig config;
    private final LeRobotFrames frames;
    private final Pi0Units units;
    private final Pi0Checkpoint checkpoint;
    private final Pi0Lesson lesson;
    private final List<String> warnings = new ArrayList<>();

    private Pi0Apprentice(FinetuneConfig config) {
        this.config = config;
        var folder = Path.of(config.checkpoint());
        var json = Pi0Published.config(folder);
        var inputs = Pi0Published.cameras(folder);
        var loaded = Pi0AdapterFolder.weights(folder);
        var io = loaded.config().io();
        frames = LeRobotFrames.open(config, inputs, io.horizon(), loaded::close);
        try {
            fits("state", frames.stateDims(), io.stateDims());
            fits("action", frames.actionDims(), io.actionDims());
            units = new Pi0Units(config, frames, warnings);
            var relative = units.relative(() -> relative(folder, json, frames.actionDims()));
            var variant = loaded.config().variant();
            var norms =
                    units.norms(
                            relative,
                            (s, a) -> Norms.of(s, a, Pi0Published.rule(variant)),
                            () -> own(folder, variant));
            checkpoint =
                    new Pi0Checkpoint(
                            loaded,
                            ActionHead.FLOW,
                            Pi0.Visibility.BLOCKWISE,
                            norms,
                            Pi0AdapterFolder.manner(folder, norms, relative),
                            Optional.empty());
            units.requireWords(checkpoint.manner().wording(loaded.config()));
            lesson = new Pi0Lesson(checkpoint, frames, policy(), config.training());
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
    static Pi0Apprentice open(FinetuneConfig config) {
        return new Pi0Apprentice(config);
    }

    /// What is usual: rank 16 on the expert's queries and values, 2,000 steps of 8 at 2.5e-4.
    static FinetuneConfig usual(Path checkpoint, Path data) {
        return FinetuneConfig.usual(
                checkpoint,
                data,
                new FinetuneConfig.Adapted(
                        FinetuneConfig.Method.LORA, 16, 16, EXPERT_ATTENTION, List.of()),
                new FinetuneConfig.Training(2000, 8, 4, 2.5e-4, 100));
    }

    private static void fits(String what, int found, int most) {
        if (found > most) {
            throw new IllegalArgumentException(
                    "the data's %s has %d dimensions, the network takes up to %d; drop some with orrery data remove-feature, or adapt a wider network"
                            .formatted(what, found, most));
        }
    }

    private static Optional<DeltaActions> relative(Path folder, JsonNode json, int dims) {
        return Pi0Published.type(json).equals(Pi0Checkpoint.TYPE)
                ? Pi0Checkpoint.manner(folder, json).relative()
                : Pi0Published.relative(folder, json, dims);
    }

    private static Norms own(Path folder, Pi0Variant variant) {
        if (!Pi0Published.type(Pi0Published.config(folder)).equals(Pi0Checkpoint.TYPE)) {
            return NormFiles.read(folder, Pi0Published.rule(variant), Optional.empty());
        }
        var own = Pi0Checkpoint.open(folder);
        own.pi0().close();
        return own.norms();
    }

    @Override
    public Module model() {
        return checkpoint.pi0();
    }

    @Override
    public LeRobotFrames frames() {
        return frames;
    }

    /// Those that meet states and actions.
    @Override
    public List<String> whole() {
        return switch (checkpoint.pi0().config().variant()) {
            case PI0 ->
                    List.of(
                            "state_proj",
                            "action_in_proj",
                            "action_time_mlp_in",
                            "action_time_mlp_out",
                            "action_out_proj");
            case PI05 ->
                    List.of("action_in_proj", "time_mlp_in", "time_mlp_out", "action_out_proj");
        };
    }

    @Override
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    @Override
    public SequencedMap<String, String> lines() {
        var io = checkpoint.pi0().config().io();
        var lines = new LinkedHashMap<String, String>();
        lines.put("state", "%d of %d dimensions".formatted(frames.stateDims(), io.stateDims()));
        lines.put(
                "action",
                "%d of %d dimensions, chunks of %d (%.1f s)"
                        .formatted(
                                frames.actionDims(),
                                io.actionDims(),
                                io.horizon(),
                                (double) io.horizon() / frames.fps()));
        lines.put("pictures", lesson.pictures().line());
        lines.put("statistics", units.line(checkpoint.norms()));
        return lines;
    }

    @Override
    public long bytes(long trained) {
        var pi0 = checkpoint.pi0();
        var training = config.training();
        return Pi0Memory.bytes(
                pi0.config(),
                frames.cameras().inputs().size(),
                pi0.parameterCount(),
                trained,
                training.batch(),
                training.draws());
    }

    @Override
    public double gradients(Seed seed) {
        return lesson.gradients(seed);
    }

    @Override
    public void keep(Path folder, Adapter adapter) {
        Pi0AdapterFolder.write(folder, adapter, config, frames.cameras(), checkpoint.norms());
    }

    @Override
    public void save(Path folder) {
        checkpoint.save(folder);
    }

    /// The policy as it is now; a later one after more training, as policies keep embedded times.
    Pi0Policy policy() {
        return checkpoint.policy(frames.cameras(), FLOW_STEPS);
    }

    @Override
    public void close() {
        frames.close();
        checkpoint.pi0().close();
    }
}
