package dev.orrery.run;

import dev.orrery.nn.Mlp;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.Ema;
import dev.orrery.optim.GradientClip;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;

/// The process that [KilledRunTest] starts, kills and starts again: trains a small network in the
/// run folder given for the number of steps given, going on where it was, and says each step on
/// standard output.
final class KilledRun {

    private static final int SAVE_EVERY = 3, WIDTH = 64;

    private KilledRun() {}

    public static void main(String[] arguments) {
        var folder = Path.of(arguments[0]);
        boolean known = Files.exists(folder.resolve(RunInfo.FILE));
        try (var run =
                known
                        ? Run.reopen(folder, Progress.silent())
                        : Run.create(folder, "sample", Sample.laptop(), 7)) {
            train(run, Integer.parseInt(arguments[1]));
        } catch (RuntimeException e) {
            say("failed " + e.getMessage());
            System.exit(3);
        }
    }

    private static void train(Run run, int steps) {
        var model = new Mlp(WIDTH, 4 * WIDTH, run.seed("initialisation"));
        var optimizer = new AdamW(model.namedParameters(), AdamW.Settings.of(1e-3));
        var average = new Ema(model.namedParameters(), 0.9);
        var state = RunState.of(model).with(optimizer).with(average);
        for (long step = run.resume(state); step < steps; step++) {
            try (var _ = TensorScope.open()) {
                var x = run.seed(step).normal(16, WIDTH);
                var loss = Functional.mseLoss(model.forward(x), x);
                run.log(step, "loss", loss.item());
                optimizer.minimise(loss, GradientClip.norm(1));
                average.update();
            }
            say("step " + step);
            if (run.every(step, SAVE_EVERY)) {
                say("saving " + step);
                run.save(step, state);
            }
        }
        say("finished");
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
