package dev.orrery.system.dynalang;

import dev.orrery.env.ActionSpace;
import dev.orrery.env.Image;
import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;
import dev.orrery.run.Checkpoints;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.RunInfo;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.worldmodel.Draws;
import dev.orrery.worldmodel.Imagined;
import dev.orrery.worldmodel.Imagines;
import dev.orrery.worldmodel.Rssm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// What an agent does from a start, and what its world model foresees of it: the model sees what is
/// read and a little of what follows, then closes its eyes while the same actions are taken.
///
/// The agent takes the likeliest action each time, so that the same start under other words shows
/// what the words change.
final class Foresight {

    private static final int SEEN = 5, AHEAD = 24, EXPECTED = 6;

    /// What is said to the agent.
    sealed interface Said {
        /// What the world says.
        record AsItComes() implements Said {}

        /// Silence as long as the world would let it read, then what the world says.
        record Nothing() implements Said {}

        /// These words in the place of the first that the world would say.
        record Words(String hint) implements Said {}
    }

    private final Dynalang model;
    private final DynalangConfig.World world;

    Foresight(Dynalang model, DynalangConfig.World world) {
        this.model = model;
        this.world = world;
    }

    /// What may be asked of a run.
    static Imagines.Asking asking(Path run) {
        var world = configuration(run).world();
        var vocabulary = Worlds.open(world).vocabulary();
        boolean reads = world.reading() == DynalangConfig.Reading.TOKEN && vocabulary.size() > 3;
        return new Imagines.Asking(
                !new Checkpoints(run).all().isEmpty(),
                reads
                        ? vocabulary.words().stream().filter(w -> !w.startsWith("<")).toList()
                        : List.of());
    }

    /// What the newest model of a run foresees; the run may still be training.
    static Imagined of(Path run, long start, List<String> hints) {
        var config = configuration(run);
        if (!hints.isEmpty() && asking(run).words().isEmpty())
            throw new IllegalArgumentException(
                    "the agent of run %s does not read words one by one, so it can be told nothing"
                            .formatted(run.getFileName()));
        try (var model = Training.fresh(config)) {
            var checkpoint = new Checkpoints(run).load(model);
            var sayings = new ArrayList<Said>();
            sayings.add(new Said.AsItComes());
            hints.forEach(hint -> sayings.add(new Said.Words(hint)));
            return new Foresight(model, config.world())
                    .imagine(Checkpoints.steps(checkpoint), start, sayings);
        }
    }

    private static DynalangConfig configuration(Path run) {
        return ConfigBinder.bind(
                RunInfo.read(run).config(), DynalangConfig.class, run.resolve(RunInfo.FILE));
    }

    /// A start as it comes and, where there are words to miss, in silence.
    Imagined imagine(long step, long start) {
        var sayings = new ArrayList<Said>(List.of(new Said.AsItComes()));
        if (model.senses.words() > 0) sayings.add(new Said.Nothing());
        return imagine(step, start, sayings);
    }

    /// A start under each of several sayings.
    Imagined imagine(long step, long start, List<Said> sayings) {
        var branches = new ArrayList<Imagined.Branch>();
        int context = 0;
        for (var said : sayings) {
            try (var _ = Grad.disabled();
                    var _ = TensorScope.open()) {
                var episode = play(Worlds.open(world), start, said);
                context = episode.context;
                branches.add(new Imagined.Branch(episode.hint, moments(episode, start)));
            }
        }
        return new Imagined(step, context, branches);
    }

    /// What happened.
    private static final class Happened {
        final WordEnv<?> env;
        final List<Image> pictures = new ArrayList<>();
        final List<String> actions = new ArrayList<>(), tokens = new ArrayList<>();
        final List<Tensor> taken = new ArrayList<>();
        final List<Rssm.State> states = new ArrayList<>();
        final List<Tensor> heard = new ArrayList<>();
        final List<Double> rewards = new ArrayList<>();
        boolean terminated;
        int context;
        String hint = "";

        Happened(WordEnv<?> env) {
            this.env = env;
        }

        int length() {
            return states.size();
        }
    }

