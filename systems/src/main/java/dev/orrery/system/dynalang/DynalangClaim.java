package dev.orrery.system.dynalang;

import dev.orrery.run.Claim;
import dev.orrery.run.Report;
import dev.orrery.run.Results;
import dev.orrery.run.Run;
import dev.orrery.run.Trial;
import dev.orrery.run.Trial.Experiment;
import dev.orrery.run.Trial.Judge;
import dev.orrery.run.Verdict;
import dev.orrery.system.dynalang.DynalangConfig.Reading;
import dev.orrery.system.dynalang.DynalangConfig.View;
import dev.orrery.system.dynalang.DynalangConfig.World;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/// Hints help an agent whose world model reads them; text read beforehand helps it later; the agent
/// underneath learns at all.
///
/// Every arm of a trial has the same steps in the world, updates, model and evaluation, in worlds
/// from a seed that training never uses. Arms of D3 differ in updates on text, which are not steps
/// in the world and are what is being tested.
public final class DynalangClaim implements Claim {

    private static final List<Long> SEEDS = List.of(0L, 1L, 2L);
    private static final String HINT = "hint", TASK_ONLY = "task_only", SHUFFLED = "shuffled";
    private static final String SCRATCH = "scratch",
            PRETRAINED = "pretrained",
            FULL = "full",
            HASTY = "hasty";
    private static final String USED =
            "mean share of bins opened at the first try at least 0.80 with hints, at most 0.45"
                    + " without and with shuffled ones";
    private static final double T_TWO_DEGREES = 4.303;

    /// @param seeds of every trial
    /// @param share of the full number of steps
    /// @param text updates on text
    /// @param episodes of an evaluation
    private record Budget(List<Long> seeds, double share, int text, int episodes) {

        /// As many other seeds.
        List<Long> unseen() {
            return seeds.stream().map(seed -> seed + SEEDS.size()).toList();
        }

        DynalangConfig of(World world, long steps, double ratio) {
            var config = DynalangConfig.nano(world, Math.round(steps * share), ratio);
            return config.with(new DynalangConfig.Evaluation(episodes));
        }
    }

    @Override
    public String system() {
        return "dynalang";
    }

    @Override
    public String statement() {
        return "An agent that learns one world model of what it sees and reads makes use of hints"
                + " that a task-only agent lacks; reading text beforehand makes it learn faster.";
    }

    @Override
    public List<Trial> trials() {
        return trials(new Budget(SEEDS, 1, 2_000, 400));
    }

    @Override
    public List<Trial> rehearsal() {
        return trials(new Budget(List.of(0L), 0.01, 10, 32));
    }

    private static List<Trial> trials(Budget budget) {
        return List.of(
                bins(budget),
                binsLonger(budget),
                readings(budget),
                find(budget),
                text(budget),
                baseline(budget),
                speech(budget),
                dreamer(budget, "cartpole"),
                dreamer(budget, "catch"),
                catchLonger(budget));
    }

    private static Trial bins(Budget budget) {
        return new Trial(
                "D1",
                "A hint about how a bin opens is used at the first try",
                List.of(HINT, TASK_ONLY, SHUFFLED),
                budget.seeds(),
                "first_try",
                USED,
                experiment("bins", arm -> budget.of(reading("bins", arm), 20_000, 64)),
                DynalangClaim::judgeBins);
    }

    /// As D1 with twice the steps and seeds that D1 does not have, written after D1 was missed and
    /// one of its agents had gone on to 40,000 steps.
    private static Trial binsLonger(Budget budget) {
        return new Trial(
                "D1-longer",
                "With 40,000 steps a hint about how a bin opens is used at the first try",
                List.of(HINT, TASK_ONLY, SHUFFLED),
                budget.unseen(),
                "first_try",
                USED,
                experiment("bins-longer", arm -> budget.of(reading("bins", arm), 40_000, 64)),
                DynalangClaim::judgeBins);
    }

