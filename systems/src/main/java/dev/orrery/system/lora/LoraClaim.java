package dev.orrery.system.lora;

import dev.orrery.env.tabletop.Family;
import dev.orrery.policy.adapt.Adapts;
import dev.orrery.policy.adapt.ShiftedLab;
import dev.orrery.run.Claim;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Run;
import dev.orrery.run.SharedRun;
import dev.orrery.run.SharedRun.Wanted;
import dev.orrery.run.Trial;
import dev.orrery.run.Trial.Experiment;
import dev.orrery.run.Verdict;
import dev.orrery.system.lora.LoraConfig.Layers;
import dev.orrery.system.lora.LoraConfig.Method;
import dev.orrery.system.lora.LoraConfig.Way;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What LoRA on the shifted table must show. All arms of a seed adapt the same policy on the same
/// demonstrations for as many steps, each at the best of the same four rates, which validation
/// demonstrations choose; every number that is trained counts.
///
/// The base of a seed is trained once, in the claim's folder `base-PRESET/seed-N`, with its
/// system's preset; a policy's folder that lies in `given/seed-N` is taken instead.
public final class LoraClaim implements Claim {

    private static final String BASE = "base",
            FULL = "full",
            HEAD = "head",
            BIASES = "biases",
            QUERY_VALUE = "lora 4 on q and v",
            DORA = "dora 4",
            LORA = "lora ",
            SUCCESS = "success_rate";
    private static final List<Long> SEEDS = List.of(7L, 8L, 9L);
    private static final List<String> SMALL = List.of("lora 1", "lora 2", "lora 4", "lora 8");
    private static final double RATE = 1e-4;

    private final Recipe<?> training;
    private final Adapts system;

    /// @param training trains bases
    /// @param system opens them
    public LoraClaim(Recipe<?> training, Adapts system) {
        this.training = training;
        this.system = system;
    }

    @Override
    public String system() {
        return "lora";
    }

    @Override
    public String statement() {
        return "Updates of low rank adapt a model as well as the training of everything, with far"
                + " fewer trained numbers, a smaller optimiser and no cost once merged";
    }

    @Override
    public List<Trial> trials() {
        return trials(new Wanted("laptop", List.of()), ShiftedLab.Budget.laptop(RATE), SEEDS);
    }

    @Override
    public List<Trial> rehearsal() {
        var tiny = new Wanted("smoke", ShiftedLab.Budget.TINY_BASE);
        return trials(tiny, ShiftedLab.Budget.smoke(List.of(Family.REACH), RATE), List.of(7L));
    }

    private List<Trial> trials(Wanted wanted, ShiftedLab.Budget budget, List<Long> seeds) {
        var adapted =
                new Experiment(
                        "adapt-" + wanted.preset(),
                        (arm, run) -> measure(wanted, budget, arm, run),
                        arm -> List.of(wanted, budget, arm.equals(BASE) ? arm : way(arm)));
        var memory =
                new Experiment(
                        "memory",
                        (arm, _) -> TrainingMemory.measure(arm.equals(FULL) ? 0 : rank(arm)));
        return List.of(
                new Trial(
                        "L1",
                        "A small rank adapts as well as the training of everything",
                        List.of(
                                BASE,
                                FULL,
                                "lora 1",
                                "lora 2",
                                "lora 4",
                                "lora 8",
                                QUERY_VALUE,
                                DORA,
                                HEAD,
                                BIASES),
                        seeds,
                        SUCCESS,
                        "mean success on the shifted table of the best LoRA of rank 8 or less at"
                                + " most .03 below the training of everything, both at least .30 above"
                                + " the unadapted base",
                        adapted,
                        LoraClaim::judgeSuccess),
                new Trial(
                        "L2",
                        "The rank hardly matters",
                        List.of(HEAD, "lora 1", "lora 2", "lora 4", "lora 8", "lora 32"),
                        seeds,
                        SUCCESS,
                        "mean success of rank 4 at most .02 below rank 32; rank 1 above the output"
                                + " layer alone",
                        adapted,
                        LoraClaim::judgeRanks),
                new Trial(
                        "L3",
                        "Optimiser and gradients are a fraction",
                        List.of(FULL, "lora 1", "lora 2", "lora 4", "lora 8"),
                        List.of(0L),
                        "bytes",
                        "gradients and moments of a step on a language model of three million"
                                + " numbers, rank 1 and rank 2: at most .10 of the training of"
                                + " everything; the share of trained numbers is reported",
                        memory,
                        LoraClaim::judgeMemory),
                new Trial(
                        "L4",
                        "Merged, an adapter costs nothing",
                        SMALL,
                        seeds,
                        "merged_time",
                        "the median time of a chunk, merged, within .03 of the base's in the mean"
                                + " over seeds, at every rank; unmerged reported",
                        adapted,
                        LoraClaim::judgeTime),
                new Trial(
                        "L5",
                        "Without the adapter the policy is its old self",
                        SMALL,
                        seeds,
                        "original",
                        "actions of the policy with the adapter off equal the base's to the bit;"
                                + " success on the first table with it on is reported",
                        adapted,
                        LoraClaim::judgeOff));
    }

