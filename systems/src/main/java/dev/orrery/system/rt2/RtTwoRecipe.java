package dev.orrery.system.rt2;

import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Start;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.env.tabletop.SuiteReport;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.Plays;
import dev.orrery.policy.tabletop.DemonstrationChecks;
import dev.orrery.policy.tabletop.PictureSheet;
import dev.orrery.policy.tabletop.PolicyFilm;
import dev.orrery.run.Need;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.Stopwatch;
import dev.orrery.run.TabletopDemonstrations;
import dev.orrery.run.TabletopExam;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Trains [RtTwo] on questions about pictures, then on questions and scripted tabletop
/// demonstrations together, and measures how often it succeeds on starts that it has not seen and
/// how many questions it still answers.
public final class RtTwoRecipe
        implements Recipe.Evaluates<RtTwoConfig>,
                Recipe.Diagnoses<RtTwoConfig>,
                Recipe.Generates<RtTwoConfig>,
                Recipe.LearnsFromData<RtTwoConfig>,
                Plays {

    private static final String POLICY = "policy";
    private static final int CHECKED = 4;

    @Override
    public String name() {
        return "rt-2";
    }

    @Override
    public SequencedMap<String, RtTwoConfig> presets() {
        var presets = new LinkedHashMap<String, RtTwoConfig>();
        presets.put("laptop", RtTwoConfig.laptop());
        presets.put("smoke", RtTwoConfig.smoke());
        presets.put("plan", RtTwoConfig.laptop().planned());
        presets.put("fine-tune", RtTwoConfig.laptop().fineTuned());
        return presets;
    }

    @Override
    public List<Need> needs(RtTwoConfig config) {
        var model = config.model();
        var demonstrations = config.demonstrations();
        double words = (double) model.text().prompt() + model.actions().integers();
        double read = words * model.language().width() * model.language().depth();
        double frame = PictureSheet.NUMBERS + read;
        return List.of(
                Need.trained(
                        "model",
                        () -> new RtTwoTrainee(model, RtTwoWords.of(model, List.of()), Seed.of(0))),
                TabletopDemonstrations.need(
                        "demonstrations.perFamily",
                        demonstrations.families(),
                        demonstrations.perFamily()),
                Need.numbers("web.batch", config.web().batch(), frame),
                Need.numbers("training.batch", config.training().batch(), frame));
    }

    @Override
    public Report run(RtTwoConfig config, Run run) {
        trainOnly(config, run);
        return evaluate(config, run);
    }

    /// Trains without measuring.
    static void trainOnly(RtTwoConfig config, Run run) {
        try (var data = RtTwoData.of(config, run)) {
            var progress = run.progress();
            progress.note("%d demonstrations, %d frames".formatted(data.episodes(), data.size()));
            progress.note(
                    "action bounds %s, %d of %d values outside are clipped"
                            .formatted(
                                    data.bins(),
                                    data.clipped(),
                                    (long) data.size() * data.bins().dims()));
            var lost = data.words().integers().lost();
            if (!lost.isEmpty()) {
                progress.note(
                        "%d words are lost to integers: %s"
                                .formatted(
                                        lost.size(),
                                        lost.keySet().stream()
                                                .map(data.words().lexicon()::word)
                                                .toList()));
            }
            if (config.model().actions().chunk() > 1) {
                progress.note(
                        "%d actions an answer: a deviation, the paper's answers hold one"
                                .formatted(config.model().actions().chunk()));
            }
            try (var training = new RtTwoTraining(config, data, run)) {
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
        return RtTwoCheckpoint.isComplete(run.resolve(POLICY)) ? List.of(POLICY) : List.of();
    }

    @Override
    public List<String> trained(Path run) {
        return TabletopExam.families(run);
    }

    @Override
    public Ready open(Path run, String name) {
        return ready(
                policy(run, name),
                RunInfo.part(run, "evaluation", RtTwoConfig.laptop().evaluation()));
    }

    @Override
    public boolean isPolicy(Path folder) {
        return RtTwoCheckpoint.isComplete(folder);
    }

    /// Answers last as long as their actions.
    @Override
    public Ready openAlone(Path folder) {
        return ready(folder, RtTwoConfig.laptop().evaluation());
    }

    private static Ready ready(Path folder, RtTwoConfig.Evaluation evaluation) {
        var checkpoint = RtTwoCheckpoint.open(folder);
        int hold = Math.max(evaluation.hold(), checkpoint.model().config().actions().chunk());
        return new Ready(
                checkpoint.policy(hold, evaluation.limit(), evaluation.reading()),
                hold,
                checkpoint.model()::close);
    }

    /// Success on L0, then what is left of language, the checks, and how fast answers come.
    @Override
    public Report evaluate(RtTwoConfig config, Run run) {
        var checkpoint = RtTwoCheckpoint.open(folder(run));
        try (var _ = checkpoint.model()) {
            var report =
                    TabletopExam.hold(
                                    run,
                                    starts(config, Split.L0),
                                    films -> measure(config, run, checkpoint, Split.L0, films))
                            .plus(questions(config, run, checkpoint))
                            .plus(checks(config, checkpoint, run));
            return report.with("robot_samples", config.training().robotSamples())
                    .with("answers_per_second", answersPerSecond(config, checkpoint));
        }
    }

    /// How many held-out questions are answered rightly, by type, and before stage R.
    private static Report questions(RtTwoConfig config, Run run, RtTwoCheckpoint checkpoint) {
        if (!(checkpoint.model() instanceof RtTwo model)) {
            return Report.of("question_accuracy", 0).with("question_level", 0);
        }
        var asked = RtTwoData.questions(config, model.words());
        var probe = new QuestionProbe(asked, run.heldOutSeed());
        return probe.report(model, config.evaluation().questions())
                .with("question_level", checkpoint.level());
    }

    /// How often a second the model can be asked, one observation at a time.
    private static double answersPerSecond(RtTwoConfig config, RtTwoCheckpoint checkpoint) {
        var policy = policy(config, checkpoint);
        List<Observation> seen = List.of(new Tabletop().reset(1));
        return 1 / Stopwatch.seconds(() -> policy.decide(seen));
    }

    /// The policy as a configuration runs it.
    static RtTwoPolicy policy(RtTwoConfig config, RtTwoCheckpoint checkpoint) {
        var evaluation = config.evaluation();
        return checkpoint.policy(evaluation.hold(), evaluation.limit(), evaluation.reading());
    }

    /// Replays demonstrations through the tokens and shows training frames; see
    /// [DemonstrationChecks]. `readable` is the share of training frames on which the model says an
    /// action when it may say anything.
    @Override
    public Report diagnose(RtTwoConfig config, Run run) {
        var checkpoint = RtTwoCheckpoint.open(folder(run));
        try (var _ = checkpoint.model()) {
            return checks(config, checkpoint, run);
        }
    }

    /// Nothing for runs on a folder of data, which says neither scenes nor starts.
    private static Report checks(RtTwoConfig config, RtTwoCheckpoint checkpoint, Run run) {
        if (!config.demonstrations().folder().isEmpty()) return Report.empty();
        int most = Math.min(CHECKED, config.demonstrations().perFamily());
        var shown =
                Demonstrations.collect(
                        RtTwoData.families(config), most, run.seed(), Demonstrations.NOISE);
        var policy = policy(config, checkpoint);
        var found =
                DemonstrationChecks.frames(
                        shown,
                        observations ->
                                policy.decide(observations).stream()
                                        .map(d ->
                                                new DemonstrationChecks.Answer(
                                                        d.actions().getFirst(), d.outside()))
                                        .toList());
        var report =
                Report.of("train_frame_error", found.error())
                        .with("stands_still", found.still())
                        .with("outside_mass", found.outside())
                        .with("readable", DemonstrationChecks.share(shown, policy::readable));
        var bins = checkpoint.bins();
        double replayed = DemonstrationChecks.replay(shown, a -> bins.read(bins.write(a).bins()));
        return Double.isNaN(replayed) ? report : report.with("replay_success", replayed);
    }

    /// Measures a policy on the starts of the families that were trained.
    static SuiteReport measure(
            RtTwoConfig config,
            Run run,
            RtTwoCheckpoint checkpoint,
            Split split,
            Suite.Progress progress) {
        var subject =
                new Suite.Subject(
                        "rt-2",
                        RtTwoCheckpoint.hash(folder(run)),
                        config.evaluation().hold(),
                        run.heldOutSeed());
        return Suite.evaluate(
                split,
                starts(config, split),
                subject,
                policy(config, checkpoint).batched(),
                Suite.BATCH,
                progress);
    }

    /// Films the trained policy: `rt-2.gif`.
    @Override
    public Report generate(RtTwoConfig config, Run run, String prompt, Path out) {
        var checkpoint = RtTwoCheckpoint.open(folder(run));
        try (var _ = checkpoint.model()) {
            var shot =
                    PolicyFilm.shoot(
                            policy(config, checkpoint),
                            config.evaluation().hold(),
                            prompt,
                            run.heldOutSeed(),
                            out.resolve("rt-2.gif"));
            return Report.of("success_rate", shot.successRate()).with("frames", shot.frames());
        }
    }

    /// The first starts of each family that was trained.
    static List<Start> starts(RtTwoConfig config, Split split) {
        return split.starts(RtTwoData.families(config), config.evaluation().episodes());
    }
}
