package dev.orrery.system.pi0;

import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Start;
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
import dev.orrery.run.Progress;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Trains [Pi0] on scripted tabletop demonstrations and measures how often it succeeds on starts
/// that it has not seen.
///
/// Stage 0 asks what is where ([Grounding]). Stage 1 learns to act by flow matching: one pass over
/// the prefix serves K draws of noise and time, while the questions go on at a small weight.
public final class Pi0Recipe
        implements Recipe.Evaluates<Pi0Config>,
                Recipe.Generates<Pi0Config>,
                Recipe.LearnsFromData<Pi0Config>,
                Recipe.FitsTime<Pi0Config>,
                Plays,
                Adapts {

    private static final String POLICY = "policy";
    private static final int WARM_UP = 50, SAVE_EVERY = 500, LOG_EVERY = 10;
    private static final int PROBE_STEPS = 71;
    private static final double EMA = 0.999, POINTING = 0.5, WAY_POINTS = 3;

    @Override
    public String name() {
        return "pi0";
    }

    @Override
    public SequencedMap<String, Pi0Config> presets() {
        var presets = new LinkedHashMap<String, Pi0Config>();
        presets.put("laptop", Pi0Config.laptop());
        presets.put("demo", Pi0Config.demo());
        presets.put("smoke", Pi0Config.smoke());
        presets.put("pi05", Pi0Config.pi05());
        presets.put("fast", Pi0Config.laptop().withFast());
        return presets;
    }

    @Override
    public Report run(Pi0Config config, Run run) {
        trainOnly(config, run);
        return evaluate(config, run);
    }

    /// Trains without measuring.
    static void trainOnly(Pi0Config config, Run run) {
        try (var data = Pi0Data.of(config, run);
                var questions = questions(config, data, run)) {
            run.progress()
                    .note("%d demonstrations, %d frames".formatted(data.episodes(), data.size()));
            train(config, data, questions, run);
        }
    }

    /// The configuration's key for a folder of data.
    @Override
    public String dataKey() {
        return "demonstrations.folder";
    }

    /// What stage 0 asks about: the demonstrations, or scenes of the simulator if those do not say
    /// what lies where.
    private static Pi0Data questions(Pi0Config config, Pi0Data data, Run run) {
        if (data.labelled() || config.grounding().steps() == 0) return data;
        run.progress()
                .note(
                        "%s does not say what lies where: stage 0 asks about simulated scenes, stage 1 learns actions alone"
                                .formatted(config.demonstrations().folder()));
        return Pi0Data.record(config, run);
    }

    /// Trains some steps of stage 1 on little data for their time; see [Pi0Fit].
    @Override
    public Pi0Config fit(Pi0Config config, Duration training, Progress progress) {
        progress.stage("measuring how fast this machine trains", 0);
        double rate = Pi0Speed.trainSteps(config, PROBE_STEPS);
        var fitted = Pi0Fit.to(config, (long) (rate * training.toSeconds()));
        if (!fitted.equals(config)) {
            progress.note(Pi0Fit.said(config, fitted, rate, training));
        }
        return fitted;
    }

    /// Where a run keeps its policy.
    static Path folder(Run run) {
        return run.folder().resolve(POLICY);
    }

    @Override
    public List<String> policies(Path run) {
        if (!Pi0Checkpoint.isComplete(run.resolve(POLICY))) {
            return List.of();
        }
        var names = new ArrayList<>(List.of(POLICY));
        Pi0Snapshots.of(run).steps().stream().map(Pi0Snapshots::name).forEach(names::add);
        return names;
    }

    @Override
    public List<String> trained(Path run) {
        return TabletopExam.families(run);
    }

    @Override
    public Ready open(Path run, String name) {
        policy(run, name); // refuses a name that is none
        var evaluation = RunInfo.part(run, "evaluation", Pi0Config.Evaluation.class);
        var folder = run.resolve(POLICY);
        var checkpoint =
                name.equals(POLICY)
                        ? Pi0Checkpoint.open(folder)
                        : Pi0Checkpoint.open(folder, pi0 -> Pi0Snapshots.of(run).load(pi0, name));
        return ready(checkpoint, evaluation);
    }

    @Override
    public boolean isPolicy(Path folder) {
        return Pi0Checkpoint.isComplete(folder);
    }

    /// Executes and samples as the laptop preset does.
    @Override
    public Ready openAlone(Path folder) {
        return ready(Pi0Checkpoint.open(folder), Pi0Config.laptop().evaluation());
    }

    @Override
    public Path saved(Path run) {
        return run.resolve(POLICY);
    }

    @Override
    public boolean canAdapt(Path policy) {
        return Pi0Checkpoint.isComplete(policy);
    }

    @Override
    public Pupil open(Path policy, FrameSource training, FrameSource validation) {
        return Pi0Pupil.open(policy, training, validation);
    }

    private static Ready ready(Pi0Checkpoint checkpoint, Pi0Config.Evaluation evaluation) {
        return new Ready(
                checkpoint.policy(evaluation.flowSteps()),
                evaluation.execute(),
                checkpoint.pi0()::close);
    }

    @Override
    public Report evaluate(Pi0Config config, Run run) {
        var evaluation = config.evaluation();
        var probe = new Pi0Probe(config, run);
        var policy = Pi0Checkpoint.open(folder(run)).policy(evaluation.flowSteps());
        return TabletopExam.hold(
                run,
                starts(config, Split.L0),
                films -> probe.run(Split.L0, "pi0", policy.batched(evaluation.execute()), films));
    }

    /// Films the trained policy: `pi0.gif`.
    @Override
    public Report generate(Pi0Config config, Run run, String prompt, Path out) {
        var evaluation = config.evaluation();
        var policy = Pi0Checkpoint.open(folder(run)).policy(evaluation.flowSteps());
        var shot =
                PolicyFilm.shoot(
                        policy,
                        evaluation.execute(),
                        prompt,
                        run.heldOutSeed(),
                        out.resolve("pi0.gif"));
        return Report.of("success_rate", shot.successRate()).with("frames", shot.frames());
    }

    /// The first starts of each family that was trained.
    static List<Start> starts(Pi0Config config, Split split) {
        return split.starts(
                config.demonstrations().families().stream().map(Family::parse).toList(),
                config.evaluation().episodes());
    }

    /// Trains, and leaves the averaged weights in the run's policy folder, now and at every save.
    private static void train(Pi0Config config, Pi0Data data, Pi0Data questions, Run run) {
        var seed = Seed.of(run.seed());
        var trainee = new Pi0Trainee(config.model(), seed.split("weights"));
        var optimizer =
                AdamW.grouped(
                        ParameterGroup.decayMatrices(trainee.namedParameters()),
                        AdamW.Settings.of(config.training().learningRate()).withBetas(.9, .95));
        var ema = new Ema(trainee.pi0.namedParameters(), EMA);
        var state =
                RunState.of(trainee)
                        .with("optimizer", optimizer::stateDict, optimizer::load)
                        .with(RunState.AVERAGE, ema::stateDict, ema::load);
        long first = config.grounding().steps(), steps = first + config.training().steps();
        var precision = config.training().precision();
        TrainingPrecision.say(precision, run.progress());
        run.progress().stage("training pi0", steps);
        var clip = GradientClip.norm(1);
        try (var replicas =
                Replicas.of(trainee, () -> new Pi0Trainee(config.model(), seed.split("weights")))) {
            for (long step = run.resume(state); step < steps; step++) {
                optimizer.learningRate(rate(config, step));
                var batchSeed = seed.split("batch").split(step);
                boolean flow = step >= first;
                var numbers =
                        Report.mean(
                                replicas.each(share ->
                                        precision.apply(() ->
                                                flow
                                                        ? act(
                                                                config, data, replicas, share,
                                                                batchSeed)
                                                        : ground(
                                                                config, questions, replicas, share,
                                                                batchSeed))));
                run.check(step, numbers, batchSeed);
                replicas.gather();
                clip.apply(optimizer.parameters());
                optimizer.step();
                optimizer.clearGradients();
                if (flow) {
                    ema.updateAfter(step - first);
                }
                log(run, step, numbers);
                if (run.every(step, SAVE_EVERY) || step + 1 == steps) {
                    keep(trainee.pi0, ema, config, data, run);
                    if (flow) {
                        Pi0Snapshots.of(run.folder()).keep(step + 1, trainee.pi0, ema);
                    }
                    run.save(step, state);
                }
            }
        }
        keep(trainee.pi0, ema, config, data, run);
    }

    private static void keep(Pi0 pi0, Ema ema, Pi0Config config, Pi0Data data, Run run) {
        try (var _ = ema.applied()) {
            Pi0Checkpoint.tabletop(pi0, config.training(), data).save(folder(run));
        }
    }

    /// Stage 0 with a warm-up at a constant rate, stage 1 with another along a cosine.
    private static double rate(Pi0Config config, long step) {
        long first = config.grounding().steps();
        double peak = config.training().learningRate();
        int steps = config.training().steps(), warmUp = Math.min(WARM_UP, steps / 2);
        return step < first
                ? Schedule.constant(config.grounding().learningRate()).after(WARM_UP).at(step)
                : Schedule.warmupCosine(peak, peak / 10, warmUp, steps).at(step - first);
    }

    private static Report ground(
            Pi0Config config, Pi0Data data, Replicas<Pi0Trainee> replicas, int share, Seed seed) {
        try (var _ = TensorScope.open()) {
            int size = config.grounding().batch() / replicas.count();
            var batch = data.batch(size, POINTING, seed.split(share));
            var trainee = replicas.model(share);
            var embedded = trainee.pi0.embed(batch.prompt());
            var prefix = trainee.pi0.encode(embedded);
            var result =
                    trainee.grounding.forward(trainee.reading(embedded, prefix), batch.labels());
            result.loss().backward();
            return report(Report.of("grounding", result.loss().item()), result);
        }
    }

    private static Report act(
            Pi0Config config, Pi0Data data, Replicas<Pi0Trainee> replicas, int share, Seed seed) {
        try (var _ = TensorScope.open()) {
            var training = config.training();
            int size = training.batch() / replicas.count();
            var own = seed.split(share);
            var batch = data.batch(size, 0, own);
            var trainee = replicas.model(share);
            var pi0 = trainee.pi0;
            var embedded = pi0.embed(batch.prompt());
            var prefix = pi0.encode(embedded);
            var seen = pi0.observe(prefix, batch.state());
            var options = new ActionHead.Options(training.draws(), training.times(), data.codec());
            var loss =
                    training.visibility() == Pi0.Visibility.BLOCKWISE
                            ? training.head().loss(pi0, seen, batch, options, own)
                            : MaskedFlow.loss(
                                    pi0, batch, training.times(), training.visibility(), own);
            if (!data.labelled()) {
                loss.backward();
                return Report.of("loss", loss.item());
            }
            var grounding =
                    trainee.grounding.forward(trainee.reading(embedded, prefix), batch.labels());
            var reported = report(Report.of("loss", loss.item()), grounding);
            if (config.model().variant() == Pi0Variant.PI05) {
                loss.add(grounding.loss(), training.grounding()).backward();
                return reported;
            }
            var places =
                    trainee.wayPoints.forward(
                            seen.read().getLast().squeeze(1), batch.gripper(), batch.labels());
            loss.add(grounding.loss().add(places, WAY_POINTS), training.grounding()).backward();
            return reported.with("way_points", places.item());
        }
    }

    private static Report report(Report report, Grounding.Result result) {
        return report.with("named", result.named().item())
                .with("mentioned", result.mentioned().item())
                .with("pointing", result.pointing().item());
    }

    private static void log(Run run, long step, Report numbers) {
        if (step % LOG_EVERY == 0) {
            run.log(step, numbers);
        }
    }
}
