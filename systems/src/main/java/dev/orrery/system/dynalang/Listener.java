package dev.orrery.system.dynalang;

import dev.orrery.env.Vocabulary;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.GruCell;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;

/// What actor and critic remember of the words of an episode when the world model reads none of
/// them: a recurrent unit over embedded words, which silence leaves as it is.
///
/// Names: `words`, `memory`. Source: arXiv:2308.01399, the language-conditioned policy among its
/// ablations.
final class Listener extends Module {

    private final Embedding words;
    private final GruCell memory;
    private final int width;

    /// @param vocabulary number of words
    /// @param width numbers in an embedding and in the memory, H
    Listener(int vocabulary, int width, Seed seed) {
        this.width = width;
        words = child("words", new Embedding(vocabulary, width, seed.split("words")));
        memory = child("memory", new GruCell(width, width, seed.split("memory")));
    }

    /// H.
    int width() {
        return width;
    }

    /// What is remembered at each step of sequences `(T, B, H)`.
    ///
    /// @param tokens I64 `(T, B)`
    /// @param first 1 where an episode begins `(T, B)`, before which nothing is remembered
    /// @param start memory before the first step `(B, H)`
    Tensor forward(Tensor tokens, Tensor first, Tensor start) {
        var embedded = words.forward(tokens).unbind(0);
        var said = tokens.ne(Vocabulary.PAD).unsqueeze(-1);
        var heard = said.any(1, false).toBooleans();
        var marks = said.unbind(0);
        var kept = first.mul(-1.0).add(1.0).unsqueeze(-1).unbind(0);
        var states = new ArrayList<Tensor>();
        var state = start;
        for (int t = 0; t < embedded.size(); t++) {
            state = state.mul(kept.get(t));
            if (heard[t])
                state = Tensor.where(marks.get(t), memory.forward(embedded.get(t), state), state);
            states.add(state);
        }
        return Tensor.stack(states, 0);
    }
}
