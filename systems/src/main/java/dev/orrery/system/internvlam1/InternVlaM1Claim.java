package dev.orrery.system.internvlam1;

import dev.orrery.env.tabletop.Split;
import dev.orrery.run.Claim;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Run;
import dev.orrery.run.TabletopExam;
import dev.orrery.run.Trial;
import dev.orrery.run.Trial.Experiment;
import dev.orrery.run.Verdict;
import dev.orrery.system.internvlam1.InternVlaM1Config.CoTraining;
import dev.orrery.system.internvlam1.InternVlaM1Config.Expert;
import dev.orrery.system.internvlam1.InternVlaM1Config.Head;
import dev.orrery.system.internvlam1.InternVlaM1Config.Lessons;
import dev.orrery.system.internvlam1.InternVlaM1Config.Prompt;
import dev.orrery.system.internvlam1.InternVlaM1Config.Queries;
import dev.orrery.system.internvlam1.InternVlaM1Config.Spatial;
import java.nio.file.Files;
import java.util.List;

/// What learning where things are does for acting. All arms have as many steps of both stages, as
/// many questions a step in stage 1, the same demonstrations and the same test episodes.
///
/// The vanilla arm describes the table in stage 1 instead of pointing, is not asked for places in
/// its prompt, and asks no questions in stage 2. Scenes of questions are never starts of tests, and
/// no arm is told a place when it is tested.
public final class InternVlaM1Claim implements Claim {

    private static final String VANILLA = "vanilla",
            SPATIAL = "spatial pretraining",
            CO_TRAINING = "co-training",
            FULL = "full",
            BOXES = "boxes first",
            STOPPED = "gradient 0",
            WHOLE = "gradient 1",
            FLOW = "flow",
            SUCCESS = "success_rate",
            GROUNDING = "grounding",
            BEFORE = "grounding_stage1",
            ALIGNMENT = "alignment";
    private static final List<Long> SEEDS = List.of(7L, 8L, 9L);
    private static final List<Split> FAR = List.of(Split.L3, Split.L5, Split.L6);

    /// Below this success of the full arm a comparison of policies shows nothing and counts as
    /// missed.
    private static final double LEAST = .10;

    private static final double GAIN = .08, KEPT = .9;

    @Override
    public String system() {
        return "internvla-m1";
    }

    @Override
    public String statement() {
        return "A policy that first learned where things are, and goes on learning it while it"
                + " learns to act, finds unseen things, in unseen layouts, under another look";
    }

    @Override
    public List<Trial> trials() {
        return trials(InternVlaM1Config.laptop(), "laptop", SEEDS);
    }

    @Override
    public List<Trial> rehearsal() {
        return trials(rehearsed(), "smoke", SEEDS.subList(0, 1));
    }

    /// A network of a few thousand numbers, two steps of each stage.
    private static InternVlaM1Config rehearsed() {
        var smoke = InternVlaM1Config.smoke();
        var model =
                new InternVlaM1Config.Model(
                        new InternVlaM1Config.Vlm(32, 1, 32, 2),
                        new InternVlaM1Config.Places(true, 16, 1),
                        new Queries(4, 32, 4, .5, false, 0),
                        new Expert(1, 4, Head.DDPM, 50, .1),
                        smoke.model().io(),
                        smoke.model().prompt());
        var acting = smoke.acting();
        return new InternVlaM1Config(
                model,
                new InternVlaM1Config.Demonstrations(List.of("reach"), 2, ""),
                new Spatial(2, 4, 1e-3, Lessons.GROUNDING, true),
                new InternVlaM1Config.Acting(
                        2, 4, 2, acting.rates(), new CoTraining(2, .1, .3), false),
                new InternVlaM1Config.Evaluation(1, 8, 5, 1.5, 2));
    }

