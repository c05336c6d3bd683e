package dev.orrery.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Measurements of a claim that were published before, in `claims/SYSTEM-ID.json` of a folder of
/// documents, each with the machine and the commit that it was made with.
///
/// A claim takes hours; it may be measured seed by seed, on several evenings.
///
/// @param results what was published
public record Published(List<TrialResult> results) {

    public Published {
        results = List.copyOf(results);
    }

    /// Nothing that counts.
    public static Published none() {
        return new Published(List.of());
    }

    /// What a folder of documents says about a system.
    ///
    /// @throws RunException if a file there is not what [#write] writes
    public static Published read(Path docs, String system) {
        var folder = docs.resolve("claims");
        if (!Files.isDirectory(folder)) {
            return none();
        }
        var results = new ArrayList<TrialResult>();
        try (var files = Files.newDirectoryStream(folder, system + "-*.json")) {
            for (var file : files) {
                results.add(ConfigBinder.read(file, TrialResult.class));
            }
        } catch (IOException e) {
            throw Run.failed(folder, e);
        }
        return new Published(results);
    }

    /// Publishes a result.
    static void write(Path docs, String system, TrialResult result) throws IOException {
        ConfigBinder.write(
                docs.resolve("claims/%s-%s.json".formatted(system, result.id())), result);
    }

    /// The measurement of an arm with a seed under these settings.
    Optional<Results.Measurement> find(String experiment, String arm, long seed, String settings) {
        return results.stream()
                .filter(r -> r.experiment().equals(experiment))
                .flatMap(r -> r.results().measurements().stream())
                .filter(m -> m.arm().equals(arm) && m.seed() == seed)
                .filter(m -> m.settings().equals(settings))
                .findFirst();
    }
}