    private static Trial readings(Budget budget) {
        return new Trial(
                "H1",
                "Who reads and how: the world model a word a step, a sentence at once, or the whole"
                        + " manual; only the policy; nobody",
                List.of("token", "sentence", "manual", "policy", "none"),
                budget.seeds(),
                "first_try",
                "reported, no threshold",
                experiment(
                        "readings",
                        arm -> {
                            var how = Reading.valueOf(arm.toUpperCase(Locale.ROOT));
                            return budget.of(reading("bins", HINT).with(how), 20_000, 64);
                        }),
                Judge.reported());
    }

    private static Trial find(Budget budget) {
        return new Trial(
                "D2",
                "Being told the room makes an agent find more",
                List.of(HINT, TASK_ONLY),
                budget.seeds(),
                "finds",
                "mean finds an episode at least 1.15 times those without the hint, and the 95 %"
                        + " interval of the difference over seeds above 0; scripted bounds: random"
                        + " 0.45, systematic 5.9, in the named room 10.1",
                experiment("find", arm -> budget.of(reading("find", arm), 40_000, 32)),
                DynalangClaim::judgeFind);
    }

    private static Trial text(Budget budget) {
        return new Trial(
                "D3",
                "Reading manuals beforehand makes an agent need fewer steps in the world",
                List.of(PRETRAINED, SCRATCH),
                budget.seeds(),
                "steps_to_half",
                "mean steps until the last 200 episodes return 0.5 at most 0.75 times those from"
                        + " scratch; perplexity of the next word below half of guessing by frequency",
                new Experiment(
                        "text",
                        (arm, run) -> measureText(arm, text(arm, budget), run),
                        arm -> text(arm, budget)),
                DynalangClaim::judgeText);
    }

    private static DynalangConfig text(String arm, Budget budget) {
        var config = budget.of(reading("messenger", "mini"), 60_000, 32);
        return config.with(config.text().lasting(arm.equals(PRETRAINED) ? budget.text() : 0));
    }

    private static Report measureText(String arm, DynalangConfig config, Run run) {
        var report = DynalangRecipe.trained(config, run);
        return arm.equals(PRETRAINED) ? report : report.with("perplexity", 0).with("unigram", 0);
    }

    private static Trial baseline(Budget budget) {
        return new Trial(
                "D4",
                "A recurrent policy without a world model, with hints and without",
                List.of(HINT, TASK_ONLY),
                budget.seeds(),
                "first_try",
                "reported, no threshold",
                new Experiment(
                        "baseline",
                        (arm, run) ->
                                RecurrentBaseline.trained(
                                        budget.of(reading("bins", arm), 20_000, 64), run),
                        arm -> budget.of(reading("bins", arm), 20_000, 64)),
                Judge.reported());
    }

    private static Trial speech(Budget budget) {
        return new Trial(
                "D5",
                "An agent answers questions about what it sees",
                List.of("agent"),
                budget.seeds(),
                "right_answers",
                "share of answers given in time with the right colour at least 0.6 (chance 0.25);"
                        + " the rest, silent or wrong, is reported",
                experiment(
                        "speech",
                        _ -> {
                            var base = DynalangConfig.langRoom();
                            return budget.of(base.world(), 60_000, 32).with(base.model());
                        }),
                DynalangClaim::judgeSpeech);
    }

    private static Trial dreamer(Budget budget, String name) {
        boolean cart = name.equals("cartpole");
        double best = cart ? 200 : 1;
        var world = cart ? DreamerRecipe.cartPole() : DreamerRecipe.catching();
        return new Trial(
                "D6-" + name,
                "The agent without words learns " + name,
                List.of(FULL, "free-nats", "return-scale", "unimix"),
                budget.seeds(),
                "score",
                "mean return of the whole agent at least %s, 0.9 of the best; the arms without a part are reported"
                        .formatted(0.9 * best),
                experiment(
                        name,
                        arm -> {
                            var config = budget.of(world, cart ? 20_000 : 10_000, 64);
                            return arm.equals(FULL)
                                    ? config
                                    : config.with(config.model().without(arm));
                        }),
                judgeScore(0.9 * best));
    }

