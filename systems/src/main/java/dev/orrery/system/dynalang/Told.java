package dev.orrery.system.dynalang;

import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;

/// The words that reach the agent.
final class Told {
    private final WordEnv<?> env;
    private final int[] words;
    private final boolean silent, own;
    private final String uttered;
    private final boolean reads;
    private int at;

    Told(WordEnv<?> env, Foresight.Said said) {
        this.env = env;
        own = said instanceof Foresight.Said.AsItComes;
        silent = said instanceof Foresight.Said.Nothing;
        words =
                said instanceof Foresight.Said.Words(String hint)
                        ? checked(env.vocabulary(), hint)
                        : new int[0];
        uttered = own ? env.utterance() : env.vocabulary().decode(words);
        reads = env.reading();
    }

    private static int[] checked(Vocabulary vocabulary, String hint) {
        var unknown = vocabulary.unknown(hint);
        if (!unknown.isEmpty())
            throw new IllegalArgumentException(
                    "the agent does not know the words %s; it knows %s"
                            .formatted(
                                    unknown,
                                    vocabulary.words().stream()
                                            .filter(w -> !w.startsWith("<"))
                                            .toList()));
        return vocabulary.encode(hint);
    }

    int next() {
        if (at < words.length) return words[at++];
        return silent && env.reading() ? Vocabulary.PAD : env.token();
    }

    boolean reads() {
        return reads;
    }

    String hint() {
        return uttered.startsWith("<") ? "" : uttered;
    }
}