    private static List<Trial> trials(InternVlaM1Config config, String name, List<Long> seeds) {
        var trained =
                new Experiment(
                        "train-" + name,
                        (arm, run) -> measure(vary(config, arm), run),
                        arm -> vary(config, arm));
        var gain =
                "full at least .08 above vanilla in the mean over seeds, above it with two of three"
                        + " seeds, and .10 at least";
        var all =
                List.of(
                        trial(
                                "M1",
                                "Learning places costs nothing where everything was seen",
                                List.of(VANILLA, FULL),
                                SUCCESS,
                                "full at least as high as vanilla in the mean over seeds on L0, and"
                                        + " .10 at least",
                                trained,
                                InternVlaM1Claim::judgeSeen),
                        far(
                                "M2",
                                "It finds kinds that demonstrations never name",
                                Split.L3,
                                gain,
                                trained),
                        far("M3", "It finds things among more of them", Split.L5, gain, trained),
                        far("M4", "It finds things under another look", Split.L6, gain, trained),
                        trial(
                                "M5",
                                "Questions that go on keep what was learned",
                                List.of(SPATIAL, CO_TRAINING),
                                GROUNDING,
                                "after stage 2 points and boxes with co-training at least .9 of"
                                        + " what they were after stage 1, and more than without, in the"
                                        + " mean over seeds; after stage 1 .10 at least",
                                trained,
                                InternVlaM1Claim::judgeKept),
                        trial(
                                "M6",
                                "Questions and actions pull the vision-language model the same way",
                                List.of(VANILLA, FULL),
                                ALIGNMENT,
                                "the subspaces of rank 8 of their gradients overlap more for full"
                                        + " than for vanilla in the mean over seeds",
                                trained,
                                InternVlaM1Claim::judgeAlignment),
                        trial(
                                "M7",
                                "How much of the gradient reaches the vision-language model",
                                List.of(STOPPED, FULL, WHOLE),
                                SUCCESS,
                                "reported",
                                trained,
                                Trial.Judge.reported()),
                        trial(
                                "M8",
                                "Boxes that are written before acting, and a flow in place of a"
                                        + " diffusion",
                                List.of(FULL, BOXES, FLOW),
                                SUCCESS,
                                "reported",
                                trained,
                                Trial.Judge.reported()));
        return all.stream().map(t -> seeded(t, seeds)).toList();
    }

    private static Trial seeded(Trial t, List<Long> seeds) {
        return new Trial(
                t.id(),
                t.statement(),
                t.arms(),
                seeds,
                t.metric(),
                t.threshold(),
                t.experiment(),
                t.judge());
    }

    private static Trial far(
            String id, String statement, Split split, String threshold, Experiment experiment) {
        return trial(
                id,
                statement + " (" + split.summary() + ")",
                List.of(VANILLA, SPATIAL, CO_TRAINING, FULL),
                metric(split),
                threshold,
                experiment,
                results -> judgeFar(results, metric(split)));
    }

    private static String metric(Split split) {
        return "success/" + split;
    }

    private static Trial trial(
            String id,
            String statement,
            List<String> arms,
            String metric,
            String threshold,
            Experiment experiment,
            Trial.Judge judge) {
        return new Trial(id, statement, arms, SEEDS, metric, threshold, experiment, judge);
    }

    /// The configuration of an arm.
    static InternVlaM1Config vary(InternVlaM1Config config, String arm) {
        var plain = config.with(config.model().with(new Prompt(false, false)));
        var silent = CoTraining.NONE;
        return switch (arm) {
            case VANILLA ->
                    plain.with(lessons(config.spatial(), Lessons.CAPTIONS))
                            .with(config.acting().with(silent));
            case SPATIAL -> plain.with(config.acting().with(silent));
            case CO_TRAINING -> plain;
            case FULL -> config;
            case BOXES -> config.with(config.model().with(new Prompt(true, true)));
            case STOPPED -> config.with(config.model().with(scaled(config, 0)));
            case WHOLE -> config.with(config.model().with(scaled(config, 1)));
            case FLOW -> config.with(config.model().with(flow(config.model().expert())));
            default ->
                    throw new IllegalArgumentException(
                            "internvla-m1 has no arm '%s'".formatted(arm));
        };
    }

