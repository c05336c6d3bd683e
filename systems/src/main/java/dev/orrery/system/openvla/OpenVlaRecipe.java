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
import dev.orrery.policy.tabletop.Grounding;
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
/// First the towers go to school ([VisionSchool]); then the whole model learns what is where and
/// what texts mean ([Grounding]), and at last the action tokens of single frames, while naming and
/// finding go on at a lower weight.
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
    private static final double EMA = 0.999, POINTING = 0.5, WAY_POINTS = 1;

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
        long schooled = config.school().steps(), first = schooled + grounding(config, data);
        long steps = first + config.training().steps();
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
                optimizer.learningRate(rate(config, step, first));
                var batchSeed = seed.split("batch").split(step);
                boolean acts = step >= first, looks = step < schooled;
                var numbers =
                        Report.mean(
                                replicas.each(share -> {
                                    var part = new Part(replicas, share, batchSeed.split(share));
                                    return precision.apply(() ->
                                            acts
                                                    ? act(config, data, part)
                                                    : looks
                                                            ? learn(config, data, part)
                                                            : ground(config, data, part));
                                }));
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

    /// Steps of grounding: none where nobody says what pictures show.
    private static int grounding(OpenVlaConfig config, OpenVlaData data) {
        return data.labelled() ? config.grounding().steps() : 0;
    }

    /// School and grounding with a warm-up each at a constant rate, then another warm-up and a
    /// cosine.
    ///
    /// @param first the first step of acting
    private static double rate(OpenVlaConfig config, long step, long first) {
        long schooled = config.school().steps();
        if (step < schooled) {
            return Schedule.constant(config.school().learningRate()).after(WARM_UP).at(step);
        }
        if (step < first) {
            return Schedule.constant(config.grounding().learningRate())
                    .after(WARM_UP)
                    .at(step - schooled);
        }
        var training = config.training();
        int steps = training.steps(), warmUp = Math.min(WARM_UP, steps / 2);
        return Schedule.warmupCosine(training.learningRate(), training.lastRate(), warmUp, steps)
                .at(step - first);
    }

    /// One core's part of a step.
    ///
    /// @param trainee whose gradients it leaves
    /// @param count into how many parts a batch is split
    /// @param seed of what it draws
    private record Part(OpenVlaTrainee trainee, int count, Seed seed) {

        Part(Replicas<OpenVlaTrainee> replicas, int share, Seed seed) {
            this(replicas.model(share), replicas.count(), seed);
        }
    }

    private static Report learn(OpenVlaConfig config, OpenVlaData data, Part part) {
        try (var _ = TensorScope.open()) {
            int size = config.school().batch() / part.count;
            var trainee = part.trainee;
            var lesson = trainee.school.forward(trainee.model, data.scenes(size, part.seed));
            lesson.loss().backward();
            return lesson.report();
        }
    }

    private static Report ground(OpenVlaConfig config, OpenVlaData data, Part part) {
        try (var _ = TensorScope.open()) {
            int size = config.grounding().batch() / part.count;
            var batch = data.batch(size, POINTING, part.seed);
            var trainee = part.trainee;
            var result =
                    trainee.grounding.forward(
                            trainee.model.reading(batch.prompt()), batch.labels());
            result.loss().backward();
            return known(Report.of("grounding", result.loss().item()), result)
                    .with("pointing", result.pointing().item());
        }
    }

    private static Report act(OpenVlaConfig config, OpenVlaData data, Part part) {
        try (var _ = TensorScope.open()) {
            var training = config.training();
            int size = training.batch() / part.count;
            var batch = data.batch(size, part.seed);
            var trainee = part.trainee;
            var lesson =
                    trainee.model.lesson(
                            batch.prompt(),
                            batch.actions(),
                            batch.ids(),
                            batch.real(),
                            training.spread());
            var report = report(lesson.loss());
            double weight = config.grounding().weight();
            if (weight == 0 || !data.labelled()) {
                lesson.loss().loss().backward();
                return report;
            }
            var seen = trainee.grounding.look(lesson.reading(), batch.labels());
            var places = trainee.wayPoints.forward(lesson.told(), batch.gripper(), batch.labels());
            lesson.loss().loss().add(seen.loss().add(places, WAY_POINTS), weight).backward();
            return known(report, seen).with("way_points", places.item());
        }
    }

    private static Report known(Report report, Grounding.Result result) {
        return report.with("named", result.named().item())
                .with("mentioned", result.mentioned().item());
    }

    /// The numbers of a step.
    static Report report(OpenVla.Loss loss) {
        return Report.of("loss", loss.loss().item())
                .with("accuracy", loss.accuracy().item())
                .with("error", loss.error().item());
    }
}
