package dev.orrery.system.openvla;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Start;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.env.tabletop.SuiteReport;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.Ema;
import dev.orrery.optim.GradientClip;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.optim.Replicas;
import dev.orrery.optim.Schedule;
import dev.orrery.policy.Plays;
import dev.orrery.policy.adapt.Adapts;
import dev.orrery.policy.adapt.Pupil;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.policy.tabletop.PolicyFilm;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunState;
import dev.orrery.run.TabletopExam;
import dev.orrery.run.TrainingPrecision;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Trains [OpenVla] on scripted tabletop demonstrations and measures how often it succeeds on
/// starts that it has not seen.
///
/// First the towers go to school ([VisionSchool]); then the whole model, towers included, learns
/// the action tokens of single frames.
public final class OpenVlaRecipe
        implements Recipe.Evaluates<OpenVlaConfig>,
                Recipe.Diagnoses<OpenVlaConfig>,
                Recipe.Generates<OpenVlaConfig>,
                Recipe.LearnsFromData<OpenVlaConfig>,
                Plays,
                Adapts {

    private static final String POLICY = "policy";
    private static final int WARM_UP = 50, SAVE_EVERY = 250, LOG_EVERY = 10;
    private static final int CHECKED = 4;
    private static final double EMA = 0.999;

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
            train(config, data, run);
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
        if (!policies(run).contains(name)) {
            throw new IllegalArgumentException(
                    "run %s holds no policy '%s'; it has one once it is trained"
                            .formatted(run.getFileName(), name));
        }
        var evaluation =
                ConfigBinder.bind(
                        RunInfo.read(run).config().path("evaluation"),
                        OpenVlaConfig.Evaluation.class);
        return ready(OpenVlaCheckpoint.open(run.resolve(POLICY)), evaluation.execute());
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
            var report =
                    TabletopExam.hold(
                            run,
                            starts(config, Split.L0),
                            films -> measure(config, run, Split.L0, policy, films));
            for (var check : checks(config, checkpoint, run).metrics().entrySet()) {
                report = report.with(check.getKey(), check.getValue());
            }
            return report;
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

    /// Trains, and leaves the averaged weights in the run's policy folder, now and at every save.
    private static void train(OpenVlaConfig config, OpenVlaData data, Run run) {
        var seed = Seed.of(run.seed());
        var weights = seed.split("weights");
        var trainee = new OpenVlaTrainee(config.model(), data.tokens(), weights);
        var optimizer =
                AdamW.grouped(
                        ParameterGroup.decayMatrices(trainee.namedParameters()),
                        AdamW.Settings.of(config.training().learningRate()).withBetas(.9, .95));
        var ema = new Ema(trainee.model.namedParameters(), EMA);
        var state =
                RunState.of(trainee)
                        .with("optimizer", optimizer::stateDict, optimizer::load)
                        .with(RunState.AVERAGE, ema::stateDict, ema::load);
        long first = config.school().steps(), steps = first + config.training().steps();
        var precision = config.training().precision();
        TrainingPrecision.say(precision, run.progress());
        run.progress().stage("training openvla", steps);
        var clip = GradientClip.norm(1);
        try (var _ = trainee;
                var replicas =
                        Replicas.of(
                                trainee,
                                () -> new OpenVlaTrainee(config.model(), data.tokens(), weights))) {
            for (long step = run.resume(state); step < steps; step++) {
                optimizer.learningRate(rate(config, step));
                var batchSeed = seed.split("batch").split(step);
                boolean acts = step >= first;
                var numbers =
                        Report.mean(
                                replicas.each(share ->
                                        precision.apply(() ->
                                                acts
                                                        ? act(
                                                                config, data, replicas, share,
                                                                batchSeed)
                                                        : learn(
                                                                config, data, replicas, share,
                                                                batchSeed))));
                run.check(step, numbers, batchSeed);
                replicas.gather();
                clip.apply(optimizer.parameters());
                optimizer.step();
                optimizer.clearGradients();
                ema.update(acts ? Math.min(EMA, (1.0 + step - first) / (10 + step - first)) : 0);
                if (step % LOG_EVERY == 0) run.log(step, numbers);
                if (run.every(step, SAVE_EVERY) || step + 1 == steps) {
                    keep(trainee.model, ema, data, run);
                    run.save(step, state);
                }
            }
            keep(trainee.model, ema, data, run);
        }
    }

    private static void keep(OpenVla model, Ema ema, OpenVlaData data, Run run) {
        try (var _ = ema.applied()) {
            new OpenVlaCheckpoint(model, data.robot(), data.isCropped()).save(folder(run));
        }
    }

    /// School with a warm-up at a constant rate, then another warm-up and a cosine.
    private static double rate(OpenVlaConfig config, long step) {
        long first = config.school().steps();
        var training = config.training();
        int steps = training.steps(), warmUp = Math.min(WARM_UP, steps / 2);
        return step < first
                ? Schedule.constant(config.school().learningRate()).after(WARM_UP).at(step)
                : Schedule.warmupCosine(training.learningRate(), training.lastRate(), warmUp, steps)
                        .at(step - first);
    }

    private static Report learn(
            OpenVlaConfig config,
            OpenVlaData data,
            Replicas<OpenVlaTrainee> replicas,
            int share,
            Seed seed) {
        try (var _ = TensorScope.open()) {
            int size = config.school().batch() / replicas.count();
            var trainee = replicas.model(share);
            var lesson =
                    trainee.school.forward(trainee.model, data.scenes(size, seed.split(share)));
            lesson.loss().backward();
            return lesson.report();
        }
    }

    private static Report act(
            OpenVlaConfig config,
            OpenVlaData data,
            Replicas<OpenVlaTrainee> replicas,
            int share,
            Seed seed) {
        try (var _ = TensorScope.open()) {
            int size = config.training().batch() / replicas.count();
            var batch = data.batch(size, seed.split(share));
            var loss =
                    replicas.model(share)
                            .model
                            .loss(batch.prompt(), batch.actions(), batch.ids(), batch.real());
            loss.loss().backward();
            return report(loss);
        }
    }

    /// The numbers of a step.
    static Report report(OpenVla.Loss loss) {
        return Report.of("loss", loss.loss().item())
                .with("accuracy", loss.accuracy().item())
                .with("error", loss.error().item());
    }
}
