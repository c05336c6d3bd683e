package dev.orrery.system.internvlam1;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Start;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.env.tabletop.SuiteReport;
import dev.orrery.policy.Plays;
import dev.orrery.policy.tabletop.PictureSheet;
import dev.orrery.policy.tabletop.PolicyFilm;
import dev.orrery.policy.tabletop.PolicyFolder;
import dev.orrery.run.Need;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.TabletopDemonstrations;
import dev.orrery.run.TabletopExam;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Trains [InternVlaM1] to say where things are, then to act on scripted tabletop demonstrations
/// while it goes on saying, and measures both on what it has not seen.
public final class InternVlaM1Recipe
        implements Recipe.Evaluates<InternVlaM1Config>,
                Recipe.Diagnoses<InternVlaM1Config>,
                Recipe.Generates<InternVlaM1Config>,
                Recipe.LearnsFromData<InternVlaM1Config>,
                Plays {

    private static final String POLICY = "policy";

    @Override
    public String name() {
        return "internvla-m1";
    }

    @Override
    public SequencedMap<String, InternVlaM1Config> presets() {
        var presets = new LinkedHashMap<String, InternVlaM1Config>();
        presets.put("laptop", InternVlaM1Config.laptop());
        presets.put("smoke", InternVlaM1Config.smoke());
        return presets;
    }

    @Override
    public List<Need> needs(InternVlaM1Config config) {
        var model = config.model();
        var demonstrations = config.demonstrations();
        var acting = config.acting();
        double words = (double) model.io().textTokens() * model.vlm().width();
        double frame = PictureSheet.NUMBERS + words * model.vlm().depth();
        double chunk = (double) model.io().chunk() * model.queries().width();
        double chunks = acting.draws() * chunk * model.expert().depth();
        return List.of(
                Need.trained("model", () -> new InternVlaM1Trainee(model, Seed.of(0))),
                TabletopDemonstrations.need(
                        "demonstrations.perFamily",
                        demonstrations.families(),
                        demonstrations.perFamily()),
                Need.numbers("spatial.batch", config.spatial().batch(), frame),
                Need.numbers("acting.batch", acting.batch(), frame + chunks),
                Need.numbers("acting.coTraining.batch", acting.coTraining().batch(), frame));
    }

    @Override
    public Report run(InternVlaM1Config config, Run run) {
        trainOnly(config, run);
        return evaluate(config, run);
    }

    /// Trains without measuring the policy.
    static void trainOnly(InternVlaM1Config config, Run run) {
        config.acting().warnings().forEach(run.progress()::note);
        try (var data = InternVlaM1Data.of(config, run)) {
            run.progress()
                    .note("%d demonstrations, %d frames".formatted(data.episodes(), data.size()));
            try (var training = new InternVlaM1Training(config, data, run)) {
                training.train();
            }
        }
    }

    /// Trains, and says how far the gradients of questions and actions agree at the end.
    static Report trainAndAlign(InternVlaM1Config config, Run run) {
        try (var data = InternVlaM1Data.of(config, run);
                var training = new InternVlaM1Training(config, data, run)) {
            training.train();
            return training.alignment();
        }
    }

    @Override
    public String dataKey() {
        return "demonstrations.folder";
    }

    /// Where a run keeps its policy.
    static Path folder(Run run) {
        return run.folder().resolve(POLICY);
    }

    @Override
    public List<String> policies(Path run) {
        return InternVlaM1Checkpoint.isComplete(run.resolve(POLICY)) ? List.of(POLICY) : List.of();
    }

    @Override
    public List<String> trained(Path run) {
        return TabletopExam.families(run);
    }

    @Override
    public Ready open(Path run, String name) {
        return ready(
                policy(run, name),
                RunInfo.part(run, "evaluation", InternVlaM1Config.laptop().evaluation()));
    }

    @Override
    public boolean isPolicy(Path folder) {
        return InternVlaM1Checkpoint.isComplete(folder);
    }

    /// Executes and samples as the laptop preset does.
    @Override
    public Ready openAlone(Path folder) {
        return ready(folder, InternVlaM1Config.laptop().evaluation());
    }

    private static Ready ready(Path folder, InternVlaM1Config.Evaluation evaluation) {
        var checkpoint = InternVlaM1Checkpoint.open(folder);
        return new Ready(
                checkpoint.policy(evaluation), evaluation.execute(), checkpoint.model()::close);
    }

    /// Success on L0, and whether the model still says where things are.
    @Override
    public Report evaluate(InternVlaM1Config config, Run run) {
        header(config, run).forEach((k, v) -> run.progress().note("%s: %s".formatted(k, v)));
        var checkpoint = InternVlaM1Checkpoint.open(folder(run));
        try (var _ = checkpoint.model()) {
            var policy =
                    checkpoint.policy(config.evaluation()).batched(config.evaluation().execute());
            var report =
                    TabletopExam.hold(
                            run,
                            starts(config, Split.L0),
                            films -> measure(config, run, Split.L0, policy, films));
            return report.plus(grounding(config, checkpoint, run));
        }
    }

    /// What a measurement depends on besides the weights.
    static SequencedMap<String, String> header(InternVlaM1Config config, Run run) {
        var header = new LinkedHashMap<String, String>();
        var evaluation = config.evaluation();
        var model = config.model();
        header.put("statistics", PolicyFolder.DATA);
        header.put("resize", "none, pictures are drawn at 64 and 32 pixels");
        header.put("executed", "%d of %d".formatted(evaluation.execute(), model.io().chunk()));
        header.put(
                "sampling",
                "%s, %d steps, guidance %s"
                        .formatted(
                                model.expert().head(), evaluation.steps(), evaluation.guidance()));
        header.put("seeds", "run %d, tests %d".formatted(run.seed(), run.heldOutSeed()));
        return header;
    }

    private static Report grounding(
            InternVlaM1Config config, InternVlaM1Checkpoint checkpoint, Run run) {
        return GroundingExam.hold(
                checkpoint.model(),
                config.evaluation().questions(),
                Seed.of(run.heldOutSeed()).split("grounding"));
    }

    /// Where the model says things are, on scenes that it has not seen.
    @Override
    public Report diagnose(InternVlaM1Config config, Run run) {
        header(config, run).forEach((k, v) -> run.progress().note("%s: %s".formatted(k, v)));
        var checkpoint = InternVlaM1Checkpoint.open(folder(run));
        try (var _ = checkpoint.model()) {
            return grounding(config, checkpoint, run);
        }
    }

    /// Measures a policy on the starts of the families that were trained.
    static SuiteReport measure(
            InternVlaM1Config config,
            Run run,
            Split split,
            BatchPolicy<float[]> policy,
            Suite.Progress progress) {
        var subject =
                new Suite.Subject(
                        "internvla-m1",
                        InternVlaM1Checkpoint.hash(folder(run)),
                        config.evaluation().execute(),
                        run.heldOutSeed());
        return Suite.evaluate(split, starts(config, split), subject, policy, Suite.BATCH, progress);
    }

    /// Films the trained policy: `internvla-m1.gif`.
    @Override
    public Report generate(InternVlaM1Config config, Run run, String prompt, Path out) {
        var checkpoint = InternVlaM1Checkpoint.open(folder(run));
        try (var _ = checkpoint.model()) {
            var shot =
                    PolicyFilm.shoot(
                            checkpoint.policy(config.evaluation()),
                            config.evaluation().execute(),
                            prompt,
                            run.heldOutSeed(),
                            out.resolve("internvla-m1.gif"));
            return Report.of("success_rate", shot.successRate()).with("frames", shot.frames());
        }
    }

    /// The first starts of each family that was trained.
    static List<Start> starts(InternVlaM1Config config, Split split) {
        return split.starts(
                TabletopDemonstrations.families(config.demonstrations().families()),
                config.evaluation().episodes());
    }
}
