package dev.orrery.system.pi0;

import dev.orrery.adapter.AdapterConfig;
import dev.orrery.run.ConfigBinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.ObjectNode;

/// How a published policy is adapted to a data set.
///
/// @param checkpoint the policy's folder
/// @param data the LeRobot data set's folder
/// @param cameras `INPUT=CAMERA`: which of the data's cameras feeds which input; by name if empty
/// @param relative runs of relative (positive) and absolute (negative) actions, such as 6, -1; the
///   folder's own if empty
/// @param statistics whose statistics normalise
/// @param constant dimensions that are known not to move, such as `state:3` or `action:6`
/// @param adapter what is trained
/// @param training how
public record Pi0FinetuneConfig(
        String checkpoint,
        String data,
        List<String> cameras,
        List<Integer> relative,
        Source statistics,
        List<String> constant,
        Adapted adapter,
        Training training) {

    /// Whose statistics.
    public enum Source {
        /// Those of the data that is learned from: another robot, other units.
        DATA,
        /// Those that the policy came with: the same robot.
        CHECKPOINT
    }

    /// How weights change.
    public enum Method {
        LORA,
        DORA,
        DELORA
    }

    /// What is trained.
    ///
    /// @param strength alpha, or DeLoRA's lambda
    /// @param targets a regular expression over whole paths
    /// @param saved modules trained whole
    public record Adapted(
            Method method, int rank, double strength, String targets, List<String> saved) {
        public Adapted {
            saved = List.copyOf(saved);
        }

        /// For the shared part.
        AdapterConfig config() {
            var how =
                    switch (method) {
                        case LORA -> new AdapterConfig.Method.Lora(rank, strength, false);
                        case DORA -> new AdapterConfig.Method.Dora(rank, strength, false);
                        case DELORA -> new AdapterConfig.Method.Delora(rank, strength);
                    };
            return new AdapterConfig(how, new AdapterConfig.Targets.Matching(targets))
                    .saving(saved);
        }
    }

    /// How it is trained: AdamW, warm-up, cosine to a tenth.
    ///
    /// @param draws noise and time draws an observation, which share the pass over its pictures
    /// @param saveEvery steps between saves
    /// @param augmented whether pictures are changed at random ([dev.orrery.vision.Augmentation])
    /// @param average share of the averaged weights that a step keeps, such as 0.999; 0 keeps the
    ///   last weights
    public record Training(
            int steps,
            int batch,
            int draws,
            double learningRate,
            int saveEvery,
            boolean augmented,
            double average) {

        /// Pictures as they are, the last weights.
        public Training(int steps, int batch, int draws, double learningRate, int saveEvery) {
            this(steps, batch, draws, learningRate, saveEvery, false, 0);
        }

        public Training {
            if (!(average >= 0 && average < 1)) {
                throw new IllegalArgumentException(
                        "finetune: a step cannot keep %s of the averaged weights; use 0 for none, below 1, such as 0.999"
                                .formatted(average));
            }
            if (steps < 1 || batch < 1 || draws < 1 || saveEvery < 1 || !(learningRate > 0)) {
                throw new IllegalArgumentException(
                        "finetune: %d steps of %d observations and %d draws at rate %s, saved every %d; all must be positive"
                                .formatted(steps, batch, draws, learningRate, saveEvery));
            }
        }
    }

    /// The attention of the expert; what takes in states and actions and gives actions is trained
    /// whole, as other robots have other ones. LeRobot's choice for π0.
    public static final String EXPERT_ATTENTION =
            "paligemma_with_expert\\.gemma_expert\\..*\\.(q|v)_proj";

    public Pi0FinetuneConfig {
        cameras = List.copyOf(cameras);
        relative = List.copyOf(relative);
        constant = List.copyOf(constant);
    }

    /// The configuration of a run, which may be older than some keys: those have the usual values.
    public static Pi0FinetuneConfig stored(JsonNode config) {
        var tree = (ObjectNode) config.deepCopy();
        if (tree.path("training") instanceof ObjectNode training) {
            training.putIfAbsent("augmented", BooleanNode.FALSE);
            training.putIfAbsent("average", DoubleNode.valueOf(0));
        }
        return ConfigBinder.bind(tree, Pi0FinetuneConfig.class);
    }

    /// What is usual: rank 16 on the expert's queries and values, 2,000 steps of 8 at 2.5e-4.
    ///
    /// @throws IllegalArgumentException if the checkpoint's folder is not there
    public static Pi0FinetuneConfig usual(Path checkpoint, Path data) {
        return new Pi0FinetuneConfig(
                existing("checkpoint", checkpoint),
                existing("data", data),
                List.of(),
                List.of(),
                Source.DATA,
                List.of(),
                new Adapted(Method.LORA, 16, 16, EXPERT_ATTENTION, List.of()),
                new Training(2000, 8, 4, 2.5e-4, 100));
    }

    private static String existing(String what, Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    "finetune: there is no %s folder %s".formatted(what, folder));
        }
        return folder.toAbsolutePath().normalize().toString();
    }

    /// The modules that are trained whole: the named ones, else those that meet states and actions.
    List<String> saved(Pi0Variant variant) {
        if (!adapter.saved().isEmpty()) return adapter.saved();
        return switch (variant) {
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
}
