package dev.orrery.system.genie;

import dev.orrery.fidelity.RandomVideoFeatures;
import dev.orrery.run.Claim;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Run;
import dev.orrery.run.Trial;
import dev.orrery.run.Trial.Experiment;
import dev.orrery.run.Verdict;
import dev.orrery.system.genie.GenieConfig.Evaluation;
import dev.orrery.system.genie.LatentActionsConfig.LamInput;
import dev.orrery.system.genie.TokenizerConfig.Variant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Latent actions that are learned from pixels alone move what is dreamt, and mean what a player
/// does; both halves of the design, the tokenizer's time and the size of the dynamics, pay.
///
/// All arms have the same data, steps and sampling, and are measured on clips of levels that
/// nothing was learned from. Every arm learns for as long as the laptop preset does.
public final class GenieClaim implements Claim {

    private static final List<Long> SEEDS = List.of(0L, 1L, 2L);
    private static final String PIXELS = "pixels", TOKENS = "tokens", SPATIAL = "spatial";
    private static final String SIZES = "sizes";

    /// @param base what the arms have in common
    /// @param seeds of every trial
    private record Budget(GenieConfig base, List<Long> seeds) {

        static Budget full() {
            return new Budget(GenieConfig.laptop(), SEEDS);
        }

        static Budget small() {
            var smoke = GenieConfig.smoke();
            var evaluation = smoke.evaluation();
            var few = new BudgetConfig(2, 2, 1e-3, 1e-4, 0);
            return new Budget(
                    smoke.with(smoke.tokenizer().with(few))
                            .with(smoke.latentActions().with(few))
                            .with(smoke.dynamics().with(few))
                            .with(
                                    new Evaluation(
                                            2, evaluation.temperature(), evaluation.order(), 4)),
                    List.of(0L));
        }

        GenieConfig arm(String arm) {
            return switch (arm) {
                case TOKENS -> base.with(base.latentActions().with(LamInput.TOKENS));
                case SPATIAL -> base.with(base.tokenizer().with(Variant.SPATIAL));
                default -> base;
            };
        }
    }

    @Override
    public String system() {
        return "genie";
    }

    @Override
    public String statement() {
        return "A world model learned from video without labels can be played: its latent actions,"
                + " inferred from pixels, control what it dreams.";
    }

    @Override
    public List<Trial> trials() {
        return trials(Budget.full());
    }

    @Override
    public List<Trial> rehearsal() {
        return trials(Budget.small());
    }

    private static List<Trial> trials(Budget budget) {
        var genie =
                new Experiment("genie", (arm, run) -> measure(budget.arm(arm), run), budget::arm);
        var sizes =
                new Experiment(
                        SIZES, (_, run) -> SizeSweep.measure(budget.base(), run), budget::arm);
        return List.of(
                new Trial(
                        "C1",
                        "Latent actions control the dream, those of another clip do not",
                        List.of(PIXELS),
                        budget.seeds(),
                        "delta_psnr",
                        "mean PSNR gained over random codes at the fourth frame at least 1.0 dB,"
                                + " its 95 % interval above 0 in every seed; with another clip's codes"
                                + " within 0.1 dB of 0 in the mean",
                        genie,
                        GenieClaim::judgeControl),
                new Trial(
                        "C2",
                        "Latent actions from pixels control more than those from tokens",
                        List.of(PIXELS, TOKENS),
                        budget.seeds(),
                        "delta_psnr",
                        "more PSNR gained over random codes at the fourth frame from pixels than"
                                + " from tokens, in every seed",
                        genie,
                        GenieClaim::judgeInput),
                new Trial(
                        "C3",
                        "A tokenizer that sees the past makes better videos than one that does not",
                        List.of(PIXELS, SPATIAL),
                        budget.seeds(),
                        "rf_fvd",
                        "lower mean distance of dreams from true clips (RF-FVD) and higher mean"
                                + " PSNR of reconstructed frames than with a tokenizer that sees frames"
                                + " alone",
                        genie,
                        GenieClaim::judgeTokenizer),
                new Trial(
                        "C4",
                        "Eight latent actions mean what a player does",
                        List.of(PIXELS),
                        budget.seeds(),
                        "recovered",
                        "mean share of transitions whose action the code tells at least 0.70, mean"
                                + " normalised mutual information at least 0.4, at least 4 codes used"
                                + " in more than 2 % of transitions in every seed; chosen on 200"
                                + " labels",
                        genie,
                        GenieClaim::judgeMeaning),
                new Trial(
                        "C5",
                        "Larger dynamics predict better after the same steps",
                        List.of(SIZES),
                        budget.seeds(),
                        SizeSweep.METRIC,
                        "mean cross-entropy of hidden tokens on held-out clips strictly lower with"
                                + " each size: 0.15, 0.5, 1.2, 3 million parameters",
                        sizes,
                        GenieClaim::judgeSizes));
    }

