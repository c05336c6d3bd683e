package dev.orrery.system.flowmatching;

import dev.orrery.flow.DataAt;
import dev.orrery.run.Claim;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Run;
import dev.orrery.run.Trial;
import dev.orrery.run.Verdict;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Head;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Method;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Pairing;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Path;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Sampling;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Times;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Training;
import dev.orrery.tensor.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Straight paths train flows that need fewer evaluations than diffusion paths; pairing by optimal
/// transport straightens them further; a flow keeps modes that regression averages away.
///
/// Every arm of a trial has the same network, steps, batches, noise and test samples. A seed sets
/// all randomness of training; tests use samples that training never sees.
public final class FlowMatchingClaim implements Claim {

    private static final List<Long> SEEDS = List.of(0L, 1L, 2L, 3L, 4L);

    private static final List<ToySet> PLANAR =
            List.of(ToySet.EIGHT_GAUSSIANS, ToySet.TWO_MOONS, ToySet.CHECKERBOARD);
    private static final String OT = "ot", VP = "vp", COUPLED = "ot-minibatch";
    private static final String FLOW = "flow", REGRESSION = "regression";

    @Override
    public String system() {
        return "flow-matching";
    }

    @Override
    public String statement() {
        return "Straighter conditional paths need fewer function evaluations at better quality than"
                + " diffusion paths, with the same network and training; coupling noise and data by"
                + " optimal transport straightens them further; a flow represents several modes"
                + " where regression averages them.";
    }

    @Override
    public List<Trial> trials() {
        return trials(SEEDS, FlowMatchingConfig.laptop());
    }

    @Override
    public List<Trial> rehearsal() {
        return trials(
                List.of(0L),
                FlowMatchingConfig.smoke()
                        .withTraining(new Training(60, 64, 1e-3, 1e-4, 0.9, 60))
                        .withSampling(new Sampling(16, 512)));
    }

    private static List<Trial> trials(List<Long> seeds, FlowMatchingConfig base) {
        var planar =
                new Trial.Experiment(
                        "planar", (arm, run) -> measurePlanar(methodOf(arm), base, run));
        var actions = new Trial.Experiment("actions", (arm, run) -> measureActions(arm, base, run));
        return List.of(
                new Trial(
                        "F1",
                        "Straight paths sample better than diffusion paths at few Euler steps",
                        List.of(OT, VP),
                        seeds,
                        "energy_distance",
                        "at 8 evaluations, on each set: mean energy distance of ot at most 0.5 times"
                                + " that of vp, and lower in at least 4 of 5 seeds",
                        planar,
                        FlowMatchingClaim::judgePaths),
                new Trial(
                        "F2",
                        "The adaptive solver needs fewer evaluations on straight paths",
                        List.of(OT, VP),
                        seeds,
                        "dopri5_nfe",
                        "on each set: mean evaluations of dopri5 at tolerance 1e-3 with ot at most"
                                + " 0.75 times those with vp",
                        planar,
                        FlowMatchingClaim::judgeEvaluations),
                new Trial(
                        "F3",
                        "Coupling by minibatch optimal transport straightens the flow",
                        List.of(OT, COUPLED),
                        seeds,
                        "straightness",
                        "on each set: mean straightness error and mean energy distance at 2"
                                + " evaluations both lower with the coupling",
                        planar,
                        FlowMatchingClaim::judgeCoupling),
                new Trial(
                        "F4",
                        "A flow passes the obstacle on either side; regression runs into it",
                        List.of(FLOW, REGRESSION),
                        seeds,
                        "collision_rate",
                        "mean collision rate of regression at least 0.8, of the flow at most 0.05,"
                                + " and in every seed 0.35 to 0.65 of the flow's chunks pass left",
                        actions,
                        FlowMatchingClaim::judgeModes));
    }

    private static Method methodOf(String arm) {
        return switch (arm) {
            case OT -> method(Head.FLOW, Path.OT, Pairing.INDEPENDENT);
            case VP -> method(Head.FLOW, Path.VP, Pairing.INDEPENDENT);
            case COUPLED -> method(Head.FLOW, Path.OT, Pairing.MINIBATCH_OT);
            case FLOW -> method(Head.FLOW, Path.OT, Pairing.INDEPENDENT);
            case REGRESSION -> method(Head.REGRESSION, Path.OT, Pairing.INDEPENDENT);
            default -> throw new IllegalArgumentException("there is no arm '%s'".formatted(arm));
        };
    }

