package dev.orrery.system.dynalang;

import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.worldmodel.ActorLoss;
import dev.orrery.worldmodel.CriticLoss;
import dev.orrery.worldmodel.Draws;
import dev.orrery.worldmodel.Form;
import dev.orrery.worldmodel.Imagination;
import dev.orrery.worldmodel.LambdaReturn;
import dev.orrery.worldmodel.Rssm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What actor and critic learn from dreams that start in every state of the sequences, and in the
/// 2024 form the critic also from the sequences themselves.
///
/// @param parts the parts of the loss and what is worth knowing, by name
/// @param total what is minimised
record BehaviourLoss(SequencedMap<String, Tensor> parts, Tensor total) {

    private static final double LAMBDA = 0.95, SLOW = 1, REPLAYED = 0.3;

    /// @param heard what actor and critic remember of words in each state `(T, B, H)`
    static BehaviourLoss of(
            Dynalang model, WorldModelLoss world, Lesson lesson, Tensor heard, Seed seed) {
        var config = model.config;
        var start =
                new Rssm.State(
                        world.trace().deter().detach().flatten(0, 1),
                        world.trace().latents().detach().flatten(0, 1));
        int horizon = config.horizon();
        // Nothing is said in dreams: what was heard before one is remembered all through it.
        var memory = heard.flatten(0, 1);
        var still = memory.detach();
        var memories = memory.unsqueeze(0).expand(horizon, memory.size(0), memory.size(1));
        var choosing = Draws.of(seed.split("act"));
        var dream =
                Imagination.roll(
                        model.rssm,
                        start,
                        horizon,
                        (features, step) ->
                                model.actor.draw(model.view(features, still), choosing, step),
                        Draws.of(seed.split("dream")));
        var states = model.view(dream.features().narrow(0, 0, horizon), memories);
        var reached = dream.features().narrow(0, 1, horizon);
        var logits = model.critic.forward(states);
        Tensor returns, values, weights, slow, priorWords;
        try (var _ = Grad.disabled()) {
            var rewards = model.bins.mean(model.reward.forward(reached));
            var goesOn = continues(model, reached, lesson);
            double discount = model.continueDiscounts() ? 1 : model.discount();
            var last = reached.narrow(0, horizon - 1L, 1);
            var end = model.critic.forward(model.view(last, still.unsqueeze(0)));
            values = model.bins.mean(logits.detach());
            var following = model.bins.mean(end);
            returns =
                    LambdaReturn.of(
                            rewards,
                            goesOn.narrow(0, 1, horizon).mul(discount),
                            Tensor.cat(List.of(values.narrow(0, 1, horizon - 1L), following), 0),
                            LAMBDA);
            weights = Imagination.weights(goesOn, discount).narrow(0, 0, horizon);
            slow = model.slowCritic.forward(states);
            priorWords = spokenPrior(model, dream);
        }
        model.scale.update(returns);
        double scale = config.scaleReturns() ? model.scale.scale() : 1;
        var parts = new LinkedHashMap<String, Tensor>();
        var policy = model.actor.probabilities(states);
        var entropy = model.actor.entropy(policy);
        var steady =
                config.speech() == 0 || model.senses.speaks() < 0
                        ? entropy
                        : entropy.sub(
                                divergence(policy.get(model.senses.speaks()), priorWords)
                                        .mul(config.speech()));
        var actorLoss =
                new ActorLoss(config.entropy())
                        .each(
                                model.actor.logProbability(policy, dream.actions()),
                                steady,
                                ActorLoss.advantage(returns, values, scale),
                                weights)
                        .mean();
        var critic = new CriticLoss(model.bins, SLOW);
        var criticLoss = critic.each(logits, returns, slow).mul(weights).mean();
        parts.put("policy", actorLoss);
        parts.put("value", criticLoss);
        parts.put("entropy", entropy.detach().mean());
        parts.put("return", returns.mean());
        parts.put("scale", Tensor.full(scale));
        var total = actorLoss.add(criticLoss);
        if (config.form() == Form.V2024) {
            var viewed = model.view(world.features(), heard);
            var replayed = replayed(model, viewed, returns.select(0, 0), lesson, critic);
            parts.put("repval", replayed);
            total = total.add(replayed, REPLAYED);
        }
        return new BehaviourLoss(parts, total);
    }

    /// Probability that the episode goes on after each dreamed state, known for the first.
    private static Tensor continues(Dynalang model, Tensor reached, Lesson lesson) {
        var guessed = model.goesOn.forward(reached).squeeze(-1).sigmoid();
        var known = lesson.terminal().flatten().mul(-1.0).add(1.0);
        if (model.continueDiscounts()) known = known.mul(model.discount());
        return Tensor.cat(List.of(known.unsqueeze(0), guessed), 0);
    }

    /// The critic's loss on what really happened, dreams standing in for what follows; its
    /// gradients reach the world model.
    private static Tensor replayed(
            Dynalang model, Tensor features, Tensor dreamed, Lesson lesson, CriticLoss critic) {
        long steps = lesson.steps() - 1;
        var following = dreamed.view(lesson.steps(), lesson.batch()).narrow(0, 1, steps);
        var live = lesson.terminal().narrow(0, 1, steps).mul(-1.0).add(1.0);
        var unbroken = lesson.last().narrow(0, 1, steps).mul(-1.0).add(1.0);
        var returns =
                LambdaReturn.of(
                        lesson.rewards().narrow(0, 1, steps),
                        live.mul(model.discount()),
                        following,
                        unbroken.mul(LAMBDA));
        var states = features.narrow(0, 0, steps);
        Tensor slow;
        try (var _ = Grad.disabled()) {
            slow = model.slowCritic.forward(states);
        }
        var counted = lesson.last().narrow(0, 0, steps).mul(-1.0).add(1.0);
        return critic.each(model.critic.forward(states), returns, slow).mul(counted).mean();
    }

    /// What the world model expects to be said next in each dreamed state, for policies that speak.
    private static Tensor spokenPrior(Dynalang model, Imagination dream) {
        if (model.config.speech() == 0 || model.senses.speaks() < 0 || model.senses.words() == 0)
            return Tensor.zeros(0);
        long steps = dream.actions().size(0);
        return model.expression.words(dream.features().narrow(0, 1, steps)).softmax(-1);
    }

    private static Tensor divergence(Tensor said, Tensor expected) {
        if (said.size(-1) != expected.size(-1))
            throw new IllegalArgumentException(
                    "the agent may say %d words and reads %d; the prior over speech needs the same vocabulary"
                            .formatted(said.size(-1), expected.size(-1)));
        return said.mul(said.log().sub(expected.clampMin(1e-8).log())).sum(-1, false);
    }
}
