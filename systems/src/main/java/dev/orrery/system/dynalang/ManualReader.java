package dev.orrery.system.dynalang;

import dev.orrery.env.Vocabulary;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Looks up what matters now in everything that was said: what is seen attends to the words, or to
/// a vector of its own that stands for none of them.
///
/// Names: `words`, `places (M, E)`, `nothing (E)`, `query`, `key`, `value`. Source:
/// arXiv:2308.01399, the arm that attends to the whole manual.
final class ManualReader extends Module {

    private static final double SMALL = 0.02;

    private final Embedding words;
    private final Tensor places, nothing;
    private final Linear query, key, value;
    private final long width;

    /// @param inputs numbers in what is seen, F
    /// @param vocabulary number of words
    /// @param room words seen at once, M
    /// @param width numbers in what is looked up, E
    ManualReader(long inputs, int vocabulary, int room, long width, Seed seed) {
        this.width = width;
        words = child("words", new Embedding(vocabulary, width, seed.split("words")));
        places = parameter("places", Init.normal(SMALL), seed, room, width);
        nothing = parameter("nothing", Init.normal(SMALL), seed, width);
        query = child("query", Linear.of(inputs, width, true, seed.split("query")));
        key = child("key", Linear.of(width, width, true, seed.split("key")));
        value = child("value", Linear.of(width, width, true, seed.split("value")));
    }

    /// What is looked up at each step `(T, B, E)`.
    ///
    /// @param seen `(T, B, F)`
    /// @param manual I64 `(T, B, M)`
    Tensor forward(Tensor seen, Tensor manual) {
        long steps = manual.size(0), batch = manual.size(1);
        var text = words.forward(manual).add(places);
        var all = Tensor.cat(List.of(nothing.expand(steps, batch, 1, width), text), 2);
        var scores =
                query.forward(seen)
                        .unsqueeze(2)
                        .matmul(key.forward(all).transpose(-1, -2))
                        .div(Math.sqrt(width));
        var silent = manual.eq(Vocabulary.PAD);
        var never = Tensor.zeros(silent.dtype(), steps, batch, 1);
        var masked =
                scores.maskedFill(
                        Tensor.cat(List.of(never, silent), 2).unsqueeze(2),
                        Double.NEGATIVE_INFINITY);
        return masked.softmax(-1).matmul(value.forward(all)).squeeze(2);
    }
}
