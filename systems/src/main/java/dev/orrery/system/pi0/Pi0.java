package dev.orrery.system.pi0;

import dev.orrery.flow.DataAt;
import dev.orrery.lm.GemmaDecoder;
import dev.orrery.lm.GemmaDecoder.Context;
import dev.orrery.lm.GemmaDecoder.KeyValue;
import dev.orrery.lm.Rotary;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.SinCosPeriods;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.Siglip;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The two-expert transformer of π0 and π0.5.
///
/// Since no prefix token sees the state or the actions, the prefix runs by itself, once, and leaves
/// one key and value a layer ([#encode]); the expert then runs against them ([#velocity]) as often
/// as there are draws in training or steps in sampling. [JointPass] is the same computation in one
/// attention over all tokens, for tests and for other masks.
///
/// Times and velocities are the house's at this surface: noise at 0, data at 1, velocity = data -
/// noise. Published weights run the other way; [Pi0Config.Io#dataAt] says so and the network turns
/// them inside.
///
/// Parameter names are those of the published LeRobot checkpoints without the leading `model.`.
public final class Pi0 extends Module {

    /// The token of padding in every vocabulary here; its row learns nothing from being read.
    private static final long PADDING = 0;

    private static final String PALIGEMMA = "paligemma_with_expert.paligemma.";

    private final Pi0Config.Model config;
    private final Siglip vision;
    private final Linear projector, actionIn, actionOut, timeIn, timeOut;
    private final Optional<Linear> stateIn;
    private final Tensor words;
    private final GemmaDecoder language, expert;
    private final SinCosPeriods waves;

    /// A fresh network, whose time embedding has the published periods.
    public Pi0(Pi0Config.Model config, Seed seed) {
        this(config, SinCosPeriods.pi0(config.expert().width()), seed);
    }

    /// The same with a time embedding of other periods.
    Pi0(Pi0Config.Model config, SinCosPeriods waves, Seed seed) {
        this.config = config;
        this.waves = waves;
        var io = config.io();
        int wide = config.language().width(), narrow = config.expert().width();
        boolean separate = config.variant() == Pi0Variant.PI0;
        vision =
                child(
                        PALIGEMMA + "model.vision_tower.vision_model",
                        new Siglip(config.vision(), seed.split("vision")));
        projector =
                child(
                        PALIGEMMA + "model.multi_modal_projector.linear",
                        new Linear(config.vision().width(), wide, seed.split("projector")));
        words =
                parameter(
                        PALIGEMMA + "lm_head.weight",
                        Init.normal(1 / Math.sqrt(wide)),
                        seed,
                        io.vocabulary(),
                        wide);
        language =
                child(
                        PALIGEMMA + "model.language_model",
                        new GemmaDecoder(config.language(), false, seed.split("language")));
        expert =
                child(
                        "paligemma_with_expert.gemma_expert.model",
                        new GemmaDecoder(config.expert(), !separate, seed.split("expert")));
        actionIn = child("action_in_proj", new Linear(io.actionDims(), narrow, seed.split("in")));
        actionOut = child("action_out_proj", Linear.zero(narrow, io.actionDims()));
        stateIn =
                separate
                        ? Optional.of(
                                child(
                                        "state_proj",
                                        new Linear(io.stateDims(), narrow, seed.split("state"))))
                        : Optional.empty();
        var time = separate ? "action_time_mlp" : "time_mlp";
        timeIn =
                child(
                        time + "_in",
                        new Linear(separate ? 2L * narrow : narrow, narrow, seed.split("time in")));
        timeOut = child(time + "_out", new Linear(narrow, narrow, seed.split("time out")));
    }

    /// The sizes.
    public Pi0Config.Model config() {
        return config;
    }

    /// What the language model reads.
    ///
    /// @param images one tensor a camera, float32 `(B, 3, side, side)` in [-1, 1]
    /// @param seen one a camera, bool `(B)`, false where the camera is missing
    /// @param tokens instruction ids `(B, L)`
    /// @param real bool `(B, L)`, false for padding
    public record Prompt(List<Tensor> images, List<Tensor> seen, Tensor tokens, Tensor real) {

