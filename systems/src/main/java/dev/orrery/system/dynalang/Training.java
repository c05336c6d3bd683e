package dev.orrery.system.dynalang;

import dev.orrery.run.Checkpoints;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.run.TrainingPrecision;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.worldmodel.Draws;
import dev.orrery.worldmodel.Rssm;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// An agent while it is trained: first on text alone if asked for, then acting and learning in
/// turn.
///
/// The run's steps are updates. Everything an update depends on is saved with it (weights,
/// optimiser, experience, worlds, the agent's states), so that a run that was killed goes on as if
/// it had not been.
final class Training {

    private static final int LOG_EVERY = 25, TIMED = 10, RECENT = 200, IMAGINED = 2;
    private static final double LEARNED = 0.5;

    private final DynalangConfig config;
    private final Run run;
    final Dynalang model;
    private final Learner learner;
    private final Stage stage;
    private final Player player;
    private final Diary diary;
    private final Scores scores;
    private Tensor readDeter, readLatents;
    private long steps, learnedAt = -1;
    private int logged;
    private double actingSeconds;

    Training(DynalangConfig config, Run run) {
        this.config = config;
        this.run = run;
        var training = config.training();
        stage = Stage.open(config.world(), training.worlds(), run.seed("worlds").key());
        if (config.text().updates() > 0 && stage.senses().words() == 0)
            throw new IllegalArgumentException(
                    "text.updates %d needs a world model that reads; use world.reading=TOKEN in a world with words, or text.updates=0"
                            .formatted(config.text().updates()));
        model = new Dynalang(config.model(), stage.senses(), run.seed("weights"));
        learner = new Learner(model, training);
        player = new Player(model, training.worlds());
        diary = new Diary(config, model, run.folder().resolve("replay"));
        scores = new Scores(training.worlds());
        var sizes = model.rssm.config();
        int readers = config.text().batch();
        try (var _ = TensorScope.open()) {
            readDeter = TensorScope.release(Tensor.zeros(readers, sizes.deter()));
            readLatents = TensorScope.release(Tensor.zeros(readers, sizes.latents()));
        }
    }

    /// A fresh or saved agent, for measuring.
    static Dynalang restored(DynalangConfig config, Run run) {
        var model = fresh(config);
        run.checkpoints().load(model);
        return model;
    }

    /// An agent that has learned nothing.
    static Dynalang fresh(DynalangConfig config) {
        var env = Worlds.open(config.world());
        return new Dynalang(config.model(), Worlds.senses(config.world(), env), Seed.of(0));
    }

    /// Trains to the end, saving.
    ///
    /// @return what was learned on the way: perplexities after the text, and the number of steps in
    ///   the world after which the last 200 episodes had a mean return of 0.5 (the whole budget if
    ///   never)
    Report train() {
        greet();
        TrainingPrecision.say(config.training().precision(), run.progress());
        long reading = config.text().updates(), all = reading + config.training().updates();
        var state =
                RunState.of(model)
                        .with("optimizer", learner::stateDict, learner::load)
                        .with("driver", this::stateDict, this::load);
        run.progress().stage("training " + run.info().system(), all);
        long first = run.resume(state);
        if (first > 0) diary.load(first);
        var text = text(first);
        long began = System.nanoTime();
        for (long update = first; update < all; update++) {
            if (update < reading) read(update, text.orElseThrow());
            else learn(update, update - reading);
            if (update + 1 == reading) perplexity(update);
            if (update == Math.max(first, reading) + TIMED) announce(began, update - first, all);
            if (run.every(update, config.training().saveEvery()) || update + 1 == all)
                save(update, state);
        }
        return told(reading)
                .with("steps_to_half", learnedAt < 0 ? config.training().steps() : learnedAt);
    }

    /// Time of some updates and of the steps in the world that they needed, in seconds.
    record Spent(double learning, double acting, long steps) {}

    /// Some updates without text, saving or measuring, to see how long they take.
    Spent practise(long from, long updates) {
        long began = System.nanoTime(), before = steps;
        double acted = actingSeconds;
        for (long update = from; update < from + updates; update++) learn(update, update);
        double acting = actingSeconds - acted;
        double all = (System.nanoTime() - began) / 1e9;
        return new Spent(all - acting, acting, Math.max(1, steps - before));
    }

    private void greet() {
        run.progress()
                .note(
                        "world %s: %s; model %s %s, %.2f M parameters"
                                .formatted(
                                        config.world().name(),
                                        stage.senses(),
                                        config.model().size(),
                                        config.model().form(),
                                        model.parameterCount() / 1e6));
        run.progress().note(diary.estimate());
        run.progress()
                .note(
                        "train ratio %s: an update on %d x %d steps for every %.1f steps in the world"
                                .formatted(
                                        config.training().ratio(),
                                        config.training().batch(),
                                        config.training().length(),
                                        config.training().stepsPerUpdate()));
    }

    private void announce(long began, long updates, long all) {
        double seconds = (System.nanoTime() - began) / 1e9;
        double learning = Math.max(1e-9, seconds - actingSeconds) / Math.max(1, updates);
        double acting = actingSeconds / Math.max(1, steps);
        double ahead = all * learning + Math.max(0, config.training().steps() - steps) * acting;
        run.progress()
                .note(
                        "%.1f updates/s, %.0f steps/s in the world, about %.1f minutes in all"
                                .formatted(1 / learning, 1 / acting, ahead / 60));
    }

    // ---- text

    private Optional<TextStream> text(long first) {
        if (first >= config.text().updates()) return Optional.empty();
        var stream = new TextStream(config.world(), config.text().batch(), run.seed("text").key());
        stream.skip(first * config.text().length());
        return Optional.of(stream);
    }