    private Report measure(Wanted wanted, ShiftedLab.Budget budget, String arm, Run run) {
        var base = SharedRun.ofClaim(training, wanted, run, system::canAdapt, system::saved);
        var lab = new LoraLab(system, base, budget, run);
        return arm.equals(BASE) ? lab.base() : lab.adapted(arm, way(arm).manner());
    }

    static Way way(String arm) {
        return switch (arm) {
            case FULL -> Way.lora(1).with(Method.FULL);
            case HEAD -> Way.lora(1).with(Method.HEAD);
            case BIASES -> Way.lora(1).with(Method.BIASES);
            case QUERY_VALUE -> Way.lora(4).on(Layers.QUERY_VALUE);
            case DORA -> Way.lora(4).with(Method.DORA);
            default -> Way.lora(rank(arm));
        };
    }

    private static int rank(String arm) {
        if (!arm.startsWith(LORA)) {
            throw new IllegalArgumentException("lora has no arm '%s'".formatted(arm));
        }
        return Integer.parseInt(arm.substring(LORA.length()));
    }

    static Verdict judgeSuccess(Results results) {
        double base = results.mean(BASE, SUCCESS), full = results.mean(FULL, SUCCESS);
        double best = Double.NEGATIVE_INFINITY;
        for (var arm : SMALL) best = Math.max(best, results.mean(arm, SUCCESS));
        best = Math.max(best, results.mean(QUERY_VALUE, SUCCESS));
        return Verdict.of(
                best >= full - .03 && best >= base + .30 && full >= base + .30,
                "best LoRA %.3f, everything %.3f, base %.3f; %s"
                        .formatted(
                                best,
                                full,
                                base,
                                each(results, SUCCESS, QUERY_VALUE, DORA, HEAD, BIASES)));
    }

    private static String each(Results results, String metric, String... more) {
        return Stream.concat(SMALL.stream(), Arrays.stream(more))
                .map(arm -> "%s %.3f".formatted(arm, results.mean(arm, metric)))
                .collect(Collectors.joining(", "));
    }

    static Verdict judgeRanks(Results results) {
        double four = results.mean("lora 4", SUCCESS), most = results.mean("lora 32", SUCCESS);
        double one = results.mean("lora 1", SUCCESS), head = results.mean(HEAD, SUCCESS);
        return Verdict.of(
                four >= most - .02 && one > head,
                "rank 1 %.3f, 2 %.3f, 4 %.3f, 8 %.3f, 32 %.3f, output layer %.3f"
                        .formatted(
                                one,
                                results.mean("lora 2", SUCCESS),
                                four,
                                results.mean("lora 8", SUCCESS),
                                most,
                                head));
    }

    static Verdict judgeMemory(Results results) {
        double full = results.mean(FULL, "bytes");
        double one = results.mean("lora 1", "bytes") / full;
        double two = results.mean("lora 2", "bytes") / full;
        return Verdict.of(
                one <= .10 && two <= .10,
                "%.4f and %.4f of %.0f bytes at rank 1 and 2, %.4f at 4, %.4f at 8; trained numbers %.4f to %.4f of all"
                        .formatted(
                                one,
                                two,
                                full,
                                results.mean("lora 4", "bytes") / full,
                                results.mean("lora 8", "bytes") / full,
                                results.mean("lora 1", "trained_share"),
                                results.mean("lora 8", "trained_share")));
    }

    static Verdict judgeTime(Results results) {
        boolean met = true;
        for (var arm : SMALL) met &= Math.abs(results.mean(arm, "merged_time") - 1) <= .03;
        return Verdict.of(
                met,
                "merged %s; beside %s"
                        .formatted(each(results, "merged_time"), each(results, "unmerged_time")));
    }

    static Verdict judgeOff(Results results) {
        double most = 0;
        for (var arm : SMALL) {
            most =
                    Math.max(
                            most,
                            Arrays.stream(results.values(arm, "off_difference")).max().orElse(1));
        }
        return Verdict.of(
                most == 0,
                "largest difference of an action %s; on the first table with it on %s"
                        .formatted(most, each(results, "original")));
    }
}
