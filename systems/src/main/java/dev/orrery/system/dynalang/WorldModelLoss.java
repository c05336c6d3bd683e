package dev.orrery.system.dynalang;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import dev.orrery.worldmodel.Draws;
import dev.orrery.worldmodel.KlBalance;
import dev.orrery.worldmodel.Rssm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What the world model learns from sequences.
///
/// @param trace its posterior states
/// @param features the same, `(T, B, F)`
/// @param parts the parts of the loss by name, each a mean over steps
/// @param total what is minimised
record WorldModelLoss(
        Rssm.Trace trace, Tensor features, SequencedMap<String, Tensor> parts, Tensor total) {

    /// Sequences with everything: image, symbols, word, reward, continuation, dynamics.
    static WorldModelLoss of(Dynalang model, Lesson lesson, double openLoop, Draws draws) {
        var trace =
                model.rssm.observe(
                        lesson.start(),
                        model.perception.forward(lesson),
                        lesson.before(),
                        lesson.first(),
                        draws);
        var features = trace.features();
        var parts = new LinkedHashMap<String, Tensor>();
        model.expression.losses(features, lesson).forEach((n, loss) -> parts.put(n, loss.mean()));
        parts.put("rew", model.bins.loss(model.reward.forward(features), lesson.rewards()).mean());
        var lasting = lesson.terminal().mul(-1.0).add(1.0);
        if (model.continueDiscounts()) lasting = lasting.mul(model.discount());
        var logit = model.goesOn.forward(features).squeeze(-1);
        parts.put("con", Functional.binaryCrossEntropyWithLogits(logit, lasting));
        var total = sum(parts);
        if (openLoop > 0 && model.senses.words() > 0) {
            var ahead = wordsAhead(model, trace, lesson.tokens(), draws).mean();
            parts.put("lm", ahead);
            total = total.add(ahead, openLoop);
        }
        return new WorldModelLoss(trace, features, parts, total.add(dynamics(model, trace, parts)));
    }

    /// Text alone: only the word and the dynamics count.
    static WorldModelLoss ofText(Dynalang model, Rssm.State start, Tensor tokens, Draws draws) {
        long steps = tokens.size(0), batch = tokens.size(1);
        var trace =
                model.rssm.observe(
                        start,
                        model.perception.ofText(tokens),
                        Tensor.zeros(steps, batch, model.senses.actions()),
                        Tensor.zeros(steps, batch),
                        draws);
        var features = trace.features();
        var parts = new LinkedHashMap<String, Tensor>();
        parts.put("token", Expression.wordLoss(model.expression.words(features), tokens).mean());
        var total = parts.get("token").add(dynamics(model, trace, parts));
        return new WorldModelLoss(trace, features, parts, total);
    }

    private static Tensor dynamics(
            Dynalang model, Rssm.Trace trace, SequencedMap<String, Tensor> parts) {
        var usual = KlBalance.of(model.config.form());
        var balance =
                new KlBalance(
                        usual.dynamics(),
                        usual.representation(),
                        model.config.free(),
                        model.config.unimix());
        var terms = balance.compare(trace.posterior(), trace.prior());
        parts.put("dyn", terms.dynamics().mean());
        parts.put("rep", terms.representation().mean());
        parts.put("kl", terms.value().mean());
        return balance.loss(terms).mean();
    }

    private static Tensor sum(SequencedMap<String, Tensor> parts) {
        return parts.values().stream().reduce(Tensor::add).orElseThrow();
    }

    /// Cross-entropy `(T, B)` of each word before it is read: the word head on latents drawn from
    /// the prior. Its exponential is the one-step perplexity.
    static Tensor wordsAhead(Dynalang model, Rssm.Trace trace, Tensor tokens, Draws draws) {
        var latents = model.rssm.draw(trace.prior(), draws, -1).flatten(-2, -1);
        var expected = Tensor.cat(List.of(trace.deter(), latents), -1);
        return Expression.wordLoss(model.expression.words(expected), tokens);
    }
}