        public Prompt {
            images = List.copyOf(images);
            seen = List.copyOf(seen);
            if (images.isEmpty() || images.size() != seen.size()) {
                throw new IllegalArgumentException(
                        "pi0: %d camera tensors with %d masks; give one mask a camera, at least one camera"
                                .formatted(images.size(), seen.size()));
            }
        }
    }

    /// The prefix's embeddings.
    ///
    /// @param embeddings `(B, P, D)`
    /// @param real bool `(B, P)`, false for padding and missing cameras
    public record Embedded(Tensor embeddings, Tensor real) {

        /// Pictures first, then words.
        ///
        /// @param patches of each camera `(B, S, D)`
        /// @param words of the prompt `(B, L, D)`
        static Embedded of(Prompt prompt, List<Tensor> patches, Tensor words) {
            var parts = new ArrayList<>(patches);
            var real = new ArrayList<Tensor>();
            for (int camera = 0; camera < patches.size(); camera++) {
                var part = patches.get(camera);
                var seen = prompt.seen().get(camera).unsqueeze(1);
                real.add(seen.expand(part.size(0), part.size(1)));
            }
            parts.add(words);
            real.add(prompt.real());
            return new Embedded(Tensor.cat(parts, 1), Tensor.cat(real, 1));
        }
    }

    /// The prefix after the language model.
    ///
    /// @param cache one key and value a layer
    /// @param real bool `(B, P)`
    /// @param length int64 `(B, 1)`: real tokens, where the next position starts
    /// @param mask `(B, 1, 1, P)`: added to the logits of whoever attends to the prefix
    /// @param read `(B, P, D)` each: what each layer of the language model read; once the state was
    ///   [#observe]d, what each layer of the expert read at its token, `(B, 1, D)`
    public record Prefix(
            List<KeyValue> cache, Tensor real, Tensor length, Tensor mask, List<Tensor> read) {}

    /// Embeds pictures and words; the words are scaled by √D, the pictures are not.
    public Embedded embed(Prompt prompt) {
        var patches = new ArrayList<Tensor>();
        for (int camera = 0; camera < prompt.images().size(); camera++) {
            patches.add(projector.forward(vision.forward(prompt.images().get(camera), camera)));
        }
        return Embedded.of(prompt, patches, embed(prompt.tokens()));
    }

    /// Word ids `(...)` to embeddings `(..., D)`, scaled by √D.
    public Tensor embed(Tensor tokens) {
        return Functional.embedding(tokens, words, PADDING)
                .mul(Math.sqrt(config.language().width()));
    }

    /// Runs the prefix through the language model, for its keys and values.
    public Prefix encode(Prompt prompt) {
        return encode(embed(prompt));
    }

    /// As [#encode(Prompt)], from embeddings.
    public Prefix encode(Embedded prefix) {
        var context = context(prefix);
        var memory = language.remember(prefix.embeddings(), context, List.of());
        var length = prefix.real().to(DType.I64).sum(1, true);
        return new Prefix(memory.cache(), prefix.real(), length, context.mask(), memory.read());
    }

    private Context context(Embedded prefix) {
        var mask = BlockMask.additive(prefix.real()).unsqueeze(1).unsqueeze(1);
        var rotary = Rotary.of(BlockMask.positions(prefix.real()), config.language().headDim());
        return new Context(rotary, mask);
    }

    /// The logits of a text that answers the prompt, each token seeing the prompt and the answer so
    /// far.
    ///
    /// @param answer ids `(B, T)`: a start token, then the answer without its last token
    /// @return `(B, T, V)`
    public Tensor answer(Prompt prompt, Tensor answer) {
        return answer(encode(prompt), answer);
    }

