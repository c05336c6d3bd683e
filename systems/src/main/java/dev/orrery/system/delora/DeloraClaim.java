package dev.orrery.system.delora;

import dev.orrery.env.tabletop.Family;
import dev.orrery.policy.adapt.Adapts;
import dev.orrery.policy.adapt.ShiftedLab;
import dev.orrery.run.Claim;
import dev.orrery.run.Recipe;
import dev.orrery.run.Results;
import dev.orrery.run.SharedRun.Wanted;
import dev.orrery.run.Trial;
import dev.orrery.run.Trial.Experiment;
import dev.orrery.run.Verdict;
import dev.orrery.system.delora.DeloraConfig.Method;
import java.util.List;
import java.util.Locale;

/// What DeLoRA must show. On the regression tasks every method is compared at multiples of its own
/// best learning rate, which validation samples choose; a training that diverges counts as the
/// labels' mean, error 1. All arms of a seed share base, tasks and batches.
public final class DeloraClaim implements Claim {

    private static final String LORA = arm(Method.LORA),
            DORA = arm(Method.DORA),
            DELORA = arm(Method.DELORA),
            FULL = arm(Method.FULL);
    private static final List<Long> SEEDS = List.of(0L, 1L, 2L, 3L, 4L);
    private static final List<Long> POLICY_SEEDS = List.of(7L, 8L, 9L);
    private static final List<String> LONG = List.of(LORA, DORA, DELORA);
    private static final double RATE = 1e-4, LEAST = .10;

    private final Recipe<?> training;
    private final Adapts system;

    /// @param training trains the policies that D4 adapts
    /// @param system opens them
    public DeloraClaim(Recipe<?> training, Adapts system) {
        this.training = training;
        this.system = system;
    }

    @Override
    public String system() {
        return "delora";
    }

    @Override
    public String statement() {
        return "Low-rank updates whose direction and strength are apart forgive a wrong learning"
                + " rate and long training, and lose nothing at the best rate";
    }

    @Override
    public List<Trial> trials() {
        return trials(
                DeloraConfig.laptop(),
                SEEDS,
                "laptop",
                policy(new Wanted("laptop", List.of()), ShiftedLab.Budget.laptop(RATE)),
                POLICY_SEEDS);
    }

    @Override
    public List<Trial> rehearsal() {
        var tiny = new Wanted("smoke", ShiftedLab.Budget.TINY_BASE);
        return trials(
                DeloraConfig.smoke().withSteps(20),
                List.of(0L, 1L),
                "smoke",
                policy(tiny, ShiftedLab.Budget.smoke(List.of(Family.REACH), RATE)),
                List.of(7L));
    }

    private Experiment policy(Wanted base, ShiftedLab.Budget budget) {
        return new Experiment(
                "policy-" + base.preset(),
                (arm, run) -> PolicyRates.measure(training, system, base, budget, arm, run),
                _ -> List.of(base, budget));
    }

    private static List<Trial> trials(
            DeloraConfig config,
            List<Long> seeds,
            String name,
            Experiment policy,
            List<Long> policySeeds) {
        var regression =
                new Experiment(
                        "regression-" + name,
                        (arm, run) ->
                                Regression.measure(
                                        config.with(method(arm)), LONG.contains(arm), run),
                        arm -> config.with(method(arm)));
        return List.of(
                new Trial(
                        "D1",
                        "DeLoRA forgives a learning rate that is too high",
                        List.of(LORA, DORA, DELORA),
                        seeds,
                        "error",
                        "at 4 and at 8 times its own best rate, in at least 4 of 5 seeds, DeLoRA's"
                                + " test error exceeds that at its best rate by less than half of"
                                + " the share by which LoRA's does; the octaves of rate within a"
                                + " tenth of the smallest error at least 1.5 times LoRA's in the"
                                + " mean",
                        regression,
                        DeloraClaim::judgeRates),
                new Trial(
                        "D2",
                        "In long training DeLoRA stays where it is and LoRA wanders on",
                        List.of(LORA, DORA, DELORA),
                        seeds,
                        "change",
                        "at the best rate for ten times as many steps, mean growth of the change's"
                                + " norm in the last half below .02 of its level for DeLoRA and not"
                                + " for LoRA; DeLoRA's mean error on the first task lower",
                        regression,
                        DeloraClaim::judgeLong),
                new Trial(
                        "D3",
                        "No part of DeLoRA costs accuracy",
                        List.of(
                                LORA,
                                arm(Method.NORMALISED),
                                arm(Method.NORMED),
                                DELORA,
                                arm(Method.DELORA_ZERO_B),
                                FULL),
                        seeds,
                        "best_error",
                        "at each one's best rate DeLoRA's mean test error at most one standard"
                                + " error of the paired differences above LoRA's, and at most .03 above"
                                + " that of training every weight; the rungs between are reported",
                        regression,
                        DeloraClaim::judgeLadder),
                new Trial(
                        "D4",
                        "A policy that DeLoRA adapts forgives four times the rate",
                        List.of(PolicyRates.BASE, PolicyRates.LORA, PolicyRates.DELORA),
                        policySeeds,
                        "success_rate",
                        "on the shifted table DeLoRA's mean success falls by at most .05 from its"
                                + " best rate to four times that, LoRA's by more; DeLoRA at its best"
                                + " rate at least .10 above the unadapted base",
                        policy,
                        DeloraClaim::judgePolicy));
    }

