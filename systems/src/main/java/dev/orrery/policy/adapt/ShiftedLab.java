package dev.orrery.policy.adapt;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.env.BatchPolicy;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.policy.tabletop.ShiftedTable;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Adapts a saved policy to the [ShiftedTable] in any [Manner] and at any rate, chooses rates by
/// validation demonstrations, and measures success on starts that neither training nor choice has
/// seen.
///
/// What was trained at a rate is kept in a folder, so that work that was broken off goes on there.
public final class ShiftedLab {

    private static final int VALIDATION_BATCHES = 8;
    private static final String VALIDATION = "validation", BYTES = "bytes";

    private final Adapts system;
    private final Path base, folder;
    private final Budget budget;
    private final long seed, heldOut;
    private final Watcher watcher;

    /// Hears how far the work is, and may throw to break it off.
    @FunctionalInterface
    public interface Watcher {
        /// @param stage what is being done
        /// @param done how much of it
        /// @param total of how much
        /// @param detail the latest numbers
        void at(String stage, long done, long total, String detail);
    }

    /// How much of everything.
    ///
    /// @param families of the demonstrations; all thirteen of the shifted table if empty
    /// @param perFamily demonstrations a family
    /// @param validation demonstrations a family to choose by
    /// @param plan of the training, at the rate that others are multiples of
    /// @param episodes that success is measured by, a family of the core
    /// @param execute actions executed of each chunk
    public record Budget(
            List<Family> families,
            int perFamily,
            int validation,
            Adaptation.Plan plan,
            int episodes,
            int execute) {
        public Budget {
            families = List.copyOf(families);
            if (perFamily < 1 || validation < 1 || episodes < 1) {
                throw new IllegalArgumentException(
                        "%d demonstrations a family, %d to choose by, %d episodes; all must be at least 1"
                                .formatted(perFamily, validation, episodes));
            }
        }

        /// 40 demonstrations a family and 5 to choose by, 500 steps of 32 frames, 25 episodes.
        ///
        /// @param rate that others are multiples of
        public static Budget laptop(double rate) {
            return new Budget(List.of(), 40, 5, new Adaptation.Plan(500, 32, rate), 25, 2);
        }

        /// What is laid over a system's preset `smoke` for a base that is as good as untrained.
        public static final List<String> TINY_BASE =
                List.of(
                        "demonstrations.perFamily=2",
                        "grounding.steps=2",
                        "training.steps=2",
                        "evaluation.episodes=1");

        /// As good as nothing.
        public static Budget smoke(List<Family> families, double rate) {
            return new Budget(families, 2, 1, new Adaptation.Plan(3, 4, rate), 1, 2);
        }

        /// The same, measured otherwise.
        public Budget measuredBy(int episodes, int execute) {
            return new Budget(families, perFamily, validation, plan, episodes, execute);
        }

        private List<Family> taught() {
            return families.isEmpty() ? ShiftedTable.FAMILIES : families;
        }

        private List<Family> examined() {
            return Family.CORE.stream().filter(taught()::contains).toList();
        }
    }

    /// @param system opens the base
    /// @param base a saved policy
    /// @param folder where trained parameters are kept
    /// @param seed of demonstrations and training
    /// @param heldOut of the measurement
    public ShiftedLab(
            Adapts system,
            Path base,
            Path folder,
            Budget budget,
            long seed,
            long heldOut,
            Watcher watcher) {
        this.system = system;
        this.base = base;
        this.folder = folder;
        this.budget = budget;
        this.seed = seed;
        this.heldOut = heldOut;
        this.watcher = watcher;
    }

    /// The base on the shifted table's frames, not adapted.
    public Pupil pupil() {
        return system.open(
                base,
                frames("training", budget.perFamily()),
                frames("validation", budget.validation()));
    }

    private FrameSource frames(String what, int perFamily) {
        var recorded =
                Demonstrations.collect(
                        budget.taught(),
                        perFamily,
                        Seed.of(seed).split("shifted " + what).key(),
                        Demonstrations.NOISE,
                        (done, total) -> watcher.at("recording demonstrations", done, total, ""));
        return ShiftedTable.frames(new FrameSource.Recorded(recorded));
    }

