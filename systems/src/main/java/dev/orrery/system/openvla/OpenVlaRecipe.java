package dev.orrery.system.openvla;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Start;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.env.tabletop.SuiteReport;
import dev.orrery.policy.Plays;
import dev.orrery.policy.adapt.Adapts;
import dev.orrery.policy.adapt.Pupil;
import dev.orrery.policy.finetune.Apprentice;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.Finetunes;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.policy.tabletop.PictureSheet;
import dev.orrery.policy.tabletop.PolicyFilm;
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

/// Trains [OpenVla] on scripted tabletop demonstrations and measures how often it succeeds on
/// starts that it has not seen. [OpenVlaTraining] has the stages.
public final class OpenVlaRecipe
        implements Recipe.Evaluates<OpenVlaConfig>,
                Recipe.Diagnoses<OpenVlaConfig>,
                Recipe.Generates<OpenVlaConfig>,
                Recipe.LearnsFromData<OpenVlaConfig>,
                Plays,
                Adapts,
                Finetunes {

    private static final String POLICY = "policy";
    private static final int CHECKED = 4;

    @Override
    public String name() {
        return "openvla";
    }

    @Override
    public SequencedMap<String, OpenVlaConfig> presets() {
        var presets = new LinkedHashMap<String, OpenVlaConfig>();
        presets.put("laptop", OpenVlaConfig.laptop());
        presets.put("smoke", OpenVlaConfig.smoke());
        presets.put("oft", OpenVlaConfig.laptop().withOft());
        return presets;
    }

    @Override
    public List<Need> needs(OpenVlaConfig config) {
        var model = config.model();
        var language = model.language();
        var demonstrations = config.demonstrations();
        double tokens =
                model.io().textTokens() + (double) model.answer().chunk() * model.io().actionDims();
        double frame = PictureSheet.NUMBERS + tokens * language.width() * language.depth();
        return List.of(
                Need.trained(
                        "model",
                        () ->
                                new OpenVlaTrainee(
                                        model,
                                        TabletopTokens.of(model.io(), List.of()),
                                        Seed.of(0))),
                TabletopDemonstrations.need(
                        "demonstrations.perFamily",
                        demonstrations.families(),
                        demonstrations.perFamily()),
                Need.numbers("school.batch", config.school().batch(), PictureSheet.NUMBERS),
                Need.numbers("grounding.batch", config.grounding().batch(), frame),
                Need.numbers("training.batch", config.training().batch(), frame));
    }

    @Override
    public Report run(OpenVlaConfig config, Run run) {
        trainOnly(config, run);
        return evaluate(config, run);
    }

    /// Trains without measuring.
    static void trainOnly(OpenVlaConfig config, Run run) {
        try (var data = OpenVlaData.of(config, run)) {
            run.progress()
                    .note("%d demonstrations, %d frames".formatted(data.episodes(), data.size()));
            run.progress()
                    .note(
                            "statistics '%s': %s"
                                    .formatted(OpenVlaCheckpoint.DATA, data.robot().action()));
            var lost = data.tokens().displaced();
            if (!lost.isEmpty()) {
                run.progress()
                        .note("%d used ids now stand for bins: %s".formatted(lost.size(), lost));
            }
            if (config.grounding().steps() > 0 && !data.labelled()) {
                run.progress()
                        .note(
                                "no grounding: nobody says what these pictures show, or crops move"
                                        + " it");
            }
            try (var training = new OpenVlaTraining(config, data, run)) {
                training.train();
            }
        }
    }

    /// The configuration's key for a folder of data.
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
        return OpenVlaCheckpoint.isComplete(run.resolve(POLICY)) ? List.of(POLICY) : List.of();
    }

    @Override
    public Path saved(Path run) {
        return run.resolve(POLICY);
    }

    @Override
    public boolean canAdapt(Path policy) {
        return OpenVlaCheckpoint.isComplete(policy);
    }

    @Override
    public Pupil open(Path policy, FrameSource training, FrameSource validation) {
        return OpenVlaPupil.open(policy, training, validation);
    }

    @Override
    public List<String> trained(Path run) {
        return TabletopExam.families(run);
    }

    @Override
    public Ready open(Path run, String name) {
        var evaluation = RunInfo.part(run, "evaluation", OpenVlaConfig.laptop().evaluation());
        return ready(OpenVlaCheckpoint.open(policy(run, name)), evaluation.execute());
    }

    @Override
    public boolean isPolicy(Path folder) {
        return OpenVlaCheckpoint.isComplete(folder);
    }

    /// Executes whole chunks.
    @Override
    public Ready openAlone(Path folder) {
        var checkpoint = OpenVlaCheckpoint.open(folder);
        return ready(checkpoint, checkpoint.model().config().answer().chunk());
    }

    private static Ready ready(OpenVlaCheckpoint checkpoint, int execute) {
        return new Ready(checkpoint.policy(), execute, checkpoint.model()::close);
    }

    @Override
    public Report evaluate(OpenVlaConfig config, Run run) {
        var checkpoint = OpenVlaCheckpoint.open(folder(run));
        try (var _ = checkpoint.model()) {
            var policy = checkpoint.policy().batched(config.evaluation().execute());
            return TabletopExam.hold(
                            run,
                            starts(config, Split.L0),
                            films -> measure(config, run, Split.L0, policy, films))
                    .plus(checks(config, checkpoint, run));
        }
    }

    /// What the authors of OpenVLA recommend before one doubts the training; see [OpenVlaChecks].
    @Override
    public Report diagnose(OpenVlaConfig config, Run run) {
        var checkpoint = OpenVlaCheckpoint.open(folder(run));
        try (var _ = checkpoint.model()) {
            run.progress()
                    .note(
                            "statistics '%s': %s"
                                    .formatted(
                                            OpenVlaCheckpoint.DATA, checkpoint.robot().action()));
            return checks(config, checkpoint, run);
        }
    }

    /// Nothing for runs on a folder of data, which says neither scenes nor starts.
    private static Report checks(OpenVlaConfig config, OpenVlaCheckpoint checkpoint, Run run) {
        return config.demonstrations().folder().isEmpty()
                ? OpenVlaChecks.run(config, checkpoint, CHECKED, run.seed())
                : Report.empty();
    }

    /// Measures a policy on the starts of the families that were trained.
    static SuiteReport measure(
            OpenVlaConfig config,
            Run run,
            Split split,
            BatchPolicy<float[]> policy,
            Suite.Progress progress) {
        var subject =
                new Suite.Subject(
                        "openvla",
                        OpenVlaCheckpoint.hash(folder(run)),
                        config.evaluation().execute(),
                        run.heldOutSeed());
        return Suite.evaluate(split, starts(config, split), subject, policy, Suite.BATCH, progress);
    }

    /// Films the trained policy: `openvla.gif`.
    @Override
    public Report generate(OpenVlaConfig config, Run run, String prompt, Path out) {
        var checkpoint = OpenVlaCheckpoint.open(folder(run));
        try (var _ = checkpoint.model()) {
            var shot =
                    PolicyFilm.shoot(
                            checkpoint.policy(),
                            config.evaluation().execute(),
                            prompt,
                            run.heldOutSeed(),
                            out.resolve("openvla.gif"));
            return Report.of("success_rate", shot.successRate()).with("frames", shot.frames());
        }
    }

    /// The first starts of each family that was trained.
    static List<Start> starts(OpenVlaConfig config, Split split) {
        return split.starts(OpenVlaData.families(config), config.evaluation().episodes());
    }

    @Override
    public boolean canFinetune(Path checkpoint) {
        return OpenVlaPublished.is(checkpoint);
    }

    @Override
    public FinetuneConfig usual(Path checkpoint, Path data) {
        return OpenVlaApprentice.usual(checkpoint, data);
    }

    @Override
    public Apprentice apprentice(FinetuneConfig config) {
        return OpenVlaApprentice.open(config);
    }
}
