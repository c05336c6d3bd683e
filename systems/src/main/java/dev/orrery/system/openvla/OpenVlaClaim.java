package dev.orrery.system.openvla;

import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.ActionTokenizer.Mode;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.adapt.ShiftedLab;
import dev.orrery.run.Claim;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Run;
import dev.orrery.run.Stopwatch;
import dev.orrery.run.Trial;
import dev.orrery.run.Trial.Experiment;
import dev.orrery.run.Verdict;
import dev.orrery.system.openvla.OpenVlaConfig.Sight;
import dev.orrery.system.openvla.OpenVlaConfig.Vision;
import java.util.List;

/// What OpenVLA on the tabletop must show. All arms share data, steps and test episodes, and see
/// and write equally many tokens unless that is what is compared.
///
/// The arm `fused` is the preset. Number words are the 64 location words of the vocabulary, so they
/// are compared with the last 64 ids, and the last 256 with 256 new ones.
public final class OpenVlaClaim implements Claim {

    private static final String FUSED = "fused",
            SEMANTIC = "semantic alone",
            SPATIAL = "spatial alone",
            EXTRA = "256 new ids",
            WORDS = "number words",
            OFT = "oft",
            BINS_16 = "16 bins",
            BINS_64 = "64 bins",
            BINS_1024 = "1024 bins",
            SUCCESS = "success_rate",
            SPEED = "actions_per_second";
    private static final List<Long> SEEDS = List.of(7L, 8L, 9L);
    private static final double RATE = 3e-4;

    /// Below this success of the preset a comparison shows nothing and counts as missed.
    private static final double LEAST = .10;

    @Override
    public String system() {
        return "openvla";
    }

    @Override
    public String statement() {
        return "Two vision towers of different schooling in front of a language model that writes"
                + " actions as its last tokens beat either tower, and adapt by low-rank updates";
    }

    @Override
    public List<Trial> trials() {
        return trials(OpenVlaConfig.laptop(), ShiftedLab.Budget.laptop(RATE), "laptop");
    }

    @Override
    public List<Trial> rehearsal() {
        var config = OpenVlaConfig.smoke().withSteps(3, 4);
        var budget = ShiftedLab.Budget.smoke(OpenVlaData.families(config), RATE);
        return trials(config, budget, "smoke");
    }

