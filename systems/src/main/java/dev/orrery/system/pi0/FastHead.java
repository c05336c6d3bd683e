package dev.orrery.system.pi0;

import dev.orrery.env.tabletop.Words;
import dev.orrery.policy.FastGrammar;
import dev.orrery.policy.FastTokens;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Writes chunks as FAST tokens: token `i` has the id `vocabulary - 1 - i`, counted from the end of
/// the vocabulary as in the published networks (which leave out PaliGemma's last 128).
final class FastHead {

    private FastHead() {}

    private static long id(Pi0 pi0, long token) {
        return pi0.config().io().vocabulary() - 1 - token;
    }

    private static void check(Pi0 pi0, FastTokens codec) {
        var io = pi0.config().io();
        if (codec.horizon() != io.horizon() || codec.dims() != io.actionDims()) {
            throw new IllegalArgumentException(
                    "pi0: the FAST tokenizer is for %d actions of %d values, the network for %d of %d"
                            .formatted(
                                    codec.horizon(), codec.dims(), io.horizon(), io.actionDims()));
        }
        if (id(pi0, codec.size() - 1) < Words.size()) {
            throw new IllegalArgumentException(
                    "pi0: a vocabulary of %d has no room for %d FAST tokens beside %d words"
                            .formatted(io.vocabulary(), codec.size(), Words.size()));
        }
    }

    /// The cross-entropy of the chunk's tokens and the end token, a mean over tokens.
    ///
    /// @param actions normalised `(B, 1, H, A)`; what lies past an episode's end is written too
    static Tensor loss(Pi0 pi0, Pi0.Prefix seen, Tensor actions, FastTokens codec) {
        check(pi0, codec);
        int batch = (int) actions.size(0);
        var values = actions.toFloats();
        var texts = new ArrayList<long[]>();
        int longest = 0;
        for (int b = 0; b < batch; b++) {
            texts.add(codec.encode(chunk(values, b, codec)));
            longest = Math.max(longest, texts.getLast().length + 1);
        }
        var before = new long[batch * longest];
        var wanted = new long[before.length];
        var counted = new float[before.length];
        for (int b = 0; b < batch; b++) {
            var text = texts.get(b);
            before[b * longest] = Words.BEGIN;
            for (int i = 0; i <= text.length; i++) {
                int at = b * longest + i;
                wanted[at] = i < text.length ? id(pi0, text[i]) : Words.END;
                counted[at] = 1;
                if (i < text.length) {
                    before[at + 1] = wanted[at];
                }
            }
        }
        var logits = pi0.answer(seen, Tensor.of(before, batch, longest));
        var each =
                Functional.crossEntropyEach(
                        logits.reshape(-1, logits.size(2)), Tensor.of(wanted, wanted.length));
        var mask = Tensor.of(counted, counted.length);
        return each.mul(mask).sum().div(mask.sum());
    }

    private static float[][] chunk(float[] values, int row, FastTokens codec) {
        var chunk = new float[codec.horizon()][codec.dims()];
        for (int h = 0; h < chunk.length; h++) {
            int at = (row * codec.horizon() + h) * codec.dims();
            System.arraycopy(values, at, chunk[h], 0, codec.dims());
        }
        return chunk;
    }

    /// The likeliest chunk, token by token, among what the grammar allows.
    ///
    /// @param noise gives the shape `(B, H, A)` only
    static Tensor sample(Pi0 pi0, Pi0.Prefix seen, Tensor noise, FastTokens codec) {
        check(pi0, codec);
        int batch = (int) noise.size(0);
        var grammar = codec.grammar();
        var rows = IntStream.range(0, batch).mapToObj(_ -> grammar.start()).toList();
        var written = IntStream.range(0, batch).mapToObj(_ -> new ArrayList<Long>()).toList();
        var text = Tensor.full(Words.BEGIN, DType.I64, batch, 1);
        while (!rows.stream().allMatch(FastGrammar.Progress::complete)) {
            long last = text.size(1) - 1;
            var logits =
                    pi0.answer(seen, text)
                            .select(1, last)
                            .narrow(-1, id(pi0, codec.size() - 1), codec.size())
                            .toFloats();
            var next = new long[batch];
            for (int b = 0; b < batch; b++) {
                if (rows.get(b).complete()) {
                    next[b] = Words.END;
                    continue;
                }
                int token = best(logits, b, rows.get(b), codec.size());
                rows.get(b).take(token);
                written.get(b).add((long) token);
                next[b] = id(pi0, token);
            }
            text = Tensor.cat(List.of(text, Tensor.of(next, batch, 1)), 1);
        }
        var actions = new float[(int) noise.numel()];
        for (int b = 0; b < batch; b++) {
            var chunk = codec.decode(written.get(b).stream().mapToLong(t -> t).toArray());
            for (int h = 0; h < chunk.length; h++) {
                Pi0Data.put(chunk[h], actions, b * chunk.length + h);
            }
        }
        return Tensor.of(actions, noise.shape());
    }

    /// The allowed token with the highest logit; ids run against tokens.
    private static int best(float[] logits, int row, FastGrammar.Progress progress, int size) {
        int best = -1;
        float most = Float.NEGATIVE_INFINITY;
        for (int token = 0; token < size; token++) {
            float logit = logits[row * size + size - 1 - token];
            if (progress.allows(token) && (best < 0 || logit > most)) {
                best = token;
                most = logit;
            }
        }
        if (best < 0) {
            throw new IllegalStateException(
                    "pi0: no FAST token can complete the chunk; the tokenizer lacks single coefficients");
        }
        return best;
    }
}
