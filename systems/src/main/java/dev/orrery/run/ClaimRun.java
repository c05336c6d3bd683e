package dev.orrery.run;

import dev.orrery.env.Nearest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Measures a [Claim]: writes the plan, then every arm with every seed, then the verdicts.
///
/// The folder holds `plan.json` (before the first result), a run folder a measurement
/// (`EXPERIMENT/ARM/seed-N`) and `ID.json` a trial. A measurement that is there already, made with
/// the same settings, is not repeated; one that was broken off goes on from its last checkpoint if
/// the code is still the same, else it starts anew.
public final class ClaimRun {

    private static final String MEASUREMENT = "measurement.json";

    private final List<Trial> trials;
    private final String system;
    private final Path folder;
    private final Part part;
    private final Published published;
    private final Progress progress;

    /// What is measured of a claim, which may be done part by part, on several machines.
    ///
    /// @param trials their ids; all if empty
    /// @param arms all if empty
    /// @param seeds all if empty
    public record Part(List<String> trials, List<String> arms, List<Long> seeds) {

        /// Everything.
        public static final Part WHOLE = new Part(List.of(), List.of(), List.of());

        public Part {
            trials = List.copyOf(trials);
            arms = List.copyOf(arms);
            seeds = List.copyOf(seeds);
        }

        private boolean has(Trial trial) {
            return (trials.isEmpty() || trials.contains(trial.id()))
                    && trial.arms().stream().anyMatch(this::has);
        }

        private boolean has(String arm) {
            return arms.isEmpty() || arms.contains(arm);
        }
    }

    /// @param published results that count as measured; see [Published#none]
    /// @throws IllegalArgumentException if the part names a trial or an arm that is not there
    public ClaimRun(
            Claim claim,
            Path folder,
            boolean rehearse,
            Part part,
            Published published,
            Progress progress) {
        var all = rehearse ? claim.rehearsal() : claim.trials();
        requireKnown(claim, "trial", part.trials(), all.stream().map(Trial::id).toList());
        var arms = all.stream().flatMap(t -> t.arms().stream()).distinct().toList();
        requireKnown(claim, "arm", part.arms(), arms);
        this.trials = all.stream().filter(part::has).toList();
        if (trials.isEmpty()) {
            throw new IllegalArgumentException(
                    "none of the trials %s has one of the arms %s"
                            .formatted(part.trials(), part.arms()));
        }
        this.system = claim.system();
        this.folder = folder;
        this.part = part;
        this.published = published;
        this.progress = progress;
    }

    private static void requireKnown(
            Claim claim, String what, List<String> wanted, List<String> there) {
        for (var name : wanted) {
            if (!there.contains(name)) {
                throw new IllegalArgumentException(
                        "the claim of %s has no %s '%s'; %s"
                                .formatted(claim.system(), what, name, Nearest.hint(name, there)));
            }
        }
    }

