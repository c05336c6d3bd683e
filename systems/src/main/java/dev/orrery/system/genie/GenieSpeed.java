package dev.orrery.system.genie;

import dev.orrery.env.Image;
import dev.orrery.nn.Precision;
import dev.orrery.optim.Replicas;
import dev.orrery.run.Progress;
import dev.orrery.system.genie.GenieConfig.Order;
import dev.orrery.tensor.Engine;
import dev.orrery.tensor.Seed;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// How fast Genie is, as `orrery bench genie` shows it. Weights are random; time does not depend on
/// them.
///
/// @param frames dreamed frames a second with a full window, by MaskGIT steps
/// @param tokens tokens a second that each stage of training takes in
public record GenieSpeed(
        SequencedMap<Integer, Double> frames, SequencedMap<String, Double> tokens) {

    /// Frames a second that a dream needs at least, by MaskGIT steps.
    public static final SequencedMap<Integer, Double> BUDGET = budget();

    private static final int WARM_UP = 2;

    private static SequencedMap<Integer, Double> budget() {
        var budget = new LinkedHashMap<Integer, Double>();
        budget.put(8, 10.0);
        budget.put(25, 4.0);
        return Collections.unmodifiableSequencedMap(budget);
    }

    /// Measures a preset on this machine.
    ///
    /// @param frames frames that are dreamed with each number of steps
    /// @param steps training steps of each stage; the median time counts
    /// @param progress told what is being measured
    public static GenieSpeed measure(
            GenieConfig config, int frames, int steps, Consumer<String> progress) {
        var dreamed = new LinkedHashMap<Integer, Double>();
        try (var genie = new Genie(config, List.of(), Seed.of(1))) {
            for (int maskGit : BUDGET.keySet()) {
                progress.accept("frames at %d MaskGIT steps".formatted(maskGit));
                dreamed.put(maskGit, framesPerSecond(genie, maskGit, frames));
            }
        }
        return new GenieSpeed(dreamed, tokens(config, steps, progress));
    }

    /// About how long a whole training takes on this machine, as busy as it is now: the steps of
    /// each stage by the time of a few of those in its middle. Making data and measuring are not
    /// counted.
    ///
    /// @param progress told what is being measured
    static Duration training(GenieConfig config, Progress progress) {
        var stages = stages(config);
        progress.stage("finding out how long a step takes", stages.size());
        var measured = new AtomicInteger();
        var rates = tokens(config, 1, _ -> progress.at(measured.getAndIncrement(), ""));
        progress.end();
        double seconds = 0;
        for (var stage : stages.entrySet()) {
            var budget = stage.getValue().budget();
            seconds += budget.steps() * tokens(config, budget) / rates.get(stage.getKey());
        }
        return Duration.ofMillis(Math.round(1e3 * seconds));
    }

    private static double framesPerSecond(Genie genie, int maskGit, int frames) {
        var data = genie.config().data();
        var prompt =
                new Image(data.height(), data.width(), new byte[data.height() * data.width() * 3]);
        var sampler = new MaskGitSampler(maskGit, 1, Order.GREEDY);
        try (var dream = Dream.begin(genie, List.of(prompt), 1)) {
            for (int t = 0; t < data.context() + WARM_UP; t++) {
                dream.step(t % genie.codes(), sampler);
            }
            // in some frames the window moves on and in others not, so all of them count
            long begun = System.nanoTime();
            for (int t = 0; t < frames; t++) dream.step(t % genie.codes(), sampler);
            return 1e9 * frames / (System.nanoTime() - begun);
        }
    }

    private static SequencedMap<String, Double> tokens(
            GenieConfig config, int steps, Consumer<String> progress) {
        var small = config.data();
        var few =
                new GenieConfig.Data(
                        "",
                        40 * small.context(),
                        small.context(),
                        small.height(),
                        small.width(),
                        small.fit(),
                        0.5,
                        0.1);
        var rates = new LinkedHashMap<String, Double>();
        try (var data = GenieData.of(few, Seed.of(2), Progress.silent());
                var genie = new Genie(config, data.actionNames(), Seed.of(3));
                var replicas =
                        new Replicas<>(
                                genie,
                                config.shares(Engine.threads()),
                                () -> new Genie(config, data.actionNames(), Seed.of(3)))) {
            for (var stage : stages(config).entrySet()) {
                progress.accept("training: " + stage.getKey());
                var products = config.training().precision();
                double seconds =
                        median(steps, i -> step(stage.getValue(), products, replicas, data, i));
                rates.put(stage.getKey(), tokens(config, stage.getValue().budget()) / seconds);
            }
        }
        return rates;
    }

    /// Tokens that a step of training takes in.
    private static double tokens(GenieConfig config, BudgetConfig budget) {
        return (double) budget.batch()
                * config.data().context()
                * config.tokenizerPatches().count();
    }

    private static SequencedMap<String, Stage> stages(GenieConfig config) {
        var stages = new LinkedHashMap<String, Stage>();
        stages.put("tokenizer", new Stage(config.tokenizer().budget(), Share::look));
        if (!config.latentActions().useGtActions()) {
            stages.put(
                    "latent actions",
                    new Stage(
                            config.latentActions().budget(),
                            (model, clips, portion, seed) ->
                                    Share.learn(model, clips, true, false, portion, seed)));
        }
        stages.put(
                "dynamics",
                new Stage(
                        config.dynamics().budget(),
                        (model, clips, portion, seed) ->
                                Share.learn(model, clips, false, true, portion, seed)));
        return stages;
    }

    private interface Gradients {
        Share of(Genie genie, GenieData data, BudgetConfig.Portion portion, Seed seed);
    }

    private record Stage(BudgetConfig budget, Gradients gradients) {}

    private static void step(
            Stage stage, Precision products, Replicas<Genie> replicas, GenieData data, int i) {
        int context = replicas.model(0).config().data().context();
        var all = stage.budget().portion(stage.budget().steps() / 2, context);
        replicas.each(share ->
                        products.apply(() ->
                                stage.gradients()
                                        .of(
                                                replicas.model(share),
                                                data,
                                                all.of(share, replicas.count()),
                                                Seed.of(i).split(share))))
                .forEach(Share::close);
        replicas.gather();
        replicas.model(0).clearGradients();
    }

    private interface Work {
        void call(int i);
    }

    private static double median(int rounds, Work work) {
        var times = new double[rounds];
        for (int i = -WARM_UP; i < rounds; i++) {
            long start = System.nanoTime();
            work.call(Math.max(0, i));
            if (i >= 0) times[i] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(times);
        return times[rounds / 2];
    }
}