    /// Trains an arm and measures what the trials need.
    private static Report measure(GenieConfig config, Run run) {
        try (var data = GenieData.of(config.data(), run.seed("data"), run.progress());
                var genie = new GenieTraining(config, data, run).train();
                var features = new RandomVideoFeatures()) {
            var evaluation = new GenieEvaluation(genie, data, run);
            run.progress().stage("measuring", 1);
            var delta = evaluation.deltaPsnr();
            var report =
                    delta.report()
                            .plus(evaluation.reconstruction())
                            .plus(evaluation.distances(features, delta.dreams()));
            return evaluation.calibration().map(c -> report.plus(c.report())).orElse(report);
        }
    }

    private static Verdict judgeControl(Results results) {
        double mean = results.mean(PIXELS, "delta_psnr");
        double low = least(results, "delta_psnr_low");
        double shuffled = results.mean(PIXELS, "delta_psnr_shuffled");
        return Verdict.of(
                mean >= 1.0 && low > 0 && Math.abs(shuffled) <= 0.1,
                "%.2f dB gained over random codes, lowest interval from %.2f; %.2f dB with another clip's codes"
                        .formatted(mean, low, shuffled));
    }

    private static double least(Results results, String metric) {
        return Arrays.stream(results.values(PIXELS, metric)).min().orElseThrow();
    }

    private static Verdict judgeInput(Results results) {
        long seeds = results.values(PIXELS, "delta_psnr").length;
        long more = results.seedsLower(TOKENS, PIXELS, "delta_psnr");
        return Verdict.of(
                more == seeds,
                "%.2f dB from pixels, %.2f dB from tokens; more from pixels in %d of %d seeds"
                        .formatted(
                                results.mean(PIXELS, "delta_psnr"),
                                results.mean(TOKENS, "delta_psnr"),
                                more,
                                seeds));
    }

    private static Verdict judgeTokenizer(Results results) {
        double past = results.mean(PIXELS, "rf_fvd"), alone = results.mean(SPATIAL, "rf_fvd");
        double pastPsnr = results.mean(PIXELS, "reconstruction_psnr");
        double alonePsnr = results.mean(SPATIAL, "reconstruction_psnr");
        return Verdict.of(
                past < alone && pastPsnr > alonePsnr,
                "distance %.4f against %.4f; reconstruction %.2f dB against %.2f dB"
                        .formatted(past, alone, pastPsnr, alonePsnr));
    }

    private static Verdict judgeMeaning(Results results) {
        double recovered = results.mean(PIXELS, "recovered");
        double information = results.mean(PIXELS, "mutual_information");
        double used = least(results, "used_codes");
        return Verdict.of(
                recovered >= 0.70 && information >= 0.4 && used >= 4,
                "%.2f of transitions recovered (%.2f by always naming the commonest), mutual information %.2f, at least %.0f codes used"
                        .formatted(
                                recovered,
                                results.mean(PIXELS, "most_frequent_action"),
                                information,
                                used));
    }

    private static Verdict judgeSizes(Results results) {
        var means =
                SizeSweep.MILLIONS.stream()
                        .mapToDouble(m -> results.mean(SIZES, SizeSweep.METRIC + "@" + m))
                        .toArray();
        boolean falling = IntStream.range(1, means.length).allMatch(i -> means[i] < means[i - 1]);
        return Verdict.of(
                falling,
                "%.3f, %.3f, %.3f and %.3f nats with 0.15, 0.5, 1.2 and 3 million parameters"
                        .formatted(means[0], means[1], means[2], means[3]));
    }
}
