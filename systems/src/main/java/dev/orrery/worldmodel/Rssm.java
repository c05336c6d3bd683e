package dev.orrery.worldmodel;

import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Precision;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Recurrent state-space model: a deterministic state that a recurrent unit carries on, and latents
/// whose prior follows from it alone and whose posterior also sees the observation.
///
/// A step: where an episode begins, state and previous action are replaced by the first ones; the
/// recurrence gives `h_t`; the prior's logits are a function of `h_t`, the posterior's of `h_t` and
/// the observation's embedding; `z_t` is drawn from the posterior.
///
/// What does not depend on the recurrence (actions, embeddings, the prior) is worked out for a
/// whole sequence at once.
///
/// Names: the recurrence's, `obs0...`, `obslogit...`, `priorN...`, `priorlogit...`, and in the 2023
/// form `initial (1, D)`. Source: arXiv:2301.04104.
public final class Rssm extends Module {

    /// @param form plain or block recurrence, and all that goes with it
    /// @param deter width D of the deterministic state
    /// @param hidden width of the layers inside
    /// @param groups groups G of latents
    /// @param classes classes K of each
    /// @param blocks blocks g of the 2024 recurrence, a divisor of D; 1 in the 2023 form
    /// @param unimix share of the uniform distribution in every distribution of latents
    /// @param actions numbers in an action, one-hot parts side by side
    /// @param embedding numbers in an observation's embedding
    public record Config(
            Form form,
            int deter,
            int hidden,
            int groups,
            int classes,
            int blocks,
            double unimix,
            int actions,
            int embedding) {

        public Config {
            if (deter % blocks != 0 || form == Form.V2023 && blocks != 1)
                throw new IllegalArgumentException(
                        "a state of %d does not split into %d blocks in form %s; the 2023 form has one block, otherwise use a divisor"
                                .formatted(deter, blocks, form));
            if (!(unimix >= 0 && unimix < 1))
                throw new IllegalArgumentException(
                        "unimix %s is not a share; use 0.01".formatted(unimix));
        }

        /// Numbers in all latents, G K.
        public long latents() {
            return (long) groups * classes;
        }

        /// Numbers in a state, D + G K.
        public long features() {
            return deter + latents();
        }
    }

    /// A state of B sequences.
    ///
    /// @param deter deterministic state `(B, D)`
    /// @param latents drawn latents, flat `(B, G K)`
    public record State(Tensor deter, Tensor latents) {

        /// Both side by side: `(B, D + G K)`.
        public Tensor features() {
            return Tensor.cat(List.of(deter, latents), -1);
        }

        /// The same without gradients.
        public State detach() {
            return new State(deter.detach(), latents.detach());
        }
    }

    /// Posterior states of a sequence.
    ///
    /// @param deter `(T, B, D)`
    /// @param latents `(T, B, G K)`
    /// @param posterior logits `(T, B, G, K)`
    /// @param prior logits `(T, B, G, K)`
    public record Trace(Tensor deter, Tensor latents, Tensor posterior, Tensor prior) {

        /// Both halves of the states side by side: `(T, B, D + G K)`.
        public Tensor features() {
            return Tensor.cat(List.of(deter, latents), -1);
        }

        /// The last state, without gradients.
        public State last() {
            long end = deter.size(0) - 1;
            return new State(deter.select(0, end), latents.select(0, end)).detach();
        }
    }

    private final Config config;
    private final Recurrence recurrence;
    private final Dense observed;
    private final Linear posteriorLogits, priorLogits;
    private final DenseStack priorLayers;
    private final @Nullable Tensor initial;

    public Rssm(Config config, Seed seed) {
        this.config = config;
        recurrence =
                switch (config.form()) {
                    case V2023 -> child("core", new PlainRecurrence(config, seed.split("core")));
                    case V2024 -> child("core", new BlockRecurrence(config, seed.split("core")));
                };
        int hidden = config.hidden(), deter = config.deter();
        observed =
                child(
                        "obs0",
                        new Dense(
                                config.form(),
                                deter + config.embedding(),
                                hidden,
                                seed.split("obs0")));
        posteriorLogits = child("obslogit", logits(seed.split("obslogit")));
        priorLayers =
                child(
                        "prior",
                        new DenseStack(
                                config.form(),
                                deter,
                                hidden,
                                config.form().priorLayers(),
                                seed.split("prior")));
        priorLogits = child("priorlogit", logits(seed.split("priorlogit")));
        initial =
                config.form() == Form.V2023
                        ? parameter("initial", Init.ZEROS, seed, 1, deter)
                        : null;
    }

    private Linear logits(Seed seed) {
        var init = config.form().init(config.hidden(), config.latents(), 1);
        return Linear.of(config.hidden(), config.latents(), true, init, seed);
    }

    /// The sizes.
    public Config config() {
        return config;
    }

    /// The state before an episode: zero (2024), or learned, with its most likely latents, whose
    /// gradients go to the logarithms of the probabilities, as in the published code (2023).
    public State initial(long batch) {
        if (initial == null)
            return new State(
                    Tensor.zeros(batch, config.deter()), Tensor.zeros(batch, config.latents()));
        var deter = initial.tanh();
        var p = Latents.mix(prior(deter), config.unimix());
        var likely = Latents.straightThrough(Draws.mostLikely().draw(p, 0), p.log());
        return new State(
                deter.expand(batch, config.deter()),
                likely.flatten(-2, -1).expand(batch, config.latents()));
    }