    /// As [#answer(Prompt, Tensor)], against an encoded prefix.
    public Tensor answer(Prefix prefix, Tensor answer) {
        long batch = answer.size(0), length = answer.size(1);
        var steps = Tensor.arange(length);
        var causal = steps.unsqueeze(0).le(steps.unsqueeze(1));
        var own = BlockMask.additive(causal).unsqueeze(0).unsqueeze(0);
        var mask = join(prefix, own, batch, length);
        var positions = prefix.length().add(steps.unsqueeze(0));
        var context = new Context(Rotary.of(positions, config.language().headDim()), mask);
        var hidden = language.forward(embed(answer), context, prefix.cache());
        return Functional.linear(hidden, words, null);
    }

    private static Tensor join(Prefix prefix, Tensor own, long batch, long queries) {
        var past = prefix.mask().expand(batch, 1, queries, prefix.mask().size(3));
        return Tensor.cat(List.of(past, own.expand(batch, 1, queries, own.size(3))), 3);
    }

    /// Adds the state to what the actions may attend to. The state sees the prefix and itself, no
    /// action, so it too runs once. π0.5 has no state token and returns the prefix as it is.
    ///
    /// @param state `(B, stateDims)`, normalised and padded
    public Prefix observe(Prefix prefix, Tensor state) {
        if (stateIn.isEmpty()) {
            return prefix;
        }
        if (state.size(-1) != config.io().stateDims()) {
            throw new IllegalArgumentException(
                    "pi0: the state has %d values, the network takes %d; pad it with zeros or drop dimensions"
                            .formatted(state.size(-1), config.io().stateDims()));
        }
        var token = embedState(state);
        var mask = join(prefix, Tensor.zeros(1, 1, 1, 1), token.size(0), 1);
        var context = new Context(rotary(prefix.length()), mask);
        var memory = expert.remember(token, context, prefix.cache());
        var left = memory.cache();
        var cache = new ArrayList<KeyValue>();
        for (int i = 0; i < left.size(); i++) {
            cache.add(prefix.cache().get(i).then(left.get(i)));
        }
        var here = Tensor.ones(DType.BOOL, token.size(0), 1);
        return new Prefix(
                cache,
                Tensor.cat(List.of(prefix.real(), here), 1),
                prefix.length().add(1L),
                mask,
                memory.read());
    }

    /// How much the state's token looks at each token in a layer of the expert, `(B, N, 1, P + 1)`
    /// after the softmax: the prefix first, itself last.
    ///
    /// @param seen what [#observe] returned, of a network that has a state token
    Tensor gaze(Prefix seen, int layer) {
        var block = expert.layers().get(layer);
        var rotary = rotary(seen.length().sub(1L));
        var own =
                block.project(seen.read().get(layer), rotary, Optional.empty(), block.join(false));
        return GemmaDecoder.probabilities(own.query(), seen.cache().get(layer), seen.mask());
    }

    /// The state's token, `(B, 1, D)`; only π0 has one.
    Tensor embedState(Tensor state) {
        return stateIn.orElseThrow(() ->
                        new IllegalStateException(
                                "pi0.5 has no state token; put the state in the prompt"))
                .forward(state)
                .unsqueeze(1);
    }

    /// The rotations of the expert's tokens at these positions.
    Rotary rotary(Tensor positions) {
        return Rotary.of(positions, config.expert().headDim());
    }

    /// The expert's tokens.
    ///
    /// @param tokens `(B, K * H, D)`
    /// @param condition `(B, K * H, D)` for π0.5's norms
    record Suffix(Tensor tokens, Optional<Tensor> condition) {}