    /// Measures, and judges the trials whose arms are all measured.
    public List<TrialResult> measure() {
        plan();
        var results = new ArrayList<TrialResult>();
        for (var trial : trials) {
            var seeds = seeds(trial);
            var measurements = new ArrayList<Results.Measurement>();
            var arms = trial.arms().stream().filter(part::has).toList();
            int total = arms.size() * seeds.size();
            for (long seed : seeds) {
                for (var arm : arms) {
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
            var missing = addOthers(trial, seeds, measurements);
            if (!missing.isEmpty()) {
                progress.note(
                        "%s %s: not judged, as these are not measured yet: %s"
                                .formatted(system, trial.id(), String.join(", ", missing)));
                continue;
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

    /// Adds what other processes have measured of the arms that are not this part's.
    ///
    /// @return what they have not
    private List<String> addOthers(
            Trial trial, List<Long> seeds, List<Results.Measurement> measurements) {
        var missing = new ArrayList<String>();
        for (long seed : seeds) {
            for (var arm : trial.arms()) {
                if (part.has(arm)) continue;
                known(trial, arm, seed)
                        .ifPresentOrElse(
                                measurements::add,
                                () -> missing.add("%s with seed %d".formatted(arm, seed)));
            }
        }
        return missing;
    }

    private List<Long> seeds(Trial trial) {
        if (part.seeds().isEmpty()) {
            return trial.seeds();
        }
        if (trial.seeds().stream().noneMatch(part.seeds()::contains)) {
            throw new IllegalArgumentException(
                    "trial %s has none of the seeds %s; it has %s"
                            .formatted(trial.id(), part.seeds(), trial.seeds()));
        }
        return trial.seeds().stream()
                .filter(seed ->
                        part.seeds().contains(seed)
                                || trial.arms().stream()
                                        .allMatch(arm -> known(trial, arm, seed).isPresent()))
                .toList();
    }

    /// A measurement that need not be made again: of this folder, or published.
    private Optional<Results.Measurement> known(Trial trial, String arm, long seed) {
        var file = place(trial, arm, seed).resolve(MEASUREMENT);
        var own =
                Files.exists(file)
                        ? Optional.of(ConfigBinder.read(file, Results.Measurement.class))
                        : Optional.<Results.Measurement>empty();
        var settings = settings(trial, arm);
        var fitting = own.filter(m -> m.settings().equals(settings));
        if (own.isPresent() && fitting.isEmpty()) {
            progress.note("%s was measured with other settings; it does not count".formatted(file));
        }
        return fitting.or(() -> published.find(trial.experiment().name(), arm, seed, settings));
    }

    private Path place(Trial trial, String arm, long seed) {
        return folder.resolve(trial.experiment().name()).resolve(arm).resolve("seed-" + seed);
    }

    private static String settings(Trial trial, String arm) {
        return Settings.digest(trial.experiment().settings().apply(arm));
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
        var known = known(trial, arm, seed);
        if (known.isPresent()) {
            return known.get();
        }
        var settings = settings(trial, arm);
        try (var run = begin(place(trial, arm, seed), info(trial, arm, seed))) {
            long start = System.nanoTime();
            var report = trial.experiment().measure().measure(arm, run);
            double seconds = (System.nanoTime() - start) / 1e9;
            var machine = run.info().machine();
            var measurement =
                    new Results.Measurement(arm, seed, report, seconds, machine, settings);
            run.write(MEASUREMENT, measurement);
            return measurement;
        }
    }

    /// A new run, or the one that was broken off here, if it was the same in everything.
    private Run begin(Path place, RunInfo info) {
        if (Files.exists(place.resolve(RunInfo.FILE))) {
            var there = RunInfo.read(place);
            if (there.preset().equals(info.preset())
                    && there.config().equals(info.config())
                    && there.machine().equals(info.machine())) {
                return Run.reopen(place, progress);
            }
            forget(place);
        }
        return Run.create(place, info, progress);
    }

    /// What a measurement's run folder says about itself: the arm's own configuration where it has
    /// one, so that what was trained can be played and looked at like any other run.
    private RunInfo info(Trial trial, String arm, long seed) {
        var name = trial.experiment().name();
        var config =
                trial.experiment().settings().apply(arm) instanceof Record own
                        ? own
                        : new Origin(name, arm, settings(trial, arm));
        return RunInfo.now(system, "claim %s, %s".formatted(name, arm), seed, config);
    }

    /// What is said of an arm without a configuration.
    private record Origin(String experiment, String arm, String settings) {}

    /// What other code or other settings left behind is no start for this measurement.
    private static void forget(Path place) {
        try (var all = Files.walk(place)) {
            for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw Run.failed(place, e);
        }
    }

    private void write(String name, Object value) {
        try {
            ConfigBinder.write(folder.resolve(name), value);
        } catch (IOException e) {
            throw Run.failed(folder, e);
        }
    }
}
