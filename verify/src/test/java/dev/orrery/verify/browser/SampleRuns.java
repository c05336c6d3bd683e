package dev.orrery.verify.browser;

import dev.orrery.data.media.Png;
import dev.orrery.env.Episode;
import dev.orrery.env.Image;
import dev.orrery.env.Interval;
import dev.orrery.env.Rollout;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Outcome;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.env.tabletop.SuiteReport;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Run;
import dev.orrery.system.dynalang.DynalangRecipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Runs as training leaves them, made up in no time.
final class SampleRuns {

    /// A small configuration to compare.
    record Config(int steps, double learningRate, String sampler) {}

    private SampleRuns() {}

    /// A run with a loss that falls the faster the larger its learning rate is.
    static Run train(Path folder, String name, double learningRate, int steps) {
        var config = new Config(300, learningRate, "uniform");
        var run = Run.create(folder.resolve(name), "pi0", config, 7);
        for (int step = 0; step < steps; step++) {
            run.log(step, "loss", .1 + Math.exp(-step * 30 * learningRate));
        }
        return run;
    }

    /// A measurement with so many successes in thirty episodes of `pick`, and ten of `reach`.
    static SuiteReport measured(int successes) {
        var pick =
                new SuiteReport.Score(
                        Family.PICK,
                        Interval.of(successes, 30),
                        19,
                        Map.of(Outcome.SUCCESS, successes, Outcome.DROPPED, 30 - successes));
        var reach =
                new SuiteReport.Score(
                        Family.REACH, Interval.of(10, 10), 8, Map.of(Outcome.SUCCESS, 10));
        return new SuiteReport(
                Split.L0,
                Split.L0.hash(),
                "0123456789abcdef",
                new Suite.Subject("pi0", "fedcba9876543210", 2, 1),
                Interval.of(successes + 10, 40),
                List.of(reach, pick),
                List.of(new SuiteReport.Result(Family.REACH, 1, Outcome.SUCCESS, 8)));
    }

    /// An agent with a world model after a single update.
    static void dreamer(Path folder, String name) {
        var sets =
                List.of(
                        "training.steps=60",
                        "training.worlds=2",
                        "training.batch=2",
                        "training.length=8",
                        "training.ratio=1",
                        "evaluation.episodes=1");
        var recipe = new DynalangRecipe();
        var request = new ConfigBinder.Request(Optional.empty(), List.of(), sets);
        var config = ConfigBinder.resolve(recipe, request).config();
        try (var run = Run.create(folder.resolve(name), "dynalang", config, 7)) {
            recipe.run(config, run);
        }
    }

    /// What a world model imagined, late by a step without a hint, and rightly with one.
    static Map<String, Object> imagined(int context, int steps) {
        return Map.of(
                "context",
                context,
                "branches",
                List.of(
                        Map.of("steps", steps(context, steps, 1)),
                        Map.of("hint", "the star is red", "steps", steps(context, steps, 0))));
    }

    /// Steps of which the imagination lags behind what happened.
    private static List<Map<String, Object>> steps(int context, int steps, int lag) {
        var episode = Rollout.run(new Tabletop(List.of(Family.PICK)), Tabletop.expert(), 5);
        var all = new ArrayList<Map<String, Object>>();
        for (int t = 0; t < steps; t++) {
            int late = t < context ? t : Math.max(context, t - lag);
            all.add(
                    Map.of(
                            "truth", picture(episode, t),
                            "imagined", picture(episode, late),
                            "action", "move",
                            "token", "word" + t,
                            "tokens", List.of(List.of("word" + t, .75), List.of("other", .25)),
                            "reward", List.of(t == steps - 1 ? 1 : 0, .1 * t / steps),
                            "continue", List.of(1, .95),
                            "value", .05 * t,
                            "return", .06 * t));
        }
        return all;
    }

    private static String picture(Episode<float[]> episode, int t) {
        Image image = episode.frames().get(t).observation().image("overhead");
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(Png.encode(image, 1));
    }
}