    /// What times become before they meet actions: for π0 their share of the first layer that mixes
    /// the two, for π0.5 the condition of the norms.
    ///
    /// @param time house time, float64 `(B, K)`
    /// @return `(B, K, 1, D)`
    Tensor timing(Tensor time) {
        long width = config.expert().width();
        var own = config.io().dataAt() == DataAt.ONE ? time : time.neg().add(1.0);
        var rounded = own.to(DType.F32).to(DType.F64);
        var clock = waves.at(rounded).unsqueeze(2);
        return switch (config.variant()) {
            case PI0 ->
                    Functional.linear(
                            clock, timeIn.weight().narrow(1, width, width), timeIn.bias());
            case PI05 -> Functional.silu(timeOut.forward(Functional.silu(timeIn.forward(clock))));
        };
    }

    /// Embeds noisy actions `(B, K, H, A)` at the given [#timing].
    Suffix embed(Tensor actions, Tensor timing) {
        if (actions.size(2) > config.io().horizon()) {
            throw new IllegalArgumentException(
                    "pi0: a chunk of %d actions, the network was trained for %d; predict at most that many at once"
                            .formatted(actions.size(2), config.io().horizon()));
        }
        long batch = actions.size(0), draws = actions.size(1), horizon = actions.size(2);
        long width = config.expert().width();
        var in = actionIn.forward(actions);
        return switch (config.variant()) {
            case PI0 -> {
                var mixed =
                        Functional.linear(in, timeIn.weight().narrow(1, 0, width), null)
                                .add(timing);
                var tokens = timeOut.forward(Functional.silu(mixed));
                yield new Suffix(tokens.reshape(batch, draws * horizon, width), Optional.empty());
            }
            case PI05 ->
                    new Suffix(
                            in.reshape(batch, draws * horizon, width),
                            Optional.of(
                                    timing.expand(batch, draws, horizon, width)
                                            .reshape(batch, draws * horizon, width)));
        };
    }

    /// The velocity of noisy actions. Draws of one observation share its prefix and do not see each
    /// other.
    ///
    /// @param seen what [#observe] returned
    /// @param actions `(B, K, H, A)`
    /// @param time house time, float64 `(B, K)`
    /// @return house velocity `(B, K, H, A)`
    public Tensor velocity(Prefix seen, Tensor actions, Tensor time) {
        var suffix = embed(actions, timing(time));
        var context = context(seen, actions, suffix.condition());
        return decode(expert.forward(suffix.tokens(), context, seen.cache()))
                .reshape(actions.shape());
    }

    /// What the expert's tokens are told of noisy actions `(B, K, H, A)` behind a prefix.
    private Context context(Prefix seen, Tensor actions, Optional<Tensor> condition) {
        long batch = actions.size(0), draws = actions.size(1), horizon = actions.size(2);
        var mask = join(seen, separate(draws, horizon), batch, draws * horizon);
        var positions = seen.length().add(Tensor.arange(horizon).repeat(draws).unsqueeze(0));
        return new Context(rotary(positions), mask, condition);
    }

    /// The house velocity that the expert's last hidden states `(..., D)` mean.
    Tensor decode(Tensor hidden) {
        var own = actionOut.forward(hidden);
        return config.io().dataAt() == DataAt.ONE ? own : own.neg();
    }

    /// The mask in which every token sees the tokens of its own draw: `(1, 1, K * H, K * H)`.
    private static Tensor separate(long draws, long horizon) {
        if (draws == 1) {
            return Tensor.zeros(1, 1, horizon, horizon);
        }
        var draw = Tensor.arange(draws).repeatInterleave(horizon, 0);
        var same = draw.unsqueeze(0).eq(draw.unsqueeze(1));
        return BlockMask.additive(same).unsqueeze(0).unsqueeze(0);
    }

    /// The squared error of the velocity on the straight path from noise to actions, element by
    /// element: `(B, K, H, A)`.
    ///
    /// @param actions normalised, padded `(B, 1, H, A)`
    /// @param noise standard normal `(B, K, H, A)`
    /// @param time house time, float64 `(B, K)`
    public Tensor errors(Prefix seen, Tensor actions, Tensor noise, Tensor time) {
        var noisy = path(actions, noise, time);
        return velocity(seen, noisy, time).sub(actions.sub(noise)).square();
    }

