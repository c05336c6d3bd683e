package dev.orrery.system.rt2;

import dev.orrery.env.tabletop.Riddles;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Start;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.env.tabletop.SuiteReport;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.run.Claim;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Run;
import dev.orrery.run.TabletopExam;
import dev.orrery.run.Trial;
import dev.orrery.run.Trial.Experiment;
import dev.orrery.run.Verdict;
import dev.orrery.system.rt2.RtTwoConfig.Kind;
import java.util.List;
import java.util.stream.IntStream;

/// What RT-2 on the tabletop must show: what is only in the questions comes to be acted on, and
/// more of it stays where questions go on.
///
/// All arms see the same robot samples, in the same order; the arm that co-fine-tunes takes 1/ρ as
/// many steps of stage R for them. What counts as unseen are the four kinds of block on the
/// diagonal of colours and shapes, which questions name and no instruction of a demonstration does;
/// the experiment refuses to start where one does.
public final class RtTwoClaim implements Claim {

    private static final String SCRATCH = "scratch",
            FINE = "fine-tune",
            CO = "co-fine-tune",
            FILM = "rt-1-like",
            PLAN = "co-fine-tune with plans",
            SUCCESS = "success_rate",
            UNSEEN = "unseen/success_rate",
            SIGNS = "signs/success_rate",
            DESCRIBED = "described/success_rate",
            ACCURACY = "question_accuracy",
            LEVEL = "question_level";
    private static final List<Long> SEEDS = List.of(7L, 8L, 9L);

    /// Riddles of each sort for each episode of a family.
    private static final int RIDDLES = 4;

    /// Below this success of co-fine-tuning a comparison shows nothing and counts as missed.
    private static final double LEAST = .10;

    @Override
    public String system() {
        return "rt-2";
    }

    @Override
    public String statement() {
        return "What a vision-language model knows only from questions transfers to a robot's"
                + " actions when these are written as text, and co-fine-tuning keeps more of it"
                + " than fine-tuning";
    }

    @Override
    public List<Trial> trials() {
        return trials(RtTwoConfig.laptop(), SEEDS, "laptop");
    }

    @Override
    public List<Trial> rehearsal() {
        var smoke = RtTwoConfig.smoke();
        var tiny =
                new RtTwoConfig(
                                smoke.model(),
                                new RtTwoConfig.Demonstrations(List.of("pick"), 2, ""),
                                smoke.web(),
                                smoke.training(),
                                new RtTwoConfig.Evaluation(1, 1, 160, 8, Pick.MEDIAN))
                        .withSteps(2, 4);
        return trials(tiny, SEEDS.subList(0, 1), "smoke");
    }

    private static List<Trial> trials(RtTwoConfig config, List<Long> seeds, String name) {
        var trained =
                new Experiment(
                        "train-" + name,
                        (arm, run) -> measure(vary(config, arm), run),
                        arm -> vary(config, arm));
        return List.of(
                new Trial(
                        "R1",
                        "Questions cost no skill on tasks that were trained",
                        List.of(FINE, CO),
                        seeds,
                        SUCCESS,
                        "co-fine-tuning at most .05 below fine-tuning on L0, in the mean over"
                                + " seeds; .10 at least",
                        trained,
                        RtTwoClaim::judgeSeen),
                new Trial(
                        "R2",
                        "Blocks that only questions name are acted on",
                        List.of(SCRATCH, FINE, CO),
                        seeds,
                        UNSEEN,
                        "on L3 co-fine-tuning above fine-tuning above scratch, in the mean and in"
                                + " two thirds of the seeds; co-fine-tuning at least .20 above scratch",
                        trained,
                        RtTwoClaim::judgeUnseen),
                new Trial(
                        "R3",
                        "Signs that only questions read are acted on",
                        List.of(FILM, CO),
                        seeds,
                        SIGNS,
                        "co-fine-tuning at least twice as high as the convolution; .10 at least",
                        trained,
                        RtTwoClaim::judgeSigns),
                new Trial(
                        "R4",
                        "Co-fine-tuning keeps what fine-tuning forgets",
                        List.of(FINE, CO),
                        seeds,
                        ACCURACY,
                        "after stage R co-fine-tuning answers at least .90 of the share of"
                                + " questions that it answered before, fine-tuning less than .90",
                        trained,
                        RtTwoClaim::judgeKept),
                new Trial(
                        "R5",
                        "Blocks that are described and not named",
                        List.of(CO, PLAN),
                        seeds,
                        DESCRIBED,
                        "reported, with and without plans",
                        trained,
                        Trial.Judge.reported()));
    }

