package dev.orrery.system.genie;

import dev.orrery.nn.Module;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.GradientClip;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.optim.Replicas;
import dev.orrery.quantize.CodeUsage;
import dev.orrery.quantize.CodebookAlarm;
import dev.orrery.quantize.Quantized;
import dev.orrery.quantize.VectorQuantizer;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.run.TrainingPrecision;
import dev.orrery.tensor.Engine;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// The three models of a [Genie] while they learn, as [Curriculum] says.
///
/// Each core computes the gradients of its share of a batch. All that a step depends on is saved,
/// so a run that was stopped goes on bit for bit, with the same number of threads.
final class GenieTraining {

    private static final int LOG_EVERY = 10, VECTORS_A_CODE = 8;

    private final GenieConfig config;
    private final GenieData data;
    private final Run run;
    private final Curriculum curriculum;
    private final Genie genie;
    private final AdamW tokenizer, dynamics;
    private final Optional<AdamW> latentActions;
    private final CodebookAlarm patchAlarm, actionAlarm;
    private final GradientClip clip;
    private final Pace pace;

    GenieTraining(GenieConfig config, GenieData data, Run run) {
        this.config = config;
        this.data = data;
        this.run = run;
        curriculum = Curriculum.of(config);
        genie = build();
        tokenizer = optimizer(genie.tokenizer());
        latentActions = genie.latentActions().map(this::optimizer);
        dynamics = optimizer(genie.dynamics());
        patchAlarm =
                new CodebookAlarm(CodebookAlarm.Config.usual(), config.tokenizer().codes().codes());
        actionAlarm = new CodebookAlarm(CodebookAlarm.Config.usual(), genie.codes());
        clip = GradientClip.norm(config.training().clip());
        pace = new Pace(run.progress());
    }

    private Genie build() {
        return new Genie(config, data.actionNames(), run.seed("weights"));
    }

    /// Codebooks do not decay: a code that is not chosen should stay where it is.
    private AdamW optimizer(Module module) {
        var training = config.training();
        var decaying = new LinkedHashMap<String, Tensor>();
        var others = new LinkedHashMap<String, Tensor>();
        module.namedParameters()
                .forEach((name, p) ->
                        (p.rank() > 1 && !name.endsWith("codebook") ? decaying : others)
                                .put(name, p));
        return AdamW.grouped(
                List.of(new ParameterGroup(decaying, 1, 1), new ParameterGroup(others, 1, 0)),
                new AdamW.Settings(
                        config.dynamics().budget().learningRate(),
                        0.9,
                        training.beta2(),
                        1e-8,
                        training.weightDecay()));
    }

    /// Trains to the end, saving.
    Genie train() {
        var state =
                RunState.of(genie)
                        .with("tokenizer", tokenizer::stateDict, tokenizer::load)
                        .with("dynamics", dynamics::stateDict, dynamics::load)
                        .with("patchAlarm", patchAlarm::stateDict, patchAlarm::load)
                        .with("actionAlarm", actionAlarm::stateDict, actionAlarm::load);
        if (latentActions.isPresent()) {
            var optimizer = latentActions.get();
            state = state.with("latentActions", optimizer::stateDict, optimizer::load);
        }
        greet();
        TrainingPrecision.say(config.training().precision(), run.progress());
        long steps = curriculum.steps();
        run.progress().stage("training genie", steps);
        try (var replicas = new Replicas<>(genie, config.shares(Engine.threads()), this::build)) {
            for (long step = run.resume(state); step < steps; step++) {
                step(step, replicas);
                if (run.every(step, config.training().saveEvery()) || step + 1 == steps) {
                    run.save(step, state);
                }
            }
        }
        pace.end();
        return genie;
    }

    private void greet() {
        run.progress()
                .note(
                        "%,d clips of %d frames; tokenizer %.2f M, latent actions %.2f M, dynamics %.2f M parameters; %d tokens a frame"
                                .formatted(
                                        data.size(),
                                        config.data().context(),
                                        genie.tokenizer().parameterCount() / 1e6,
                                        genie.latentActions().map(Module::parameterCount).orElse(0L)
                                                / 1e6,
                                        genie.dynamics().parameterCount() / 1e6,
                                        config.tokenizerPatches().count()));
    }

    /// One step of whatever learns in it.
    private void step(long step, Replicas<Genie> replicas) {
        var seed = run.seed("batch").split(step);
        var turn = Turn.of(config, curriculum, step);
        var portion = turn.portion();
        if (Turn.beginsToQuantise(config, curriculum, step)) startCodes(portion, seed);
        var shares =
                replicas.each(share -> {
                    var part = portion.of(share, replicas.count());
                    var model = replicas.model(share);
                    var own = seed.split(share);
                    return config.training()
                            .precision()
                            .apply(() -> turn.share(model, data, part, own));
                });
        var numbers = Report.mean(shares.stream().map(Share::numbers).toList());
        run.check(step, numbers, seed);
        replicas.gather();
        if (turn.patches()) {
            move(tokenizer, curriculum.tokenizer().rate(step));
            var quantized = shares.stream().flatMap(s -> s.patches().stream()).toList();
            var vq = genie.tokenizer().vq();
            if (!turn.continuous())
                numbers = end("tokenizer", vq, quantized, patchAlarm, seed, numbers);
        }
        if (turn.actions()) {
            move(latentActions.orElseThrow(), curriculum.latentActions().rate(step));
            var quantized = shares.stream().flatMap(s -> s.actions().stream()).toList();
            var vq = genie.latentActions().orElseThrow().vq();
            numbers = end("actions", vq, quantized, actionAlarm, seed, numbers);
        }
        if (turn.frames()) {
            move(dynamics, curriculum.dynamics().rate(step));
        }
        genie.clearGradients();
        shares.forEach(Share::close);
        pace.step(turn.name(), tokens(portion));
        if (step % LOG_EVERY == 0 || step + 1 == curriculum.steps()) {
            run.log(step, numbers);
        }
    }

    /// The tokenizer begins to quantise with codes that are where its vectors are.
    private void startCodes(BudgetConfig.Portion portion, Seed seed) {
        int vectors = portion.clips() * portion.frames() * config.tokenizerPatches().count();
        int times = Math.ceilDiv(VECTORS_A_CODE * config.tokenizer().codes().codes(), vectors);
        var more = new BudgetConfig.Portion(times * portion.clips(), portion.frames());
        try (var _ = TensorScope.open()) {
            var own = seed.split("start");
            genie.tokenizer().startCodes(data.batch(more, own).pixels(), own);
        }
    }

    private long tokens(BudgetConfig.Portion portion) {
        return (long) portion.clips() * portion.frames() * config.tokenizerPatches().count();
    }

    private void move(AdamW optimizer, double rate) {
        clip.apply(optimizer.parameters());
        optimizer.learningRate(rate);
        optimizer.step();
    }

    private Report end(
            String name,
            VectorQuantizer vq,
            List<Quantized> quantized,
            CodebookAlarm alarm,
            Seed seed,
            Report numbers) {
        try (var _ = TensorScope.open()) {
            int revived = vq.endStep(quantized, seed.split("codes"));
            var usage = quantized.stream().map(vq::usage).reduce(CodeUsage::plus).orElseThrow();
            alarm.observe(usage).ifPresent(text -> run.progress().note(name + " " + text));
            return numbers.with(name + "/perplexity", usage.perplexity())
                    .with(name + "/revived", revived);
        }
    }
}