    private static Spatial lessons(Spatial spatial, Lessons lessons) {
        return new Spatial(
                spatial.steps(), spatial.batch(), spatial.learningRate(), lessons, spatial.dense());
    }

    private static Queries scaled(InternVlaM1Config config, double scale) {
        var q = config.model().queries();
        return new Queries(q.count(), q.width(), q.heads(), scale, q.compat(), q.dropout());
    }

    private static Expert flow(Expert expert) {
        return new Expert(
                expert.depth(), expert.heads(), Head.FLOW, expert.steps(), expert.dropout());
    }

    /// Trains one arm and measures it.
    private static Report measure(InternVlaM1Config config, Run run) {
        var report = InternVlaM1Recipe.trainAndAlign(config, run);
        report =
                report.plus(new InternVlaM1Recipe().evaluate(config, run))
                        .with(BEFORE, before(run));
        var checkpoint = InternVlaM1Checkpoint.open(InternVlaM1Recipe.folder(run));
        try (var _ = checkpoint.model()) {
            for (var split : FAR) {
                report = report.with(metric(split), success(config, checkpoint, run, split));
            }
        }
        return report;
    }

    /// What the exam after stage 1 found.
    private static double before(Run run) {
        var file = run.folder().resolve(InternVlaM1Training.STAGE1);
        return Files.isRegularFile(file)
                ? ConfigBinder.readObject(file).path(GROUNDING).asDouble(0)
                : 0;
    }

    /// Success on another split; 0 where it has no start of the families that were trained.
    private static double success(
            InternVlaM1Config config, InternVlaM1Checkpoint checkpoint, Run run, Split split) {
        var starts = InternVlaM1Recipe.starts(config, split);
        if (starts.isEmpty()) return 0;
        run.progress().stage("measuring " + split, starts.size());
        var policy = checkpoint.policy(config.evaluation()).batched(config.evaluation().execute());
        return InternVlaM1Recipe.measure(config, run, split, policy, TabletopExam.watch(run))
                .overall()
                .rate();
    }

    private static Verdict judgeSeen(Results results) {
        double full = results.mean(FULL, SUCCESS), vanilla = results.mean(VANILLA, SUCCESS);
        return Verdict.of(
                full >= LEAST && full >= vanilla,
                "full %.3f, vanilla %.3f".formatted(full, vanilla));
    }

    private static Verdict judgeFar(Results results, String metric) {
        double full = results.mean(FULL, metric), vanilla = results.mean(VANILLA, metric);
        long better = results.seedsLower(VANILLA, FULL, metric);
        return Verdict.of(
                full >= LEAST && full - vanilla >= GAIN && better >= 2,
                "full %.3f, vanilla %.3f, better with %d of %d seeds; spatial %.3f, co-training %.3f"
                        .formatted(
                                full,
                                vanilla,
                                better,
                                results.values(FULL, metric).length,
                                results.mean(SPATIAL, metric),
                                results.mean(CO_TRAINING, metric)));
    }

    private static Verdict judgeKept(Results results) {
        double before = results.mean(CO_TRAINING, BEFORE);
        double with = results.mean(CO_TRAINING, GROUNDING);
        double without = results.mean(SPATIAL, GROUNDING);
        return Verdict.of(
                before >= LEAST && with >= KEPT * before && without < with,
                "after stage 1 %.3f, after stage 2 %.3f with co-training and %.3f without"
                        .formatted(before, with, without));
    }

    private static Verdict judgeAlignment(Results results) {
        double full = results.mean(FULL, ALIGNMENT), vanilla = results.mean(VANILLA, ALIGNMENT);
        return Verdict.of(full > vanilla, "full %.3f, vanilla %.3f".formatted(full, vanilla));
    }
}