    private <A> Happened play(WordEnv<A> env, long start, Said said) {
        env.begin(start);
        var told = new Told(env, said);
        var happened = new Happened(env);
        happened.hint = told.hint();
        var state = model.rssm.initial(1);
        var action = Tensor.zeros(1, model.senses.actions());
        var heard = Tensor.zeros(1, model.heardWidth());
        var manual = new Manual(model.senses.besides().manual());
        double reward = 0;
        for (int t = 0; ; t++) {
            int token = told.next();
            if (model.senses.besides().manual() > 0) manual.hear(env, t == 0);
            var moment = moment(env, token, state, manual, heard, t == 0);
            var draws = Draws.of(Seed.of(start).split("seen").split(t));
            state = perceive(moment, action, draws);
            heard = model.hear(moment).select(0, 0);
            var view = model.view(state.features(), heard);
            action = model.actor.draw(view, Draws.mostLikely(), 0);
            var chosen = env.actions().at(Player.choices(model.senses, action));
            happened.pictures.add(seen(env));
            happened.tokens.add(token == Vocabulary.PAD ? "" : env.vocabulary().word(token));
            happened.actions.add(name(env.actions(), chosen));
            happened.taken.add(action);
            happened.states.add(state);
            happened.heard.add(heard);
            happened.rewards.add(reward);
            boolean opening = told.reads() ? env.reading() : t + 1 < SEEN;
            if (opening && happened.context == t) happened.context = t + 1;
            boolean over = env.terminated() || env.truncated();
            if (over || t + 1 >= happened.context + AHEAD) {
                happened.terminated = env.terminated();
                happened.context = Math.min(happened.context + 1, happened.length());
                return happened;
            }
            reward = env.advance(chosen);
        }
    }

    private Rssm.State perceive(Lesson moment, Tensor action, Draws draws) {
        var embedding = model.perception.forward(moment).select(0, 0);
        var first = moment.first().select(0, 0);
        return model.rssm.filter(moment.start(), embedding, action, first, draws);
    }

    private Lesson moment(
            WordEnv<?> env,
            int token,
            Rssm.State last,
            Manual manual,
            Tensor heard,
            boolean first) {
        var senses = model.senses;
        var symbols = new float[senses.symbols()];
        if (symbols.length > 0) {
            var own = senses.pixels() > 0 ? new float[0] : env.symbols();
            System.arraycopy(own, 0, symbols, 0, own.length);
            if (senses.words() == 0 && symbols.length > own.length)
                for (int word : env.vocabulary().encode(env.utterance()))
                    if (word != Vocabulary.PAD) symbols[own.length + word] = 1;
        }
        var pixels = senses.pixels() > 0 ? env.picture().rgb() : new byte[0];
        var none = Tensor.zeros(1, 1);
        return new Lesson(
                Tensor.of(symbols, 1, 1, symbols.length),
                Lesson.images(pixels, senses.pixels(), 1, 1),
                new Lesson.Text(
                        Tensor.of(new int[] {token}, 1, 1).to(DType.I64),
                        Lesson.manual(manual.words(), senses, 1, 1),
                        heard),
                none,
                Tensor.full(first ? 1 : 0, 1, 1),
                none,
                none,
                none,
                last);
    }

    private static <A> String name(ActionSpace.Finite<A> space, A action) {
        return switch (space) {
            case ActionSpace.Spoken<?> spoken
                    when action instanceof ActionSpace.Spoken.Act<?>(Object move, int word) ->
                    word == 0
                            ? plain(move)
                            : "%s, says %s".formatted(plain(move), spoken.words().get(word));
            case ActionSpace.Finite<?> _ -> plain(action);
        };
    }

    private static String plain(Object action) {
        return action.toString().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }

    /// What there is to see: the picture that an agent of pixels gets, or its symbols as one.
    private Image seen(WordEnv<?> env) {
        return model.senses.pixels() > 0 ? env.picture() : env.picture(env.symbols());
    }

    // ---- closed eyes

