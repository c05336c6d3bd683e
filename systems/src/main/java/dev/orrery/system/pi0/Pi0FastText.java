package dev.orrery.system.pi0;

import dev.orrery.data.text.PaddedTokens;
import dev.orrery.data.text.Tokenizer;
import dev.orrery.policy.FastTokens;
import dev.orrery.policy.StatePrompt;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// What a published π0-FAST answers: a begin token, `Action: `, the FAST tokens of a chunk, `|` and
/// an end token. FAST token `i` has the id `vocabulary - 1 - skipped - i` of PaliGemma.
///
/// @param words PaliGemma's tokenizer
/// @param codec FAST's
/// @param skipped ids at the vocabulary's end that are left alone, 128 in the published networks
/// @param headed whether answers must start with `Action: `
record Pi0FastText(Tokenizer words, FastTokens codec, int skipped, boolean headed)
        implements AutoCloseable {

    private static final String END = "|";

    /// @throws IllegalArgumentException if the vocabulary has no room for FAST's tokens
    Pi0FastText {
        if (words.ownSize() - skipped < codec.size()) {
            throw new IllegalArgumentException(
                    "pi0_fast: %d FAST tokens do not fit into a vocabulary of %d before its last %d; use the tokenizers that the network was trained with"
                            .formatted(codec.size(), words.ownSize(), skipped));
        }
    }

    private long turned(long id) {
        return words.ownSize() - 1L - skipped - id;
    }

    /// The token that an answer starts with.
    long begin() {
        return words.begin();
    }

    /// Tokens that end an answer.
    Set<Long> ends() {
        return Set.of(end(), words.end());
    }

    private long end() {
        return words.id(END)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "pi0_fast: the tokenizer has no '%s', which ends an answer; use PaliGemma's"
                                        .formatted(END)));
    }

    private long[] head() {
        return words.encode(StatePrompt.ANSWER).ids();
    }

    /// The answer that says a chunk.
    ///
    /// @param chunk H rows of A normalised values
    /// @param length of the result; what is too long is cut
    PaddedTokens answer(float[][] chunk, int length) {
        var said = LongStream.of(codec.encode(chunk)).map(this::turned);
        var ids =
                Stream.of(
                                LongStream.of(begin()),
                                LongStream.of(head()),
                                said,
                                LongStream.of(end(), words.end()))
                        .flatMapToLong(part -> part)
                        .toArray();
        return PaddedTokens.of(ids, length);
    }

    /// The normalised chunk that a network wrote after the begin token. Coefficients that are
    /// missing are zero, those that are too many are dropped.
    ///
    /// @param written ids; what follows an end does not count
    /// @throws IllegalStateException if it is no chunk
    float[][] chunk(long... written) {
        var ends = ends();
        var said = LongStream.of(written).takeWhile(id -> !ends.contains(id)).toArray();
        var head = head();
        boolean named =
                said.length >= head.length && Arrays.equals(head, Arrays.copyOf(said, head.length));
        if (headed && !named) {
            throw no(said, "it does not start with 'Action: '");
        }
        var tokens = LongStream.of(said).skip(named ? head.length : 0).map(this::turned).toArray();
        for (long token : tokens) {
            if (token < 0 || token >= codec.size()) {
                throw no(said, "id %d stands for no action".formatted(turned(token)));
            }
        }
        try {
            return codec.decodeAnyLength(tokens);
        } catch (IllegalArgumentException e) {
            throw no(said, String.valueOf(e.getMessage()));
        }
    }

    private IllegalStateException no(long[] said, String why) {
        var start = words.decode(Arrays.copyOf(said, Math.min(said.length, 12)));
        return new IllegalStateException(
                "pi0_fast: the network answered with no chunk of actions ('%s…'): %s; use the tokenizers and cameras that it was trained with"
                        .formatted(start, why));
    }

    @Override
    public void close() {
        words.close();
        codec.close();
    }
}