    private void read(long update, TextStream text) {
        config.training().precision().run(() -> readOnce(update, text));
    }

    private void readOnce(long update, TextStream text) {
        try (var _ = TensorScope.open()) {
            var tokens = text.next(config.text().length());
            var result =
                    WorldModelLoss.ofText(
                            model,
                            new Rssm.State(readDeter, readLatents),
                            tokens,
                            Draws.of(run.seed(update).split("latents")));
            double norm = learner.step(result.total(), update);
            readDeter.copy_(result.trace().last().deter());
            readLatents.copy_(result.trace().last().latents());
            if (update % LOG_EVERY == 0) log(update, "text/", result.parts(), norm);
        }
    }

    private void perplexity(long update) {
        var report = Perplexity.of(model, config.world(), run.heldOutSeed());
        run.log(update, report);
        run.progress()
                .note(
                        "text read: perplexity of the next word %.2f, by frequency %.2f"
                                .formatted(report.get("perplexity"), report.get("unigram")));
    }

    /// The perplexities after the text, which a run that goes on did not measure itself.
    private Report told(long reading) {
        if (reading == 0) return Report.empty();
        var logged = run.logged(reading - 1);
        return Report.of("perplexity", logged.get("perplexity"))
                .with("unigram", logged.get("unigram"));
    }

    // ---- acting and learning

    private void learn(long update, long number) {
        var due = config.training().first() + number * config.training().stepsPerUpdate();
        while (steps < due || !diary.ready()) act();
        config.training().precision().run(() -> learnOnce(update, number));
    }

    private void learnOnce(long update, long number) {
        var seed = run.seed(update);
        try (var _ = TensorScope.open()) {
            var sample = diary.draw(seed.split("replay"));
            var lesson = diary.lesson(sample);
            var world =
                    WorldModelLoss.of(
                            model, lesson, config.text().ahead(), Draws.of(seed.split("latents")));
            var heard = model.hear(lesson);
            var behaviour = BehaviourLoss.of(model, world, lesson, heard, seed.split("dreams"));
            double norm = learner.step(world.total().add(behaviour.total()), number);
            model.follow();
            diary.refresh(sample, world.trace(), heard);
            if (update % LOG_EVERY == 0) {
                var parts = new LinkedHashMap<String, Tensor>();
                parts.put("loss", world.total());
                parts.putAll(world.parts());
                parts.putAll(behaviour.parts());
                log(update, "train/", parts, norm);
            }
        }
    }

    private void act() {
        long began = System.nanoTime();
        var choices = player.act(stage, run.seed("acting").split(steps));
        diary.write(stage, player, choices);
        stage.step(choices);
        scores.add(stage, _ -> true);
        steps += stage.size();
        if (learnedAt < 0 && scores.count() >= RECENT && scores.recent(RECENT) >= LEARNED)
            learnedAt = steps;
        actingSeconds += (System.nanoTime() - began) / 1e9;
    }

    private void log(long update, String group, Map<String, Tensor> parts, double norm) {
        var report = Report.empty();
        for (var part : parts.entrySet())
            report = report.with(group + part.getKey(), part.getValue().item());
        for (var entry : scores.means(logged).metrics().entrySet())
            report = report.with("episode/" + entry.getKey(), entry.getValue());
        logged = scores.count();
        run.log(
                update,
                report.with(group + "grad_norm", norm)
                        .with("env_steps", steps)
                        .with("replay/size", diary.size())
                        .with("replay/replay_ratio", ratio(update)));
    }

    private double ratio(long update) {
        double replayed =
                Math.max(0, update + 1 - config.text().updates())
                        * (double) config.training().batch()
                        * config.training().length();
        return steps == 0 ? 0 : replayed / steps;
    }

    // ---- saving

    private void save(long update, RunState state) {
        var foresight = new Foresight(model, config.world());
        for (int start = 1; start <= IMAGINED; start++)
            run.write(
                    "imagination/step-%08d-start-%d.json".formatted(update + 1, start),
                    foresight.imagine(update + 1, run.heldOutSeed() + start).json());
        diary.save(update + 1);
        run.save(update, state);
        diary.keepOnly(run.checkpoints().all().stream().map(Checkpoints::steps).toList());
    }

    private Map<String, Tensor> stateDict() {
        var state = new LinkedHashMap<>(player.stateDict());
        var worlds = stage.state();
        var counts = diary.counts();
        state.put("worlds", Tensor.of(worlds, worlds.length));
        state.put("counts", Tensor.of(counts, counts.length));
        state.put("steps", Tensor.of(new long[] {steps, learnedAt, scores.last(RECENT).length}, 3));
        state.put("returns", Tensor.of(scores.running().clone(), scores.running().length));
        var recent = Arrays.copyOf(scores.last(RECENT), RECENT);
        state.put("recent", Tensor.of(recent, RECENT));
        state.put("read_deter", readDeter);
        state.put("read_latents", readLatents);
        return state;
    }

    private void load(Map<String, Tensor> state) {
        player.load(state);
        stage.restore(state.get("worlds").toLongs());
        diary.restoreCounts(state.get("counts").toLongs());
        var numbers = state.get("steps").toLongs();
        steps = numbers[0];
        learnedAt = numbers[1];
        var returns = state.get("returns").toDoubles();
        System.arraycopy(returns, 0, scores.running(), 0, returns.length);
        scores.restore(Arrays.copyOf(state.get("recent").toDoubles(), (int) numbers[2]));
        logged = scores.count();
        readDeter.copy_(state.get("read_deter"));
        readLatents.copy_(state.get("read_latents"));
    }
}
