package dev.orrery.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Measures a [Claim]: writes the plan, then every arm with every seed, then the verdicts.
///
/// The folder holds `plan.json` (before the first result), a run folder a measurement
/// (`EXPERIMENT/ARM/seed-N`) and `ID.json` a trial. A measurement that is there already is not
/// repeated, so a stopped claim goes on where it was.
public final class ClaimRun {

    private static final String MEASUREMENT = "measurement.json";

    private final List<Trial> trials;
    private final String system;
    private final Path folder;
    private final List<Long> onlySeeds;
    private final Progress progress;

    /// @param only ids of trials to measure; all if empty
    /// @param onlySeeds seeds to measure; all if empty
    /// @throws IllegalArgumentException if `only` names a trial that is not there
    public ClaimRun(
            Claim claim,
            Path folder,
            boolean rehearse,
            List<String> only,
            List<Long> onlySeeds,
            Progress progress) {
        var all = rehearse ? claim.rehearsal() : claim.trials();
        var ids = all.stream().map(Trial::id).toList();
        for (var id : only) {
            if (!ids.contains(id)) {
                throw new IllegalArgumentException(
                        "the claim of %s has no trial '%s'; %s"
                                .formatted(claim.system(), id, Nearest.hint(id, ids)));
            }
        }
        this.trials = all.stream().filter(t -> only.isEmpty() || only.contains(t.id())).toList();
        this.system = claim.system();
        this.folder = folder;
        this.onlySeeds = List.copyOf(onlySeeds);
        this.progress = progress;
    }

    /// Measures and judges.
    public List<TrialResult> measure() {
        plan();
        var results = new ArrayList<TrialResult>();
        for (var trial : trials) {
            var seeds = seeds(trial);
            var measurements = new ArrayList<Results.Measurement>();
            int total = trial.arms().size() * seeds.size();
            for (long seed : seeds) {
                for (var arm : trial.arms()) {
                    progress.stage(
                            "%s %s: %s, seed %d (%d of %d)"
                                    .formatted(
                                            system,
                                            trial.id(),
                                            arm,
                                            seed,
                                            measurements.size() + 1,
                                            total),
                            0);
                    measurements.add(measure(trial, arm, seed));
                }
            }
            var result = TrialResult.of(trial, seeds, new Results(measurements));
            write(trial.id() + ".json", result);
            progress.note(
                    "%s %s: %s"
                            .formatted(
                                    result.id(),
                                    result.verdict().outcome(),
                                    result.verdict().reason()));
            results.add(result);
        }
        return results;
    }

    private List<Long> seeds(Trial trial) {
        if (onlySeeds.isEmpty()) {
            return trial.seeds();
        }
        var chosen = trial.seeds().stream().filter(onlySeeds::contains).toList();
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException(
                    "trial %s has none of the seeds %s; it has %s"
                            .formatted(trial.id(), onlySeeds, trial.seeds()));
        }
        return chosen;
    }

    private void plan() {
        var plan = new ArrayList<Map<String, Object>>();
        for (var trial : trials) {
            var entry = new LinkedHashMap<String, Object>();
            entry.put("id", trial.id());
            entry.put("statement", trial.statement());
            entry.put("arms", trial.arms());
            entry.put("seeds", trial.seeds());
            entry.put("metric", trial.metric());
            entry.put("threshold", trial.threshold());
            plan.add(entry);
        }
        write("plan.json", Map.of("system", system, "trials", plan));
    }

    private Results.Measurement measure(Trial trial, String arm, long seed) {
        var place = folder.resolve(trial.experiment().name()).resolve(arm).resolve("seed-" + seed);
        var done = place.resolve(MEASUREMENT);
        if (Files.exists(done)) {
            return ConfigBinder.bind(ConfigBinder.readObject(done), Results.Measurement.class);
        }
        forget(place);
        var origin = new Origin(trial.experiment().name(), arm);
        var info = RunInfo.now(system, "claim", seed, origin);
        try (var run = Run.create(place, info, progress)) {
            long start = System.nanoTime();
            var report = trial.experiment().measure().measure(arm, run);
            double seconds = (System.nanoTime() - start) / 1e9;
            var measurement = new Results.Measurement(arm, seed, report, seconds, info.machine());
            run.write(MEASUREMENT, measurement);
            return measurement;
        }
    }

    /// What a measurement's run folder says about itself.
    private record Origin(String experiment, String arm) {}

    /// A measurement that was broken off starts anew.
    private static void forget(Path place) {
        try {
            Files.deleteIfExists(place.resolve(RunInfo.FILE));
            Files.deleteIfExists(place.resolve(Metrics.FILE));
        } catch (IOException e) {
            throw Run.failed(place, e);
        }
    }

    private void write(String name, Object value) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(name), ConfigBinder.json(value) + "\n");
        } catch (IOException e) {
            throw Run.failed(folder, e);
        }
    }
}
