package dev.orrery.system.dynalang;

import dev.orrery.run.Report;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.worldmodel.Draws;

/// How well the world model guesses each word of unseen text before it reads it, beside guessing by
/// how frequent words are.
final class Perplexity {

    private static final int BATCH = 16, LENGTH = 64, ROUNDS = 8;

    private Perplexity() {}

    /// Perplexities `perplexity` and `unigram` of text from another seed than training's.
    static Report of(Dynalang model, DynalangConfig.World world, long seed) {
        var stream = new TextStream(world, BATCH, seed);
        var counts = frequencies(world, model.senses.words(), seed + 1);
        double loss = 0, unigram = 0;
        var state = model.rssm.initial(BATCH).detach();
        for (int round = 0; round < ROUNDS; round++) {
            try (var scope = TensorScope.open();
                    var _ = Grad.disabled()) {
                var tokens = stream.next(LENGTH);
                var draws = Draws.of(Seed.of(seed).split(round));
                var result = WorldModelLoss.ofText(model, state, tokens, draws);
                loss +=
                        WorldModelLoss.wordsAhead(model, result.trace(), tokens, draws)
                                .mean()
                                .item();
                for (long word : tokens.toLongs())
                    unigram -= Math.log(counts[(int) word]) / tokens.numel();
                var last = result.trace().last();
                state =
                        new dev.orrery.worldmodel.Rssm.State(
                                scope.keep(last.deter().copy()), scope.keep(last.latents().copy()));
            }
        }
        return Report.of("perplexity", Math.exp(loss / ROUNDS))
                .with("unigram", Math.exp(unigram / ROUNDS));
    }

    private static double[] frequencies(DynalangConfig.World world, int words, long seed) {
        var counts = new double[words];
        java.util.Arrays.fill(counts, 1);
        double all = words;
        try (var _ = TensorScope.open()) {
            Tensor text = new TextStream(world, BATCH, seed).next(20 * LENGTH);
            for (long word : text.toLongs()) {
                counts[(int) word]++;
                all++;
            }
        }
        for (int i = 0; i < words; i++) counts[i] /= all;
        return counts;
    }
}
