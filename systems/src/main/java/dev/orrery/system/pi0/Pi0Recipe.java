package dev.orrery.system.pi0;

import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Start;
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
import dev.orrery.run.Progress;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.TabletopDemonstrations;
import dev.orrery.run.TabletopExam;
import dev.orrery.tensor.Seed;
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
                Adapts,
                Finetunes {

    private static final String POLICY = "policy";
    private static final int PROBE_QUESTIONS = 41, PROBE_ACTIONS = 51;

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
    public List<Need> needs(Pi0Config config) {
        var model = config.model();
        var demonstrations = config.demonstrations();
        var training = config.training();
        double read = (double) model.language().width() * model.language().depth();
        double written = (double) model.expert().width() * model.expert().depth();
        double chunks = (double) training.draws() * model.io().horizon() * written;
        double prompt = PictureSheet.NUMBERS + model.io().textTokens() * read;
        return List.of(
                Need.trained("model", () -> new Pi0Trainee(config, Seed.of(0))),
                TabletopDemonstrations.need(
                        "demonstrations.perFamily",
                        demonstrations.families(),
                        demonstrations.perFamily()),
                Need.numbers("grounding.batch", config.grounding().batch(), prompt),
                Need.numbers("training.batch", training.batch(), prompt + chunks));
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
            try (var training = new Pi0Training(config, data, questions, run)) {
                training.train();
            }
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

    /// Trains some steps of both stages on little data for their time; see [Pi0Fit].
    @Override
    public Pi0Config fit(Pi0Config config, Duration training, Progress progress) {
        progress.stage("measuring how fast this machine trains", 0);
        int questions = Math.min(PROBE_QUESTIONS, config.grounding().steps());
        double rate = Pi0Speed.pace(config, questions, PROBE_ACTIONS).of(config);
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
        var evaluation = RunInfo.part(run, "evaluation", Pi0Config.laptop().evaluation());
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

    @Override
    public boolean canFinetune(Path checkpoint) {
        return Pi0AdapterFolder.canBe(checkpoint);
    }

    @Override
    public FinetuneConfig usual(Path checkpoint, Path data) {
        return isFast(checkpoint)
                ? Pi0FastApprentice.usual(checkpoint, data)
                : Pi0Apprentice.usual(checkpoint, data);
    }

    @Override
    public Apprentice apprentice(FinetuneConfig config) {
        return isFast(Path.of(config.checkpoint()))
                ? Pi0FastApprentice.open(config)
                : Pi0Apprentice.open(config);
    }

    private static boolean isFast(Path checkpoint) {
        return Pi0FastPolicy.is(Pi0Published.config(checkpoint));
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
}
