package dev.orrery.policy.finetune;

import dev.orrery.adapter.AdapterConfig;
import dev.orrery.policy.ConstantDimensions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
public record FinetuneConfig(
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
    /// @param targets a regular expression over whole paths, or [#ALL_LINEAR]
    /// @param saved modules trained whole; the family's own if empty
    public record Adapted(
            Method method, int rank, double strength, String targets, List<String> saved) {
        public Adapted {
            saved = List.copyOf(saved);
        }

        /// As targets: every linear layer but the output layer.
        public static final String ALL_LINEAR = "all-linear";

        /// For the shared part.
        ///
        /// @param whole modules trained whole where none are named
        AdapterConfig config(List<String> whole) {
            var how =
                    switch (method) {
                        case LORA -> new AdapterConfig.Method.Lora(rank, strength, false);
                        case DORA -> new AdapterConfig.Method.Dora(rank, strength, false);
                        case DELORA -> new AdapterConfig.Method.Delora(rank, strength);
                    };
            var layers =
                    targets.equals(ALL_LINEAR)
                            ? new AdapterConfig.Targets.AllLinear()
                            : new AdapterConfig.Targets.Matching(targets);
            return new AdapterConfig(how, layers).saving(saved.isEmpty() ? whole : saved);
        }
    }

    /// How it is trained: AdamW, warm-up, cosine to a tenth.
    ///
    /// @param draws noise and time draws an observation, which share the pass over its pictures; 1
    ///   for policies without noise
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

    public FinetuneConfig {
        cameras = List.copyOf(cameras);
        relative = List.copyOf(relative);
        constant = List.copyOf(constant);
    }

    /// The dimensions that are declared constant.
    ///
    /// @throws IllegalArgumentException if one is not of the form `state:N` or `action:N`
    public ConstantDimensions constants() {
        return new ConstantDimensions(constant, "--constant");
    }

    /// What is usual for a family of policies.
    ///
    /// @throws IllegalArgumentException if one of the folders is not there
    public static FinetuneConfig usual(
            Path checkpoint, Path data, Adapted adapter, Training training) {
        return new FinetuneConfig(
                existing("checkpoint", checkpoint),
                existing("data", data),
                List.of(),
                List.of(),
                Source.DATA,
                List.of(),
                adapter,
                training);
    }

    private static String existing(String what, Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    "finetune: there is no %s folder %s".formatted(what, folder));
        }
        return folder.toAbsolutePath().normalize().toString();
    }
}