    private static List<Trial> trials(
            OpenVlaConfig config, ShiftedLab.Budget adaptation, String name) {
        var measured = config.evaluation();
        var budget = adaptation.measuredBy(measured.episodes(), measured.execute());
        var trained =
                new Experiment(
                        "train-" + name,
                        (arm, run) -> measure(vary(config, arm), run),
                        arm -> vary(config, arm));
        var adapted =
                new Experiment(
                        "adapt-" + name,
                        (_, run) -> adapt(config, budget, run),
                        _ -> List.of(config, budget));
        return List.of(
                trial(
                        "V0",
                        "The policy follows instructions that it was trained on",
                        List.of(FUSED),
                        SUCCESS,
                        "mean success at least .80 on L0",
                        trained,
                        OpenVlaClaim::judgeSuccess),
                trial(
                        "V1",
                        "Two towers of different schooling see more than either",
                        List.of(FUSED, SEMANTIC, SPATIAL),
                        SUCCESS,
                        "fused at least as high as the better single tower in the mean over seeds,"
                                + " and .10 at least; all with equally many parameters and tokens",
                        trained,
                        OpenVlaClaim::judgeTowers),
                trial(
                        "V2",
                        "Low-rank updates adapt as well as full training",
                        List.of(FUSED),
                        "shifted/lora",
                        "on the shifted table LoRA of rank 8 at most .03 below full training, the"
                                + " output layer alone at least .15 below",
                        adapted,
                        OpenVlaClaim::judgeAdaptation),
                trial(
                        "V3",
                        "Which ids stand for bins does not matter",
                        List.of(FUSED, EXTRA, BINS_64, WORDS),
                        SUCCESS,
                        "the last 256 ids within .03 of 256 new ones, number words within .03 of"
                                + " the last 64 ids, in the mean over seeds; fused .10 at least",
                        trained,
                        OpenVlaClaim::judgeIds),
                trial(
                        "V4",
                        "256 bins are enough and 16 are too few",
                        List.of(BINS_16, BINS_64, FUSED, BINS_1024),
                        SUCCESS,
                        "256 bins at least .10 above 16; 1024 at most .03 above 256",
                        trained,
                        OpenVlaClaim::judgeBins),
                trial(
                        "V5",
                        "A chunk in one pass is as good and much quicker",
                        List.of(FUSED, OFT),
                        SUCCESS,
                        "OFT with eight actions at least as high in the mean over seeds, and at"
                                + " least five times as many actions a second; fused .10 at least",
                        trained,
                        OpenVlaClaim::judgeOft));
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
    static OpenVlaConfig vary(OpenVlaConfig config, String arm) {
        var model = config.model();
        return switch (arm) {
            case FUSED -> config;
            case SEMANTIC -> config.with(model.with(Vision.alone(Sight.SEMANTIC)));
            case SPATIAL -> config.with(model.with(Vision.alone(Sight.SPATIAL)));
            case EXTRA -> config.with(model.with(Mode.EXTRA, 256));
            case WORDS -> config.with(model.with(Mode.NUMBER_WORDS, 64));
            case BINS_16 -> config.with(model.with(Mode.LAST_IDS, 16));
            case BINS_64 -> config.with(model.with(Mode.LAST_IDS, 64));
            case BINS_1024 -> config.with(model.with(Mode.LAST_IDS, 1024));
            case OFT -> config.withOft();
            default -> throw new IllegalArgumentException("openvla has no arm '%s'".formatted(arm));
        };
    }

    /// Trains one arm and measures it.
    private static Report measure(OpenVlaConfig config, Run run) {
        var report = new OpenVlaRecipe().run(config, run);
        return report.with(SPEED, actionsPerSecond(config, run));
    }

    /// Actions a second that the policy decides for one observation, by the median of its time.
    private static double actionsPerSecond(OpenVlaConfig config, Run run) {
        var checkpoint = OpenVlaCheckpoint.open(OpenVlaRecipe.folder(run));
        try (var _ = checkpoint.model()) {
            var policy = checkpoint.policy();
            var seen = new Tabletop().reset(1);
            double seconds = Stopwatch.seconds(() -> policy.chunk(seen, ChunkPolicy.Held.NONE));
            return config.evaluation().execute() / seconds;
        }
    }

    /// Trains the policy as it is, then adapts it in three manners.
    private static Report adapt(OpenVlaConfig config, ShiftedLab.Budget budget, Run run) {
        OpenVlaRecipe.trainOnly(config, run);
        return OpenVlaAdaptation.all(budget, run);
    }

    private static Verdict judgeSuccess(Results results) {
        double mean = results.mean(FUSED, SUCCESS);
        return Verdict.of(mean >= .80, "mean success %.3f".formatted(mean));
    }

    private static Verdict judgeTowers(Results results) {
        double both = results.mean(FUSED, SUCCESS);
        double names = results.mean(SEMANTIC, SUCCESS), places = results.mean(SPATIAL, SUCCESS);
        return Verdict.of(
                both >= LEAST && both >= Math.max(names, places),
                "fused %.3f, semantic %.3f, spatial %.3f".formatted(both, names, places));
    }

    private static Verdict judgeAdaptation(Results results) {
        double full = results.mean(FUSED, "shifted/full");
        double lora = results.mean(FUSED, "shifted/lora");
        double head = results.mean(FUSED, "shifted/head");
        return Verdict.of(
                lora >= full - .03 && head <= full - .15,
                "full %.3f, lora %.3f, output layer %.3f, unadapted %.3f"
                        .formatted(full, lora, head, results.mean(FUSED, "shifted/base")));
    }

    private static Verdict judgeIds(Results results) {
        double last = results.mean(FUSED, SUCCESS), extra = results.mean(EXTRA, SUCCESS);
        double few = results.mean(BINS_64, SUCCESS), words = results.mean(WORDS, SUCCESS);
        return Verdict.of(
                last >= LEAST && Math.abs(last - extra) <= .03 && Math.abs(few - words) <= .03,
                "last 256 %.3f, new 256 %.3f, last 64 %.3f, number words %.3f"
                        .formatted(last, extra, few, words));
    }

    private static Verdict judgeBins(Results results) {
        double few = results.mean(BINS_16, SUCCESS), usual = results.mean(FUSED, SUCCESS);
        double many = results.mean(BINS_1024, SUCCESS);
        return Verdict.of(
                usual >= few + .10 && many <= usual + .03,
                "16 bins %.3f, 64 %.3f, 256 %.3f, 1024 %.3f"
                        .formatted(few, results.mean(BINS_64, SUCCESS), usual, many));
    }

    private static Verdict judgeOft(Results results) {
        double one = results.mean(FUSED, SUCCESS), chunk = results.mean(OFT, SUCCESS);
        double slow = results.mean(FUSED, SPEED), quick = results.mean(OFT, SPEED);
        return Verdict.of(
                one >= LEAST && chunk >= one && quick >= 5 * slow,
                "success %.3f and %.3f, %.0f and %.0f actions a second"
                        .formatted(one, chunk, slow, quick));
    }
}