    /// The point of the straight path at `time`: `t · actions + (1 - t) · noise`.
    static Tensor path(Tensor actions, Tensor noise, Tensor time) {
        var t = time.unsqueeze(-1).unsqueeze(-1);
        var rest = t.neg().add(1.0).to(DType.F32);
        return actions.mul(t.to(DType.F32)).add(noise.mul(rest));
    }

    /// What Euler's method went through.
    ///
    /// @param inputs the actions before each step, `(B, H, A)` each
    /// @param velocities the house velocity of each step
    /// @param result the actions after the last step
    public record Trace(List<Tensor> inputs, List<Tensor> velocities, Tensor result) {}

    /// The times of `steps` Euler steps, embedded once for all chunks: `(1, steps, 1, D)`.
    public Tensor schedule(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException(
                    "pi0: %d flow steps; sampling needs at least 1".formatted(steps));
        }
        var times = new double[steps];
        for (int k = 0; k < steps; k++) {
            times[k] = (double) k / steps;
        }
        return timing(Tensor.of(times, 1, steps));
    }

    /// Integrates noise to actions.
    ///
    /// @param seen what [#observe] returned
    /// @param noise standard normal `(B, H, A)`
    /// @param schedule what [#schedule] returned
    /// @return normalised actions `(B, H, A)`
    public Tensor sample(Prefix seen, Tensor noise, Tensor schedule) {
        return trace(seen, noise, schedule).result();
    }

    /// As [#sample], with everything on the way.
    public Trace trace(Prefix seen, Tensor noise, Tensor schedule) {
        long steps = schedule.size(1);
        var inputs = new ArrayList<Tensor>();
        var velocities = new ArrayList<Tensor>();
        var x = noise;
        var course = course(seen, noise.unsqueeze(1));
        for (long k = 0; k < steps; k++) {
            var v = course.velocity(x.unsqueeze(1), schedule.narrow(1, k, 1)).squeeze(1);
            inputs.add(x);
            velocities.add(v);
            x = x.add(v, 1.0 / steps);
        }
        return new Trace(inputs, velocities, x);
    }

    /// The velocities of one chunk, step after step: what all steps share, which is places,
    /// permissions and joined weights, is worked out once.
    public final class Course {

        private final Prefix seen;
        private final Context context;
        private final GemmaDecoder.Joined joined;

        private Course(Prefix seen, Context context) {
            this.seen = seen;
            this.context = context;
            joined = expert.join();
        }

        /// As [Pi0#velocity], at a time that [Pi0#timing] gave.
        Tensor velocity(Tensor actions, Tensor timing) {
            var suffix = embed(actions, timing);
            var here = new Context(context.rotary(), context.mask(), suffix.condition());
            return decode(expert.forward(suffix.tokens(), here, seen.cache(), joined))
                    .reshape(actions.shape());
        }
    }

    /// The course of actions of this shape `(B, K, H, A)` behind a prefix, with the weights as they
    /// are now.
    ///
    /// @param seen what [#observe] returned
    public Course course(Prefix seen, Tensor actions) {
        return new Course(seen, context(seen, actions, Optional.empty()));
    }

    /// Who sees whom.
    public enum Visibility {
        /// Prefix, state, actions: each block sees itself and the earlier ones.
        BLOCKWISE,
        /// Every token sees itself and the earlier ones.
        CAUSAL,
        /// Every token sees every token, so the prefix sees the noisy actions and no cache is
        /// valid.
        LEAK
    }

    /// The layout of a prefix and `suffix` tokens of the expert, none of them padding.
    TokenLayout layout(Tensor prefixReal, long suffix, Visibility visibility) {
        return TokenLayout.of(prefixReal, (int) suffix, stateIn.isPresent(), visibility);
    }

    /// The language model, which reads the prefix.
    GemmaDecoder language() {
        return language;
    }

    /// The action expert, which reads state and actions.
    GemmaDecoder expert() {
        return expert;
    }
}
