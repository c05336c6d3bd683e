package dev.orrery.system.dynalang;

import dev.orrery.run.Run;
import dev.orrery.system.dynalang.DynalangConfig.Evaluation;
import dev.orrery.system.dynalang.DynalangConfig.Experience;
import dev.orrery.system.dynalang.DynalangConfig.Model;
import dev.orrery.system.dynalang.DynalangConfig.Reading;
import dev.orrery.system.dynalang.DynalangConfig.Text;
import dev.orrery.system.dynalang.DynalangConfig.View;
import dev.orrery.system.dynalang.DynalangConfig.World;
import dev.orrery.worldmodel.Form;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/// The shapes of sheeprl's CPU benchmark of DreamerV3: pictures of 64 × 64 in one world, 16,384
/// steps, an update on 16 × 64 steps for every 16 of them after the first 1,024, dreams of 15
/// steps, a recurrent state of 8, 4 × 4 latents, layers of 8.
///
/// The published time on four cores is 1,589 s (version 0.5.5) with an Atari game; here the
/// pictures are those of CartPole.
public final class MicroBenchmark {

    /// Steps and updates of the whole benchmark.
    public static final int STEPS = 16_384, UPDATES = 960;

    /// What the whole benchmark may take on two cores.
    public static final double LIMIT_SECONDS = 700;

    private static final int WARM_UP = 3;

    /// @param timedUpdates how many updates were timed
    /// @param secondsPerUpdate mean time of one
    /// @param secondsPerStep mean time of a step in the world, deciding included
    /// @param wholeSeconds what the whole benchmark comes to
    public record Result(
            int timedUpdates,
            double secondsPerUpdate,
            double secondsPerStep,
            double wholeSeconds) {}

    private MicroBenchmark() {}

    /// Times some updates and works out the whole.
    public static Result run(int updates) {
        Path folder = null;
        try {
            folder = Files.createTempDirectory("orrery-micro");
            try (var run = Run.create(folder.resolve("run"), "dreamerv3", config(), 0)) {
                var training = new Training(config(), run);
                training.practise(0, WARM_UP);
                var spent = training.practise(WARM_UP, updates);
                double update = spent.learning() / updates;
                double step = spent.acting() / spent.steps();
                return new Result(updates, update, step, UPDATES * update + STEPS * step);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder for the benchmark", e);
        } finally {
            if (folder != null) delete(folder);
        }
    }

    private static DynalangConfig config() {
        return new DynalangConfig(
                new World("cartpole", "plain", View.PIXELS, Reading.NONE),
                Model.published(Form.V2023, "micro"),
                new DynalangConfig.Training(STEPS, 1, 16, 64, 64, 1e-4, 0, 1_000_000),
                new Experience(STEPS, 1024, 0),
                new Text(0, 16, 64, 0),
                new Evaluation(1));
    }

    private static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }
}
