package dev.orrery.system.dynalang;

import dev.orrery.nn.Precision;
import dev.orrery.run.Limits;
import dev.orrery.run.Need;
import dev.orrery.worldmodel.Form;
import java.util.List;

/// Where, with which model, and for how long.
///
/// @param world where the agent acts
/// @param model the world model, actor and critic
/// @param training budget and rates
/// @param experience what is kept to learn from
/// @param text what is learned from text alone
/// @param evaluation how the trained agent is measured
public record DynalangConfig(
        World world,
        Model model,
        Training training,
        Experience experience,
        Text text,
        Evaluation evaluation) {

    public DynalangConfig {
        long least = 2L * training.worlds * Math.max(1024, training.length + 1);
        if (experience.steps < least)
            throw new IllegalArgumentException(
                    "experience.steps %d is too little for sequences of %d steps in %d worlds; keep at least %d"
                            .formatted(experience.steps, training.length, training.worlds, least));
    }

    /// What the agent sees.
    public enum View {
        SYMBOLS,
        PIXELS
    }

    /// What becomes of the words that a world says.
    public enum Reading {
        /// The world model reads one word a step.
        TOKEN,
        /// The world model sees all words of the present utterance at once, without their order:
        /// the arm of sentences.
        SENTENCE,
        /// The world model attends to all sentences of the episode at once: the arm of manuals.
        MANUAL,
        /// Actor and critic read one word a step through a recurrent unit of their own, the world
        /// model none: the arm of policies conditioned on language.
        POLICY,
        /// Nobody reads: the arm without language.
        NONE
    }

    /// @param name which world; see [Worlds]
    /// @param arm which of its kinds, such as the hint that is given
    /// @param view what the agent sees
    /// @param reading what becomes of its words
    public record World(String name, String arm, View view, Reading reading) {

        World with(String otherArm) {
            return new World(name, otherArm, view, reading);
        }

        World with(Reading other) {
            return new World(name, arm, view, other);
        }
    }

    /// @param form which DreamerV3
    /// @param size widths by name; see [Size]
    /// @param unimix share of the uniform distribution in latents and actions
    /// @param free nats of divergence for free
    /// @param scaleReturns whether advantages are divided by the spread of returns
    /// @param horizon steps of a dream
    /// @param episode steps after which the discount has fallen to 1/e
    /// @param entropy weight of the policy's entropy
    /// @param speech how strongly what is said is held to what the world model expects to hear, as
    ///   a multiple of the entropy's weight; 0 for not at all
    public record Model(
            Form form,
            String size,
            double unimix,
            double free,
            boolean scaleReturns,
            int horizon,
            int episode,
            double entropy,
            double speech) {

        public Model {
            Size.named(size);
            new Limits("model")
                    .share("unimix", unimix)
                    .notNegative("free", free)
                    .atLeast(1, "horizon", horizon)
                    .atLeast(2, "episode", episode)
                    .notNegative("entropy", entropy)
                    .notNegative("speech", speech);
        }

        /// As published: 1 % unimix, 1 free nat, 15 steps, discount 1 - 1/333, entropy 3e-4.
        static Model published(Form form, String size) {
            return new Model(form, size, 0.01, 1, true, 15, 333, 3e-4, 0);
        }

        Model dreaming(int steps) {
            return new Model(
                    form, size, unimix, free, scaleReturns, steps, episode, entropy, speech);
        }

        /// The same with other nats for free.
        Model freeing(double nats) {
            return regularised(unimix, nats, scaleReturns);
        }

        Model in(Form other) {
            return new Model(
                    other, size, unimix, free, scaleReturns, horizon, episode, entropy, speech);
        }

        Model speaking(double held) {
            return new Model(
                    form, size, unimix, free, scaleReturns, horizon, episode, entropy, held);
        }

        Model without(String part) {
            return switch (part) {
                case "free-nats" -> freeing(0);
                case "return-scale" -> regularised(unimix, free, false);
                case "unimix" -> regularised(0, free, scaleReturns);
                default ->
                        throw new IllegalArgumentException("there is no part '%s'".formatted(part));
            };
        }

        private Model regularised(double mix, double nats, boolean scaled) {
            return new Model(form, size, mix, nats, scaled, horizon, episode, entropy, speech);
        }
    }

    /// @param steps steps in the world, all worlds together
    /// @param worlds how many run side by side
    /// @param batch sequences of an update
    /// @param length steps of each
    /// @param ratio steps replayed for each step in the world
    /// @param learningRate of the world model; in the 2023 form actor and critic have 0.3 of it
    /// @param warmUp updates over which the rate rises
    /// @param saveEvery updates between saved states
    /// @param precision how linear layers multiply while it learns; acting is F32 always
    /// @param actorShare what the actor's rate is multiplied by; 1 as published, less for a policy
    ///   that waits for its model
    public record Training(
            long steps,
            int worlds,
            int batch,
            int length,
            double ratio,
            double learningRate,
            int warmUp,
            int saveEvery,
            Precision precision,
            double actorShare) {

        /// Training with F32 products and the actor's published rate.
        public Training(
                long steps,
                int worlds,
                int batch,
                int length,
                double ratio,
                double learningRate,
                int warmUp,
                int saveEvery) {
            this(
                    steps,
                    worlds,
                    batch,
                    length,
                    ratio,
                    learningRate,
                    warmUp,
                    saveEvery,
                    Precision.F32,
                    1);
        }

        public Training {
            new Limits("training")
                    .atLeast(1, "steps", steps)
                    .atLeast(1, "worlds", worlds)
                    .atLeast(1, "batch", batch)
                    .atLeast(2, "length", length)
                    .positive("ratio", ratio)
                    .rate("learningRate", learningRate)
                    .atLeast(0, "warmUp", warmUp)
                    .atLeast(1, "saveEvery", saveEvery)
                    .positive("actorShare", actorShare);
        }

        /// Steps in the world for each update.
        double stepsPerUpdate() {
            return batch * length / ratio;
        }

        /// Updates in all, after the first steps that fill the experience.
        long updates() {
            return Math.max(1, Math.round((steps - first()) / stepsPerUpdate()));
        }

        /// Steps in the world before the first update.
        long first() {
            return Math.min(steps / 2, (long) batch * (length + 1L) + (long) worlds * length);
        }

        Training lasting(long otherSteps) {
            return new Training(
                    otherSteps,
                    worlds,
                    batch,
                    length,
                    ratio,
                    learningRate,
                    warmUp,
                    saveEvery,
                    precision,
                    actorShare);
        }

        Training with(Precision other) {
            return new Training(
                    steps,
                    worlds,
                    batch,
                    length,
                    ratio,
                    learningRate,
                    warmUp,
                    saveEvery,
                    other,
                    actorShare);
        }

        /// The same with a slower actor, or one that is as fast as published.
        Training withActor(double share) {
            return new Training(
                    steps,
                    worlds,
                    batch,
                    length,
                    ratio,
                    learningRate,
                    warmUp,
                    saveEvery,
                    precision,
                    share);
        }
    }

    /// @param steps kept at most
    /// @param memoryMegabytes kept in memory, the rest on disk
    /// @param diskMegabytes kept on disk
    public record Experience(long steps, long memoryMegabytes, long diskMegabytes) {
        public Experience {
            new Limits("experience")
                    .atLeast(1, "steps", steps)
                    .atLeast(0, "memoryMegabytes", memoryMegabytes)
                    .atLeast(0, "diskMegabytes", diskMegabytes);
        }
    }

    /// @param updates of the world model on text alone, before it acts
    /// @param batch sequences of such an update
    /// @param length words of each
    /// @param ahead weight of guessing each word before it is read; the published value is 0
    public record Text(int updates, int batch, int length, double ahead) {
        public Text {
            new Limits("text")
                    .atLeast(0, "updates", updates)
                    .atLeast(1, "batch", batch)
                    .atLeast(2, "length", length)
                    .notNegative("ahead", ahead);
        }

        Text lasting(int otherUpdates) {
            return new Text(otherUpdates, batch, length, ahead);
        }
    }

    /// @param episodes played with worlds that training has not seen
    public record Evaluation(int episodes) {
        public Evaluation {
            new Limits("evaluation").atLeast(1, "episodes", episodes);
        }
    }

    /// What a run holds whatever happens.
    List<Need> needs() {
        var size = Size.named(model.size);
        double state = size.deter() + (double) size.groups() * size.classes();
        double dreams = (double) training.length * model.horizon * size.deter();
        return List.of(
                Need.trained(
                        "model.size " + model.size,
                        () -> dev.orrery.system.dynalang.Training.fresh(this)),
                Need.numbers("training.batch", training.batch, training.length * state + dreams),
                Need.numbers("text.batch", text.batch, text.length * state));
    }

    private static final Experience USUAL = new Experience(1_000_000, 1024, 8192);
    private static final Text NO_TEXT = new Text(0, 16, 64, 0);

    /// HomeGrid in the small: a hint says how to open the bin. About a quarter of an hour on one
    /// core of a recent processor.
    static DynalangConfig laptop() {
        return bins("hint");
    }

    /// One arm of the `bins` world, with the steps that telling all three ways apart takes; after
    /// half of them agents tell one from the other two.
    static DynalangConfig bins(String arm) {
        return nano(new World("bins", arm, View.SYMBOLS, Reading.TOKEN), 40_000, 64);
    }

    /// Nats of divergence for free in the small. What a try brings in `bins` surprises by at most
    /// ln 3 = 1.1 nats: with the published one nat for free, the dynamics need not foresee it.
    private static final double FEW_NATS = 0.1;

    /// The nano model with the laptop's rates in a world.
    static DynalangConfig nano(World world, long steps, double ratio) {
        return new DynalangConfig(
                world,
                Model.published(Form.V2024, "nano").dreaming(10).freeing(FEW_NATS),
                new Training(steps, 8, 8, 32, ratio, 4e-4, 100, 500),
                USUAL,
                NO_TEXT,
                new Evaluation(200));
    }

    /// Two hundred updates in the `bins` world: shows that everything runs, learns little.
    static DynalangConfig smoke() {
        var laptop = laptop();
        return new DynalangConfig(
                laptop.world,
                laptop.model,
                new Training(1_500, 8, 8, 32, 64, 4e-4, 50, 100),
                USUAL,
                new Text(40, 8, 32, 0),
                new Evaluation(64));
    }

    /// LangRoom in the small: look, and answer questions about colours. What is said is held to
    /// what the world model expects to hear.
    static DynalangConfig langRoom() {
        var config = nano(new World("langroom", "mini", View.SYMBOLS, Reading.TOKEN), 60_000, 32);
        return config.with(config.model.speaking(1));
    }

    /// HomeGrid as published, in pixels: 2023 form, `xl`, 50 million steps. Far beyond a laptop.
    static DynalangConfig homegrid() {
        return new DynalangConfig(
                new World("homegrid", "future", View.PIXELS, Reading.TOKEN),
                Model.published(Form.V2023, "xl"),
                new Training(50_000_000, 66, 16, 256, 32, 1e-4, 0, 1000),
                USUAL,
                NO_TEXT,
                new Evaluation(100));
    }

    DynalangConfig in(World other) {
        return new DynalangConfig(other, model, training, experience, text, evaluation);
    }

    DynalangConfig with(Form form) {
        return with(model.in(form));
    }

    DynalangConfig with(Model other) {
        return new DynalangConfig(world, other, training, experience, text, evaluation);
    }

    DynalangConfig with(Training other) {
        return new DynalangConfig(world, model, other, experience, text, evaluation);
    }

    DynalangConfig with(Text other) {
        return new DynalangConfig(world, model, training, experience, other, evaluation);
    }

    DynalangConfig with(Evaluation other) {
        return new DynalangConfig(world, model, training, experience, text, other);
    }
}
