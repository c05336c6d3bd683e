package dev.orrery.system.genie;

import dev.orrery.optim.AdamW;
import dev.orrery.optim.GradientClip;
import dev.orrery.optim.Schedule;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.system.genie.GenieConfig.Network;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/// Dynamics of four sizes that learn side by side from the same batches, with one tokenizer and one
/// latent action model that are trained before.
final class SizeSweep {

    /// Cross-entropy of hidden ids in nats; `masked_ce@0.15` for 0.15 million parameters.
    static final String METRIC = "masked_ce";

    /// Millions of parameters, as they are called in reports.
    static final List<String> MILLIONS = List.of("0.15", "0.5", "1.2", "3");

    /// Transformers of about as many parameters with a codebook of 1024.
    static final List<Network> NETWORKS =
            List.of(
                    Network.of(40, 3, 2),
                    Network.of(80, 3, 4),
                    Network.of(128, 4, 4),
                    Network.of(192, 5, 6));

    private static final int CHUNK = 16;
    private static final long MASKS = 77;

    private SizeSweep() {}

    /// One of the sizes while it learns.
    private record Learner(String size, Dynamics dynamics, AdamW optimizer) {}

    static Report measure(GenieConfig config, Run run) {
        // The world's own dynamics are not looked at, so they learn for one step only.
        var own = config.dynamics();
        var base = config.with(own.with(own.budget().withSteps(1)));
        try (var data = GenieData.of(base.data(), run.seed("data"), run.progress());
                var genie = new GenieTraining(base, data, run).train()) {
            var learners = learners(config, run);
            learn(config, genie, data, learners, run);
            var losses = new ArrayList<Double>();
            for (var learner : learners) {
                losses.add(heldOut(config, genie, data, learner.dynamics()));
                learner.dynamics().close();
            }
            var report = Report.of(METRIC, losses.getLast());
            for (int i = 0; i < losses.size(); i++) {
                report = report.with(METRIC + "@" + MILLIONS.get(i), losses.get(i));
            }
            return report;
        }
    }

    private static List<Learner> learners(GenieConfig config, Run run) {
        var learners = new ArrayList<Learner>();
        for (int i = 0; i < NETWORKS.size(); i++) {
            var sized = config.with(config.dynamics().with(NETWORKS.get(i)));
            var dynamics = new Dynamics(sized, 0, run.seed("dynamics").split(i));
            var settings =
                    new AdamW.Settings(
                            config.dynamics().budget().learningRate(),
                            0.9,
                            config.training().beta2(),
                            1e-8,
                            config.training().weightDecay());
            learners.add(
                    new Learner(
                            MILLIONS.get(i),
                            dynamics,
                            new AdamW(dynamics.namedParameters(), settings)));
        }
        return learners;
    }

    private static void learn(
            GenieConfig config, Genie genie, GenieData data, List<Learner> learners, Run run) {
        var budget = config.dynamics().budget();
        var rate =
                Schedule.warmupCosine(
                        budget.learningRate(),
                        budget.finalLearningRate(),
                        Math.min(budget.warmUp(), budget.steps() - 1),
                        budget.steps());
        var clip = GradientClip.norm(config.training().clip());
        run.progress().stage("training dynamics of four sizes", budget.steps());
        for (int step = 0; step < budget.steps(); step++) {
            var seed = run.seed("sizes").split(step);
            try (var _ = TensorScope.open()) {
                var pixels =
                        data.batch(budget.portion(step, config.data().context()), seed).pixels();
                var ids = genie.tokenizer().encode(pixels);
                var actions = genie.actions(genie.infer(pixels, ids)).detach();
                int codes = config.tokenizer().codes().codes();
                var masked =
                        FrameMask.draw(config.dynamics().masking(), ids, codes, seed.split("mask"));
                for (var learner : learners) {
                    double loss = step(learner, ids, masked, actions, rate.at(step), clip);
                    run.check(step, Report.of(METRIC + "@" + learner.size(), loss), seed);
                }
            }
            run.heed("training dynamics of four sizes");
            run.progress().at(step + 1, "");
        }
    }

    private static double step(
            Learner learner,
            Tensor ids,
            FrameMask.Masked masked,
            Tensor actions,
            double rate,
            GradientClip clip) {
        try (var _ = TensorScope.open()) {
            learner.dynamics().clearGradients();
            var loss = learner.dynamics().loss(ids, masked, actions);
            loss.backward();
            clip.apply(learner.optimizer().parameters());
            learner.optimizer().learningRate(rate);
            learner.optimizer().step();
            return loss.item();
        }
    }

    private static double heldOut(
            GenieConfig config, Genie genie, GenieData data, Dynamics dynamics) {
        int clips = config.evaluation().clips();
        double sum = 0;
        for (int first = 0; first < clips; first += CHUNK) {
            try (var _ = Grad.disabled();
                    var _ = TensorScope.open()) {
                int count = Math.min(CHUNK, clips - first);
                var pixels = data.heldOut(first, count, clips).pixels();
                var ids = genie.tokenizer().encode(pixels);
                int codes = config.tokenizer().codes().codes();
                var masked =
                        FrameMask.draw(
                                config.dynamics().masking(),
                                ids,
                                codes,
                                Seed.of(MASKS).split(first));
                var actions = genie.actions(genie.infer(pixels, ids));
                sum += count * dynamics.loss(ids, masked, actions).item();
            }
        }
        return sum / clips;
    }
}
