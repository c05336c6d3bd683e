package dev.orrery.system.pi0;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.run.Checkpoints;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunState;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The policy of a run at earlier steps, to see how it came to act as it does.
///
/// The folder `policies` holds the averaged weights of every save of stage 1; those of an older run
/// are taken from its checkpoints, as far as it kept them. All files appear whole or not at all.
final class Pi0Snapshots {

    private static final String FOLDER = "policies", NAME = "step-\\d+";

    private final Path run;

    private Pi0Snapshots(Path run) {
        this.run = run;
    }

    static Pi0Snapshots of(Path run) {
        return new Pi0Snapshots(run);
    }

    /// What the policy after so many steps is called.
    static String name(long steps) {
        return "step-%08d".formatted(steps);
    }

    /// Keeps the averaged weights.
    void keep(long steps, Pi0 pi0) {
        try {
            Files.createDirectories(run.resolve(FOLDER));
            pi0.save(file(name(steps)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path file(String name) {
        return run.resolve(FOLDER).resolve(name + ".safetensors");
    }

    /// After how many steps there is a policy, the most first.
    List<Long> steps() {
        long first = RunInfo.read(run).config().at("/grounding/steps").asLong(0);
        var checkpoints = new Checkpoints(run).all().stream().map(Checkpoints::steps);
        return Stream.concat(kept().stream(), checkpoints.filter(s -> s > first))
                .distinct()
                .sorted(Comparator.reverseOrder())
                .toList();
    }

    private List<Long> kept() {
        if (!Files.isDirectory(run.resolve(FOLDER))) {
            return List.of();
        }
        try (var files = Files.list(run.resolve(FOLDER))) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> f.matches(NAME + "\\.safetensors"))
                    .map(f -> Long.parseLong(f.replaceAll("\\D", "")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Puts the averaged weights of a name into a network.
    ///
    /// @throws CheckpointException if they are gone or do not fit
    void load(Pi0 pi0, String name) {
        if (Files.exists(file(name))) {
            pi0.load(file(name));
            return;
        }
        var checkpoint = run.resolve("checkpoints").resolve(name + ".safetensors");
        try (var _ = TensorScope.open()) {
            pi0.load(average(Safetensors.read(checkpoint)));
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(
                    checkpoint,
                    "",
                    String.valueOf(e.getMessage()),
                    "use the run's own configuration",
                    e);
        }
    }

    private static Map<String, Tensor> average(Map<String, Tensor> all) {
        var prefix = RunState.AVERAGE + "/";
        var weights = new LinkedHashMap<String, Tensor>();
        all.forEach((key, tensor) -> {
            if (key.startsWith(prefix)) {
                weights.put(key.substring(prefix.length()), tensor);
            }
        });
        return weights;
    }
}