    /// As D6-catch with a policy that waits for its model, six times the steps and seeds that
    /// D6-catch does not have, written after an agent of seed 0 had been looked at.
    private static Trial catchLonger(Budget budget) {
        return new Trial(
                "D6-catch-longer",
                "The agent without words learns catch in 60,000 steps, where its policy waits for"
                        + " its model",
                List.of(FULL, HASTY),
                budget.unseen(),
                "score",
                "mean return of the whole agent at least 0.9, 0.9 of the best; the policy at the"
                        + " model's rate is reported",
                experiment(
                        "catch-longer",
                        arm -> {
                            var config = budget.of(DreamerRecipe.catching(), 60_000, 64);
                            return arm.equals(HASTY)
                                    ? config
                                    : config.with(
                                            config.training().withActor(DreamerRecipe.PATIENT));
                        }),
                results -> {
                    double full = results.mean(FULL, "score");
                    return Verdict.of(
                            full >= .9,
                            "%.2f; at the model's rate %.2f"
                                    .formatted(full, results.mean(HASTY, "score")));
                });
    }

    /// Trains and measures one configuration an arm.
    private static Experiment experiment(String name, Function<String, DynalangConfig> config) {
        return new Experiment(
                name, (arm, run) -> DynalangRecipe.trained(config.apply(arm), run), config::apply);
    }

    private static World reading(String name, String arm) {
        return new World(name, arm, View.SYMBOLS, Reading.TOKEN);
    }

    private static Verdict judgeBins(Results results) {
        double hint = results.mean(HINT, "first_try");
        double none = results.mean(TASK_ONLY, "first_try");
        double shuffled = results.mean(SHUFFLED, "first_try");
        return Verdict.of(
                hint >= 0.80 && none <= 0.45 && shuffled <= 0.45,
                "opened at the first try: %.2f with hints, %.2f without, %.2f with shuffled ones"
                        .formatted(hint, none, shuffled));
    }

    private static Verdict judgeFind(Results results) {
        var hint = results.values(HINT, "finds");
        var none = results.values(TASK_ONLY, "finds");
        double mean = 0, squares = 0;
        for (int i = 0; i < hint.length; i++) mean += (hint[i] - none[i]) / hint.length;
        for (int i = 0; i < hint.length; i++)
            squares += Math.pow(hint[i] - none[i] - mean, 2) / Math.max(1, hint.length - 1);
        double half = hint.length < 3 ? 0 : T_TWO_DEGREES * Math.sqrt(squares / hint.length);
        double with = results.mean(HINT, "finds"), without = results.mean(TASK_ONLY, "finds");
        return Verdict.of(
                with >= 1.15 * without && mean - half > 0,
                "%.2f finds against %.2f, difference %.2f ± %.2f"
                        .formatted(with, without, mean, half));
    }

    private static Verdict judgeText(Results results) {
        double read = results.mean(PRETRAINED, "steps_to_half");
        double scratch = results.mean(SCRATCH, "steps_to_half");
        double perplexity = results.mean(PRETRAINED, "perplexity");
        double unigram = results.mean(PRETRAINED, "unigram");
        return Verdict.of(
                read <= 0.75 * scratch && perplexity < unigram / 2,
                "%.0f steps against %.0f; perplexity %.2f against %.2f by frequency"
                        .formatted(read, scratch, perplexity, unigram));
    }

    private static Verdict judgeSpeech(Results results) {
        double asked = results.mean("agent", "answers");
        double right = asked == 0 ? 0 : results.mean("agent", "right_answers") / asked;
        return Verdict.of(
                right >= 0.6,
                "%.2f of %.1f questions an episode answered rightly, %.2f silent or wrong"
                        .formatted(right, asked, 1 - right));
    }

    private static Judge judgeScore(double least) {
        return results -> {
            double full = results.mean(FULL, "score");
            return Verdict.of(
                    full >= least,
                    "%.2f; without free nats %.2f, without return scale %.2f, without unimix %.2f"
                            .formatted(
                                    full,
                                    results.mean("free-nats", "score"),
                                    results.mean("return-scale", "score"),
                                    results.mean("unimix", "score")));
        };
    }
}
