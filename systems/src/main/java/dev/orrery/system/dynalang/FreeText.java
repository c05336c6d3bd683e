package dev.orrery.system.dynalang;

import dev.orrery.env.Vocabulary;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.worldmodel.Draws;
import dev.orrery.worldmodel.Rssm;
import java.util.ArrayList;

/// Text that the world model makes up: it reads a prompt, then goes on by its prior with no action,
/// saying at each step a word drawn from its word head.
final class FreeText {

    private FreeText() {}

    /// @param prompt words to go on from, possibly none
    /// @param words how many to make up
    /// @throws IllegalArgumentException if a word of the prompt is not in the vocabulary
    static String from(Dynalang model, Vocabulary vocabulary, String prompt, int words, Seed seed) {
        var unknown = vocabulary.unknown(prompt);
        if (!unknown.isEmpty())
            throw new IllegalArgumentException(
                    "the words %s are not in the vocabulary of %d; it knows %s"
                            .formatted(unknown, vocabulary.size(), vocabulary.words()));
        var said = new ArrayList<Integer>();
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var state = read(model, vocabulary.encode(prompt), seed.split("prompt"));
            var walk = model.rssm.imagine();
            var still = Tensor.zeros(1, model.senses.actions());
            var latents = Draws.of(seed.split("latents"));
            var choice = Draws.of(seed.split("words"));
            for (int t = 0; t < words; t++) {
                state = walk.step(state, still, latents, t);
                var p = model.expression.words(state.features()).softmax(-1);
                said.add((int) choice.draw(p, t).argmax(-1, false).toLongs()[0]);
            }
        }
        return vocabulary.decode(said.stream().mapToInt(Integer::intValue).toArray());
    }

    private static Rssm.State read(Dynalang model, int[] prompt, Seed seed) {
        if (prompt.length == 0) return model.rssm.initial(1);
        var tokens = Tensor.of(prompt, prompt.length, 1).to(DType.I64);
        return WorldModelLoss.ofText(model, model.rssm.initial(1), tokens, Draws.of(seed))
                .trace()
                .last();
    }
}
