package dev.orrery.system.dynalang;

import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;
import java.util.Arrays;

/// What has been said to an agent in its present episode: whole sentences, each once, the oldest
/// forgotten when there is no more room.
final class Manual {

    private final int[] words;
    private int size;

    /// @param room words that are kept
    Manual(int room) {
        words = new int[room];
    }

    /// Listens to what a world says now.
    ///
    /// @param first whether an episode begins, in which everything earlier is forgotten
    void hear(WordEnv<?> env, boolean first) {
        if (first) {
            Arrays.fill(words, Vocabulary.PAD);
            size = 0;
        }
        if (env.token() == Vocabulary.PAD) return;
        var said =
                Arrays.stream(env.vocabulary().encode(env.utterance()))
                        .filter(word -> word != Vocabulary.PAD)
                        .limit(words.length)
                        .toArray();
        if (said.length > 0 && !holds(said)) add(said);
    }

    private boolean holds(int[] sentence) {
        for (int at = 0; at + sentence.length <= size; at++)
            if (Arrays.equals(words, at, at + sentence.length, sentence, 0, sentence.length))
                return true;
        return false;
    }

    private void add(int[] sentence) {
        int excess = Math.max(0, size + sentence.length - words.length);
        System.arraycopy(words, excess, words, 0, size - excess);
        size -= excess;
        System.arraycopy(sentence, 0, words, size, sentence.length);
        size += sentence.length;
    }

    /// The words, the oldest first, [Vocabulary#PAD] behind them.
    int[] words() {
        return words;
    }

    /// Takes over what another one held.
    void restore(int[] others) {
        System.arraycopy(others, 0, words, 0, words.length);
        size = words.length;
        while (size > 0 && words[size - 1] == Vocabulary.PAD) size--;
    }
}