    /// The configuration of an arm.
    static RtTwoConfig vary(RtTwoConfig config, String arm) {
        return switch (arm) {
            case SCRATCH -> config.unschooled().fineTuned();
            case FINE -> config.fineTuned();
            case CO -> config;
            case FILM -> config.with(config.model().with(Kind.FILM_CONV)).unschooled().fineTuned();
            case PLAN -> config.planned();
            default -> throw new IllegalArgumentException("rt-2 has no arm '%s'".formatted(arm));
        };
    }

    /// Trains one arm and measures it on what it saw and on what it did not.
    private static Report measure(RtTwoConfig config, Run run) {
        try (var data = RtTwoData.of(config, run)) {
            var leaked = RtTwoData.leaked(data.instructions());
            if (!leaked.isEmpty()) {
                throw new IllegalStateException(
                        "rt-2: %d instructions name what only questions may: %s"
                                .formatted(leaked.size(), leaked.getFirst()));
            }
        }
        var report = new RtTwoRecipe().run(config, run);
        int riddles = RIDDLES * config.evaluation().episodes();
        var checkpoint = RtTwoCheckpoint.open(RtTwoRecipe.folder(run));
        try (var _ = checkpoint.model()) {
            run.progress().stage("unseen blocks", 0);
            var unseen =
                    RtTwoRecipe.measure(config, run, checkpoint, Split.L3, TabletopExam.watch(run));
            return report.with(UNSEEN, unseen.overall().rate())
                    .with(SIGNS, play(config, run, checkpoint, Riddles.signs(riddles)))
                    .with(DESCRIBED, play(config, run, checkpoint, Riddles.described(riddles)));
        }
    }

    private static double play(
            RtTwoConfig config, Run run, RtTwoCheckpoint checkpoint, List<Start> starts) {
        run.progress().stage("riddles", starts.size());
        var results =
                Suite.play(
                        starts,
                        run.heldOutSeed(),
                        RtTwoRecipe.policy(config, checkpoint).batched(),
                        Suite.BATCH,
                        TabletopExam.watch(run));
        return (double) results.stream().filter(SuiteReport.Result::success).count()
                / results.size();
    }

    private static Verdict judgeSeen(Results results) {
        double fine = results.mean(FINE, SUCCESS), co = results.mean(CO, SUCCESS);
        return Verdict.of(
                co >= LEAST && co >= fine - .05, "co %.3f, fine-tuned %.3f".formatted(co, fine));
    }

    private static Verdict judgeUnseen(Results results) {
        double scratch = results.mean(SCRATCH, UNSEEN);
        double fine = results.mean(FINE, UNSEEN), co = results.mean(CO, UNSEEN);
        double[] none = results.values(SCRATCH, UNSEEN);
        double[] some = results.values(FINE, UNSEEN), all = results.values(CO, UNSEEN);
        long ordered =
                IntStream.range(0, all.length)
                        .filter(s -> all[s] > some[s] && some[s] > none[s])
                        .count();
        return Verdict.of(
                co > fine && fine > scratch && 3 * ordered >= 2 * all.length && co >= scratch + .20,
                "co %.3f, fine-tuned %.3f, scratch %.3f; in this order with %d of %d seeds"
                        .formatted(co, fine, scratch, ordered, all.length));
    }

    private static Verdict judgeSigns(Results results) {
        double film = results.mean(FILM, SIGNS), co = results.mean(CO, SIGNS);
        return Verdict.of(
                co >= LEAST && co >= 2 * film, "co %.3f, convolution %.3f".formatted(co, film));
    }

    private static Verdict judgeKept(Results results) {
        double fine = kept(results, FINE), co = kept(results, CO);
        return Verdict.of(
                co >= .90 && fine < .90,
                "co keeps %.3f of %.3f, fine-tuning %.3f of %.3f"
                        .formatted(co, results.mean(CO, LEVEL), fine, results.mean(FINE, LEVEL)));
    }

    private static double kept(Results results, String arm) {
        double level = results.mean(arm, LEVEL);
        return level > 0 ? results.mean(arm, ACCURACY) / level : 0;
    }
}