    private static String arm(Method method) {
        return method.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static Method method(String arm) {
        return Method.valueOf(arm.toUpperCase(Locale.ROOT).replace(' ', '_'));
    }

    private static double[] excess(Results results, String arm, double multiple) {
        var there = results.values(arm, "error@" + multiple);
        var best = results.values(arm, "error@1.0");
        var excess = new double[there.length];
        for (int i = 0; i < there.length; i++) excess[i] = there[i] / best[i] - 1;
        return excess;
    }

    static Verdict judgeRates(Results results) {
        int seeds = results.values(DELORA, "best_error").length, forgiving = 0;
        double[] four = excess(results, DELORA, 4), eight = excess(results, DELORA, 8);
        double[] loraFour = excess(results, LORA, 4), loraEight = excess(results, LORA, 8);
        for (int i = 0; i < seeds; i++) {
            if (four[i] < loraFour[i] / 2 && eight[i] < loraEight[i] / 2) forgiving++;
        }
        double wide = results.mean(DELORA, "width"), narrow = results.mean(LORA, "width");
        return Verdict.of(
                5 * forgiving >= 4 * seeds && wide >= 1.5 * narrow,
                "in %d of %d seeds; error grows %.2f and %.2f times at 4 and 8 times the rate, LoRA's %.2f and %.2f, DoRA's %.2f and %.2f; within a tenth over %.2f octaves, LoRA %.2f"
                        .formatted(
                                forgiving,
                                seeds,
                                ratio(results, DELORA, 4),
                                ratio(results, DELORA, 8),
                                ratio(results, LORA, 4),
                                ratio(results, LORA, 8),
                                ratio(results, DORA, 4),
                                ratio(results, DORA, 8),
                                wide,
                                narrow));
    }

    private static double ratio(Results results, String arm, double multiple) {
        double sum = 0;
        var all = excess(results, arm, multiple);
        for (double one : all) sum += 1 + one;
        return sum / all.length;
    }

    static Verdict judgeLong(Results results) {
        double flat = results.mean(DELORA, "growth"), growing = results.mean(LORA, "growth");
        double kept = results.mean(DELORA, "source_error");
        double lost = results.mean(LORA, "source_error");
        return Verdict.of(
                flat < .02 && growing >= .02 && kept < lost,
                "growth %.3f, LoRA %.3f, DoRA %.3f; error on the first task %.3f, LoRA %.3f, DoRA %.3f"
                        .formatted(
                                flat,
                                growing,
                                results.mean(DORA, "growth"),
                                kept,
                                lost,
                                results.mean(DORA, "source_error")));
    }

    static Verdict judgeLadder(Results results) {
        var mine = results.values(DELORA, "best_error");
        var lora = results.values(LORA, "best_error");
        double full = results.mean(FULL, "best_error");
        double above = results.mean(DELORA, "best_error") - results.mean(LORA, "best_error");
        double error = standardError(mine, lora);
        return Verdict.of(
                above <= error && results.mean(DELORA, "best_error") <= full + .03,
                "LoRA %.4f, lengths %.4f, column norms %.4f, DeLoRA %.4f (B at zero %.4f), every weight %.4f; standard error %.4f"
                        .formatted(
                                results.mean(LORA, "best_error"),
                                results.mean(arm(Method.NORMALISED), "best_error"),
                                results.mean(arm(Method.NORMED), "best_error"),
                                results.mean(DELORA, "best_error"),
                                results.mean(arm(Method.DELORA_ZERO_B), "best_error"),
                                full,
                                error));
    }

    static Verdict judgePolicy(Results results) {
        double base = results.mean(PolicyRates.BASE, "success_rate");
        double mine = results.mean(DELORA, "success@1"), high = results.mean(DELORA, "success@4");
        double lora = results.mean(LORA, "success@1"), loraHigh = results.mean(LORA, "success@4");
        return Verdict.of(
                mine - high <= .05 && lora - loraHigh > mine - high && mine >= base + LEAST,
                "DeLoRA %.3f and %.3f, LoRA %.3f and %.3f, base %.3f"
                        .formatted(mine, high, lora, loraHigh, base));
    }

    private static double standardError(double[] a, double[] b) {
        int n = a.length;
        double mean = 0, squares = 0;
        for (int i = 0; i < n; i++) mean += (a[i] - b[i]) / n;
        for (int i = 0; i < n; i++) squares += (a[i] - b[i] - mean) * (a[i] - b[i] - mean);
        return n < 2 ? 0 : Math.sqrt(squares / (n - 1) / n);
    }
}
