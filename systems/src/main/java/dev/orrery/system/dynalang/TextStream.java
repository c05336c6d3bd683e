package dev.orrery.system.dynalang;

import dev.orrery.env.Dice;
import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;
import dev.orrery.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/// Text about a world: what it says before the first steps of episodes that are never played, one
/// text after another with an end between, in B streams without end.
final class TextStream {

    private final List<Reader> readers = new ArrayList<>();

    /// One stream.
    private static final class Reader {
        final WordEnv<?> env;
        final Dice dice;
        final Queue<Integer> words = new ArrayDeque<>();

        Reader(WordEnv<?> env, Dice dice) {
            this.env = env;
            this.dice = dice;
        }

        int next() {
            if (words.isEmpty()) open(env);
            return words.remove();
        }

        private <A> void open(WordEnv<A> world) {
            world.begin(dice.nextLong());
            var still = world.actions().at(new int[world.actions().sizes().length]);
            while (world.reading()) {
                if (world.token() != Vocabulary.PAD) words.add(world.token());
                world.advance(still);
            }
            words.add(Vocabulary.END);
        }
    }

    /// @throws IllegalArgumentException if the world has nothing to read
    TextStream(DynalangConfig.World world, int streams, long seed) {
        for (int b = 0; b < streams; b++)
            readers.add(new Reader(Worlds.open(world), Dice.of(seed, b)));
        var probe = Worlds.open(world);
        probe.begin(0);
        if (!probe.reading())
            throw new IllegalArgumentException(
                    "world '%s' gives nothing to read before it begins, so there is no text to learn from; use text.updates=0"
                            .formatted(world.name()));
    }

    /// The next words of every stream, I64 `(T, B)`.
    Tensor next(int length) {
        var words = new long[length * readers.size()];
        for (int t = 0; t < length; t++)
            for (int b = 0; b < readers.size(); b++)
                words[t * readers.size() + b] = readers.get(b).next();
        return Tensor.of(words, length, readers.size());
    }

    /// Passes over words that were read before a run was stopped.
    void skip(long length) {
        for (long t = 0; t < length; t++) for (var reader : readers) reader.next();
    }
}