    private List<Imagined.Moment> moments(Happened happened, long start) {
        int steps = happened.length();
        var draws = Draws.of(Seed.of(start).split("imagined"));
        var foreseen = new ArrayList<Tensor>();
        var ahead = new ArrayList<Tensor>();
        var walk = model.rssm.imagine();
        var state = happened.states.getFirst();
        for (int t = 0; t < steps; t++) {
            boolean seen = t < happened.context;
            state =
                    seen
                            ? happened.states.get(t)
                            : walk.step(state, happened.taken.get(t - 1), draws, t);
            foreseen.add(state.features());
            ahead.add(seen ? expectation(state, draws, -1 - t) : state.features());
        }
        var imagined = Tensor.cat(foreseen, 0);
        var real = Tensor.cat(happened.states.stream().map(Rssm.State::features).toList(), 0);
        var rewards = model.bins.mean(model.reward.forward(imagined)).toDoubles();
        var goesOn = model.goesOn.forward(imagined).squeeze(-1).sigmoid().toDoubles();
        var view = model.view(real, Tensor.cat(happened.heard, 0));
        var values = model.bins.mean(model.critic.forward(view)).toDoubles();
        var words = words(Tensor.cat(ahead, 0), happened.env.vocabulary());
        var pictures = pictures(imagined, happened.env);
        var returns = returns(happened);
        var moments = new ArrayList<Imagined.Moment>();
        for (int t = 0; t < steps; t++) {
            double over = t == steps - 1 && happened.terminated ? 0 : 1;
            var numbers =
                    new Imagined.Numbers(
                            happened.rewards.get(t),
                            rewards[t],
                            over,
                            goesOn(goesOn[t]),
                            values[t],
                            returns[t]);
            moments.add(
                    new Imagined.Moment(
                            happened.pictures.get(t),
                            pictures.get(t),
                            happened.actions.get(t),
                            happened.tokens.get(t),
                            words.get(t),
                            numbers));
        }
        return moments;
    }

    /// The state with latents as they were expected before the step was seen.
    private Tensor expectation(Rssm.State state, Draws draws, int step) {
        var latents = model.rssm.draw(model.rssm.prior(state.deter()), draws, step);
        return new Rssm.State(state.deter(), latents.flatten(-2, -1)).features();
    }

    private double goesOn(double head) {
        return model.continueDiscounts() ? Math.min(1, head / model.discount()) : head;
    }

    private double[] returns(Happened happened) {
        var returns = new double[happened.length()];
        for (int t = returns.length - 2; t >= 0; t--)
            returns[t] = happened.rewards.get(t + 1) + model.discount() * returns[t + 1];
        return returns;
    }

    private List<SequencedMap<String, Double>> words(Tensor features, Vocabulary vocabulary) {
        long steps = features.size(0);
        var all = new ArrayList<SequencedMap<String, Double>>();
        if (model.senses.words() == 0) {
            for (long t = 0; t < steps; t++) all.add(new LinkedHashMap<>());
            return all;
        }
        var p = model.expression.words(features).softmax(-1);
        for (long t = 0; t < steps; t++) all.add(likeliest(p.select(0, t).toDoubles(), vocabulary));
        return all;
    }

    private static SequencedMap<String, Double> likeliest(double[] p, Vocabulary vocabulary) {
        var found = new LinkedHashMap<String, Double>();
        IntStream.range(0, p.length)
                .boxed()
                .sorted(Comparator.comparingDouble(word -> -p[word]))
                .limit(EXPECTED)
                .forEach(word -> found.put(vocabulary.word(word), p[word]));
        return found;
    }

    private List<Image> pictures(Tensor features, WordEnv<?> env) {
        int steps = (int) features.size(0), side = model.senses.pixels();
        var all = new ArrayList<Image>();
        if (side > 0) {
            var drawn =
                    model.expression.pictures(features).clamp(0, 1).mul(255).permute(0, 2, 3, 1);
            var values = drawn.contiguous().toFloats();
            int each = side * side * 3;
            for (int t = 0; t < steps; t++) {
                var rgb = new byte[each];
                for (int i = 0; i < each; i++) rgb[i] = (byte) Math.round(values[t * each + i]);
                all.add(new Image(side, side, rgb));
            }
            return all;
        }
        var symbols = model.expression.symbols(features);
        for (int t = 0; t < steps; t++) {
            var numbers = symbols.select(0, t).toFloats();
            all.add(env.picture(Arrays.copyOf(numbers, env.symbolCount())));
        }
        return all;
    }
}
