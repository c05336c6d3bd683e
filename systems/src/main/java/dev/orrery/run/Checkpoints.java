package dev.orrery.run;

import dev.orrery.checkpoint.AtomicFile;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The checkpoints of a run folder: `checkpoints/step-00000500.safetensors`, whose number is the
/// count of finished steps. Each is written whole or not at all; the newest few are kept.
public final class Checkpoints {

    private static final int KEPT = 3;
    private static final String NAME = "step-\\d+\\.safetensors";

    private final Path folder;

    /// The checkpoints of the run in `runFolder`.
    public Checkpoints(Path runFolder) {
        this.folder = runFolder.resolve("checkpoints");
    }

    /// All checkpoints, the newest first.
    public List<Path> all() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().matches(NAME))
                    .sorted(Comparator.comparingLong(Checkpoints::steps).reversed())
                    .toList();
        } catch (IOException e) {
            throw Run.failed(folder, e);
        }
    }

    /// How many steps were finished when a checkpoint was written.
    public static long steps(Path checkpoint) {
        return Long.parseLong(checkpoint.getFileName().toString().replaceAll("\\D", ""));
    }

    /// Loads the newest weights into a model, averaged ones where the run keeps them.
    ///
    /// @return the checkpoint that they came from
    /// @throws CheckpointException if it does not fit the model
    /// @throws RunException if there is no checkpoint
    public Path load(Module model) {
        var newest =
                all().stream()
                        .findFirst()
                        .orElseThrow(() ->
                                new RunException(
                                        "%s holds no checkpoint; train first".formatted(folder)));
        load(model, newest);
        return newest;
    }

    /// Loads the weights of one checkpoint into a model, averaged ones where it has them.
    public static void load(Module model, Path checkpoint) {
        try (var _ = TensorScope.open()) {
            var all = Safetensors.read(checkpoint);
            var weights = new LinkedHashMap<>(RunState.part(all, RunState.MODEL));
            weights.putAll(RunState.part(all, RunState.AVERAGE));
            model.load(weights);
        }
    }

    void save(long finished, Map<String, Tensor> tensors, Map<String, String> metadata) {
        Safetensors.writeChecked(
                folder.resolve("step-%08d.safetensors".formatted(finished)), tensors, metadata);
        forgetOld();
    }

    /// Restores the newest checkpoint that can be read.
    ///
    /// @return how many steps are finished, or nothing if there is no checkpoint
    Optional<Long> restore(RunState state, Progress progress) {
        for (var file : all()) {
            try (var _ = TensorScope.open()) {
                state.load(Safetensors.read(file));
                return Optional.of(steps(file));
            } catch (CheckpointException e) {
                progress.note(e.getMessage() + "; trying the one before");
            }
        }
        return Optional.empty();
    }

    private void forgetOld() {
        try {
            for (var old : all().stream().skip(KEPT).toList()) {
                Files.deleteIfExists(old);
            }
            AtomicFile.sweep(folder);
        } catch (IOException e) {
            throw Run.failed(folder, e);
        }
    }
}
