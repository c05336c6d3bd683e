package dev.orrery.system.flowmatching;

import dev.orrery.flow.Coupling;
import dev.orrery.flow.Solver;
import dev.orrery.flow.StepGrid;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;

/// The pieces of work whose time `orrery bench flow` measures, at the laptop's size.
public final class FlowSpeed implements AutoCloseable {

    /// What a training step may take on two cores, in ms.
    public static final double STEP_MILLIS = 5;

    /// Samples of a sampling call and pairs of a coupling.
    public static final int SAMPLES = 4096, PAIRS = 512;

    private static final double TOLERANCE = 1e-3;

    private final Run run;
    private final FlowTraining training;
    private final FlowMatching model;
    private final Tensor noise, condition, from, to;
    private long step;

    /// @param folder an empty folder for the run that is trained meanwhile
    public FlowSpeed(Path folder) {
        var config = FlowMatchingConfig.laptop();
        var info = RunInfo.now("flow-matching", "laptop", 1, config);
        run = Run.create(folder, info, Progress.silent());
        training = new FlowTraining(config, run);
        model = new FlowMatching(config, Seed.of(2));
        noise = Seed.of(3).normal(SAMPLES, config.set().dims());
        condition = Tensor.zeros(SAMPLES, 0);
        from = Seed.of(4).normal(PAIRS, config.set().dims());
        to = Seed.of(5).normal(PAIRS, config.set().dims());
    }

    /// One training step: batch drawn, forward, backward, Adam, average.
    public void train() {
        training.step(step++);
    }

    /// Samples by Euler steps.
    public void euler(int steps) {
        solve(Solver.Fixed.EULER, steps);
    }

    /// Samples by an adaptive solver.
    public void dopri5() {
        solve(Solver.Dopri5.of(TOLERANCE), 1);
    }

    private void solve(Solver solver, int steps) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            solver.solve(model.field(condition), noise, StepGrid.uniform(steps));
        }
    }

    /// Pairs noise and data by exact optimal transport.
    public void couple() {
        try (var _ = TensorScope.open()) {
            new Coupling.MinibatchOt(new Coupling.Conditions.None()).pair(from, to, Seed.of(6));
        }
    }

    @Override
    public void close() {
        run.close();
        model.close();
    }
}