    /// The adaptation of a pupil at a rate, as this laboratory does it.
    public Adaptation adaptation(Pupil pupil, Manner manner, double rate) {
        return Adaptation.of(pupil, manner, budget.plan().at(rate), Seed.of(seed).split("adapt"));
    }

    /// The loss on validation demonstrations, whose frames and noise are always the same.
    public double validation(Pupil pupil) {
        double sum = 0;
        for (int i = 0; i < VALIDATION_BATCHES; i++) {
            try (var _ = Grad.disabled();
                    var _ = TensorScope.open()) {
                var own = Seed.of(seed).split("validation").split(i);
                sum += pupil.loss(Pupil.Frames.VALIDATION, 2 * budget.plan().batch(), own).item();
            }
        }
        return sum / VALIDATION_BATCHES;
    }

    /// Trains at a rate unless that is done already; the validation loss, infinite for a training
    /// that did not stay finite.
    ///
    /// @param name what progress calls it
    public double train(String name, Manner manner, double rate) {
        var file = file(rate);
        if (Files.isRegularFile(file)) return told(file, VALIDATION);
        try (var pupil = pupil();
                var adaptation = adaptation(pupil, manner, rate)) {
            boolean sound = run(name + " at %.2g".formatted(rate), adaptation);
            double loss = sound ? validation(pupil) : Double.POSITIVE_INFINITY;
            double known = Double.isFinite(loss) ? loss : Double.POSITIVE_INFINITY;
            create(folder);
            Safetensors.write(
                    file,
                    adaptation.state(),
                    Map.of(
                            VALIDATION,
                            Double.toString(known),
                            BYTES,
                            Long.toString(adaptation.trainingBytes())));
            return known;
        }
    }

    private boolean run(String stage, Adaptation adaptation) {
        int steps = budget.plan().steps();
        for (int step = 0; step < steps; step++) {
            double loss = adaptation.step(step);
            if (!Double.isFinite(loss)) return false;
            watcher.at(stage, step + 1L, steps, "loss %.4g".formatted(loss));
        }
        return true;
    }

    /// The rate of the smallest validation loss, the first of equals; trains at each that is not
    /// done already.
    public double best(String name, Manner manner, List<Double> rates) {
        double best = rates.getFirst(), least = Double.POSITIVE_INFINITY;
        for (double rate : rates) {
            double loss = train(name, manner, rate);
            if (loss < least) {
                least = loss;
                best = rate;
            }
        }
        return best;
    }

    /// Bytes of gradients and optimiser that the training at a rate took.
    public long trainingBytes(double rate) {
        return (long) told(file(rate), BYTES);
    }

    /// Does something with the policy as it was trained at a rate.
    public <T> T with(Manner manner, double rate, Function<Adapted, T> use) {
        try (var pupil = pupil();
                var adaptation = adaptation(pupil, manner, rate);
                var _ = TensorScope.open()) {
            adaptation.load(Safetensors.read(file(rate)));
            return use.apply(new Adapted(pupil, adaptation));
        }
    }

    /// A policy as it was trained.
    ///
    /// @param pupil the policy
    /// @param adaptation what was trained
    public record Adapted(Pupil pupil, Adaptation adaptation) {}

    /// The success rate on the shifted table.
    public double shifted(Pupil pupil) {
        return success(
                "measuring on the shifted table",
                ShiftedTable.policy(pupil.batched(budget.execute())));
    }

    /// The success rate on the table that the base was trained for.
    public double original(Pupil pupil) {
        return success("measuring on the first table", pupil.batched(budget.execute()));
    }

    private double success(String stage, BatchPolicy<float[]> policy) {
        var starts = Split.L0.starts(budget.examined(), budget.episodes());
        var subject = new Suite.Subject("adapted", "", budget.execute(), heldOut);
        return Suite.evaluate(
                        Split.L0,
                        starts,
                        subject,
                        policy,
                        Suite.BATCH,
                        (done, total) -> watcher.at(stage, done, total, ""))
                .overall()
                .rate();
    }

    private Path file(double rate) {
        return folder.resolve("rate-%.3e.safetensors".formatted(rate));
    }

    private static double told(Path file, String key) {
        var metadata = Safetensors.inspect(file).getFirst().metadata();
        return Double.parseDouble(metadata.getOrDefault(key, "NaN"));
    }

    private static void create(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