    /// Logits `(..., G, K)` of the prior of deterministic states `(..., D)`.
    public Tensor prior(Tensor deter) {
        return grouped(priorLogits.forward(priorLayers.forward(deter)));
    }

    /// Latents `(..., G, K)` drawn from logits, gradients straight through.
    public Tensor draw(Tensor logits, Draws draws, int step) {
        var p = Latents.mix(logits, config.unimix());
        return Latents.straightThrough(draws.draw(p, step), p);
    }

    private Tensor grouped(Tensor flat) {
        return flat.unflatten(-1, config.groups(), config.classes());
    }

    /// The posterior states of sequences.
    ///
    /// @param start the state before the first step
    /// @param embeddings of what was observed, `(T, B, E)`
    /// @param actions taken before each step, `(T, B, A)`; those that led into an episode's first
    ///   step are ignored
    /// @param first 1 where an episode begins, else 0, `(T, B)`
    public Trace observe(
            State start, Tensor embeddings, Tensor actions, Tensor first, Draws draws) {
        long steps = embeddings.size(0), batch = embeddings.size(1);
        check(embeddings, actions, first);
        var fresh = first.gt(0.5);
        var anew = fresh.any(1, false).toBooleans();
        var marks = fresh.unsqueeze(-1).unbind(0);
        var beginning = initial(batch);
        var running = recurrence.start();
        var kept = actions.maskedFill(fresh.unsqueeze(-1), 0);
        var acted = running.actions(bounded(kept)).unbind(0);
        var seen = observed.part(embeddings, config.deter()).unbind(0);
        var ofState = observed.columns(0, config.deter());
        Tensor h = start.deter(), z = start.latents();
        var deters = new ArrayList<Tensor>();
        var latents = new ArrayList<Tensor>();
        var logits = new ArrayList<Tensor>();
        for (int t = 0; t < steps; t++) {
            if (anew[t]) {
                h = Tensor.where(marks.get(t), beginning.deter(), h);
                z = Tensor.where(marks.get(t), beginning.latents(), z);
            }
            h = running.next(h, z, acted.get(t));
            var x = observed.finish(seen.get(t).add(Precision.linear(h, ofState, null)));
            var posterior = grouped(posteriorLogits.forward(x));
            z = draw(posterior, draws, t).flatten(-2, -1);
            deters.add(h);
            latents.add(z);
            logits.add(posterior);
        }
        var deter = Tensor.stack(deters, 0);
        return new Trace(deter, Tensor.stack(latents, 0), Tensor.stack(logits, 0), prior(deter));
    }

    /// One posterior step of acting: the state after an action, having observed.
    ///
    /// @param embedding of what was observed `(B, E)`
    /// @param action taken before it `(B, A)`
    /// @param first 1 where an episode begins, else 0 `(B)`
    public State filter(State last, Tensor embedding, Tensor action, Tensor first, Draws draws) {
        var fresh = first.gt(0.5).unsqueeze(-1);
        var beginning = initial(embedding.size(0));
        var running = recurrence.start();
        var acted = running.actions(bounded(action.maskedFill(fresh, 0)));
        var h =
                running.next(
                        Tensor.where(fresh, beginning.deter(), last.deter()),
                        Tensor.where(fresh, beginning.latents(), last.latents()),
                        acted);
        var seen = observed.part(embedding, config.deter());
        var x =
                observed.finish(
                        seen.add(Precision.linear(h, observed.columns(0, config.deter()), null)));
        var z = draw(grouped(posteriorLogits.forward(x)), draws, 0);
        return new State(h, z.flatten(-2, -1));
    }

    /// A run of imagined steps with the present weights.
    public Walk imagine() {
        return new Walk();
    }

    /// Steps without observations.
    public final class Walk {

        private final Recurrence.Running running = recurrence.start();

        private Walk() {}

        /// The state after an action `(B, A)`, its latents drawn from the prior.
        public State step(State state, Tensor action, Draws draws, int step) {
            var deter = deter(state, action);
            return new State(deter, draw(prior(deter), draws, step).flatten(-2, -1));
        }

        /// The deterministic half of [#step].
        public Tensor deter(State state, Tensor action) {
            return running.next(state.deter(), state.latents(), running.actions(bounded(action)));
        }
    }

    /// Actions beyond ±1 are scaled back to it.
    private static Tensor bounded(Tensor actions) {
        return actions.div(actions.detach().abs().clampMin(1));
    }

    private void check(Tensor embeddings, Tensor actions, Tensor first) {
        long steps = embeddings.size(0), batch = embeddings.size(1);
        boolean fits =
                embeddings.size(-1) == config.embedding()
                        && java.util.Arrays.equals(
                                actions.shape(), new long[] {steps, batch, config.actions()})
                        && java.util.Arrays.equals(first.shape(), new long[] {steps, batch});
        if (!fits)
            throw new IllegalArgumentException(
                    "world model needs embeddings (T, B, %d), actions (T, B, %d) and first (T, B), got %s, %s, %s"
                            .formatted(
                                    config.embedding(),
                                    config.actions(),
                                    embeddings,
                                    actions,
                                    first));
    }
}