    private static Method method(Head head, Path path, Pairing pairing) {
        return new Method(head, path, 0, pairing, Times.UNIFORM, DataAt.ONE);
    }

    /// All sets, each metric also as its mean over the sets.
    private static Report measurePlanar(Method method, FlowMatchingConfig base, Run run) {
        var each = new ArrayList<Report>();
        for (var set : PLANAR) each.add(measure(set, method, base, run));
        var report = Report.empty();
        for (var name : each.getFirst().metrics().keySet()) {
            report =
                    report.with(
                            name, each.stream().mapToDouble(r -> r.get(name)).average().orElse(0));
        }
        for (int i = 0; i < PLANAR.size(); i++) {
            for (var entry : each.get(i).metrics().entrySet()) {
                report = report.with(on(PLANAR.get(i), entry.getKey()), entry.getValue());
            }
        }
        return report;
    }

    private static Report measureActions(String arm, FlowMatchingConfig base, Run run) {
        return measure(ToySet.BIMODAL_ACTIONS, methodOf(arm), base, run);
    }

    private static Report measure(ToySet set, Method method, FlowMatchingConfig base, Run run) {
        var config = base.withSet(set).withMethod(method);
        try (var model = FlowTraining.whole(config, run)) {
            return SampleMeasure.of(model, config, Seed.of(run.heldOutSeed()));
        }
    }

    private static Verdict judgePaths(Results results) {
        boolean met = true;
        var seen = new ArrayList<String>();
        for (var set : PLANAR) {
            var metric = on(set, "energy_distance@8");
            double ot = results.mean(OT, metric), vp = results.mean(VP, metric);
            long lower = results.seedsLower(OT, VP, metric);
            int seeds = results.values(OT, metric).length;
            met &= ot <= 0.5 * vp && 5 * lower >= 4L * seeds;
            seen.add(
                    "%s %.4f against %.4f (%.2f times, lower in %d of %d seeds, floor %.4f)"
                            .formatted(
                                    name(set),
                                    ot,
                                    vp,
                                    ot / vp,
                                    lower,
                                    seeds,
                                    results.mean(OT, on(set, "floor"))));
        }
        return Verdict.of(met, String.join("; ", seen));
    }

    private static Verdict judgeEvaluations(Results results) {
        boolean met = true;
        var seen = new ArrayList<String>();
        for (var set : PLANAR) {
            var metric = on(set, "dopri5_nfe");
            double ot = results.mean(OT, metric), vp = results.mean(VP, metric);
            met &= ot <= 0.75 * vp;
            seen.add("%s %.0f against %.0f (%.2f times)".formatted(name(set), ot, vp, ot / vp));
        }
        return Verdict.of(met, String.join("; ", seen));
    }

    private static Verdict judgeCoupling(Results results) {
        boolean met = true;
        var seen = new ArrayList<String>();
        for (var set : PLANAR) {
            for (var metric : List.of("straightness", "energy_distance@2")) {
                double alone = results.mean(OT, on(set, metric));
                double coupled = results.mean(COUPLED, on(set, metric));
                met &= coupled < alone;
                seen.add("%s %s %.4f against %.4f".formatted(name(set), metric, coupled, alone));
            }
        }
        return Verdict.of(met, String.join("; ", seen));
    }

    private static Verdict judgeModes(Results results) {
        double regression = results.mean(REGRESSION, "collision_rate");
        double flow = results.mean(FLOW, "collision_rate");
        var left = results.values(FLOW, "left_share");
        boolean met =
                regression >= 0.8
                        && flow <= 0.05
                        && Arrays.stream(left).allMatch(share -> share >= 0.35 && share <= 0.65);
        return Verdict.of(
                met,
                "regression collides in %.1f %%, the flow in %.2f %%; its share on the left is %.2f to %.2f"
                        .formatted(
                                100 * regression,
                                100 * flow,
                                Arrays.stream(left).min().orElse(Double.NaN),
                                Arrays.stream(left).max().orElse(Double.NaN)));
    }

    private static String on(ToySet set, String metric) {
        return name(set) + "." + metric;
    }

    private static String name(ToySet set) {
        return set.name().toLowerCase(Locale.ROOT);
    }
}
