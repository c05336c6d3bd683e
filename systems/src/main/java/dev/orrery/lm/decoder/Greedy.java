package dev.orrery.lm.decoder;

import dev.orrery.nn.KvCache;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The likeliest continuation, token by token, with caches.
///
/// @param ids `(B, steps)`
/// @param logits `(B, steps, V)`: what each token was chosen from
public record Greedy(Tensor ids, Tensor logits) {

    private static final long[] NONE = {};

    /// Continues prompts of one batch.
    ///
    /// @param prompt `(B, T)`, padded on the left
    /// @param mask `(B, T)`, zero where a token is padding; positions count from the first real one
    public static Greedy of(CausalLm lm, Tensor prompt, Tensor mask, int steps) {
        return of(lm, lm.model().embed(prompt), mask, 0, steps);
    }

    /// Continues prompts that are embedded already, such as pictures and words.
    ///
    /// @param embedded `(B, T, D)`
    /// @param mask as above
    /// @param prefix how many tokens at the start see each other both ways
    public static Greedy of(CausalLm lm, Tensor embedded, Tensor mask, long prefix, int steps) {
        return of(lm, new Start(embedded, mask, prefix), steps);
    }

    /// A batch of prompts that are embedded already.
    ///
    /// @param embedded `(B, T, D)`
    /// @param mask `(B, T)`, zero where a token is padding
    /// @param prefix how many tokens at the start see each other both ways
    /// @param positions `(B, T)` or `(axes, B, T)`; what follows steps on from the highest
    public record Start(Tensor embedded, Tensor mask, long prefix, Tensor positions) {

        /// With positions that count what is not padding.
        public Start(Tensor embedded, Tensor mask, long prefix) {
            this(embedded, mask, prefix, mask.to(DType.I64).cumsum(1).sub(1).clampMin(0));
        }

        /// With other positions.
        public Start at(Tensor positions) {
            return new Start(embedded, mask, prefix, positions);
        }

        /// The position after the last: `(B, 1)` or `(axes, B, 1)`.
        private Tensor after() {
            var highest = positions.amax(new long[] {-1}, true);
            if (positions.rank() < 3) return highest.add(1);
            return highest.amax(new long[] {0}, true).expandAs(highest).add(1);
        }
    }

    /// Continues a batch.
    public static Greedy of(CausalLm lm, Start start, int steps) {
        return of(lm, start, steps, Choice.likeliest());
    }

    /// Continues embedded prompts with tokens of a closed list each, as where a text of a known
    /// form is to be written. What the model would rather have said is in [#outside].
    ///
    /// @param embedded `(B, T, D)`
    /// @param mask as above
    /// @param prefix as above
    /// @param slots for each token to write, the ids that are allowed there
    /// @param pick which of them
    public static Greedy among(
            CausalLm lm, Tensor embedded, Tensor mask, long prefix, List<long[]> slots, Pick pick) {
        return of(lm, new Start(embedded, mask, prefix), slots.size(), Choice.among(slots, pick));
    }

    /// How the next token is chosen.
    @FunctionalInterface
    public interface Choice {
        /// @param step tokens written before
        /// @param logits `(B, 1, V)`
        /// @return ids `(B, 1)`
        Tensor of(int step, Tensor logits);

        /// The likeliest of all.
        static Choice likeliest() {
            return (_, logits) -> logits.argmax(-1, false);
        }

        /// The likeliest of a closed list each.
        ///
        /// @param slots for each token to write, the ids that are allowed there
        static Choice among(List<long[]> slots) {
            return among(slots, Pick.LIKELIEST);
        }

        /// One of a closed list each.
        ///
        /// @param slots for each token to write, the ids that are allowed there, in the order of
        ///   what they mean unless the likeliest is picked
        static Choice among(List<long[]> slots, Pick pick) {
            var allowed = slots.stream().map(ids -> Tensor.of(ids, ids.length)).toList();
            return (step, logits) -> {
                var ids = allowed.get(step);
                var best = pick.of(logits.indexSelect(-1, ids));
                return ids.indexSelect(0, best.reshape(-1)).reshape(best.shape());
            };
        }

        /// One that is drawn, in each row from a seed of its own, so that rows do not depend on
        /// each other. Tokens written before pay nothing.
        ///
        /// @param rows a seed for each row
        static Choice drawn(Sampler sampler, List<Seed> rows) {
            return (step, logits) -> {
                var all = logits.toFloats();
                int width = all.length / rows.size();
                var ids = new long[rows.size()];
                for (int b = 0; b < ids.length; b++) {
                    var own = Arrays.copyOfRange(all, b * width, (b + 1) * width);
                    double chance = rows.get(b).split(step).uniforms(1)[0];
                    ids[b] = sampler.draw(own, NONE, chance).id();
                }
                return Tensor.of(ids, ids.length, 1);
            };
        }
    }

    /// Continues a batch by any rule.
    public static Greedy of(CausalLm lm, Start start, int steps, Choice choice) {
        var caches = lm.model().caches(start.embedded().size(1) + steps);
        try (var _ = Grad.disabled()) {
            return decode(lm, start, steps, choice, caches);
        } finally {
            caches.forEach(KvCache::close);
        }
    }

    /// Continues a batch by any rule until each row holds one of `ends` or there are `most` tokens;
    /// rows that ended before others go on. Logits are not kept.
    ///
    /// @return ids `(B, T)` with T from 1 to `most`
    public static Tensor until(CausalLm lm, Start start, int most, Set<Long> ends, Choice choice) {
        var caches = lm.model().caches(start.embedded().size(1) + most);
        var ids = new ArrayList<Tensor>();
        var open = new HashSet<Integer>();
        for (int row = 0; row < start.embedded().size(0); row++) open.add(row);
        try (var _ = Grad.disabled()) {
            decode(
                    lm,
                    start,
                    most,
                    choice,
                    caches,
                    (scope, _, chosen) -> {
                        ids.add(scope.keep(chosen));
                        var now = chosen.toLongs();
                        open.removeIf(row -> ends.contains(now[row]));
                        return !open.isEmpty();
                    });
        } finally {
            caches.forEach(KvCache::close);
        }
        return Tensor.cat(ids, 1);
    }

    /// Told each token as it is written.
    private interface Told {
        /// @param scope of this step, to keep from
        /// @return whether to go on
        boolean wrote(TensorScope scope, Tensor logits, Tensor chosen);
    }

    private static Greedy decode(
            CausalLm lm, Start start, int steps, Choice choice, List<KvCache> caches) {
        var ids = new ArrayList<Tensor>();
        var all = new ArrayList<Tensor>();
        decode(
                lm,
                start,
                steps,
                choice,
                caches,
                (scope, logits, chosen) -> {
                    all.add(scope.keep(logits));
                    ids.add(scope.keep(chosen));
                    return true;
                });
        return new Greedy(Tensor.cat(ids, 1), Tensor.cat(all, 1));
    }

    private static void decode(
            CausalLm lm, Start start, int steps, Choice choice, List<KvCache> caches, Told told) {
        var seen = start.mask().to(DType.I64);
        var next = start.embedded();
        var positions = start.positions();
        var one = Tensor.ones(DType.I64, next.size(0), 1);
        for (int step = 0; step < steps; step++) {
            try (var scope = TensorScope.open()) {
                var pass =
                        DecoderPass.whole(next.size(1))
                                .asking(1)
                                .at(positions)
                                .padded(seen)
                                .prefixed(start.prefix())
                                .after(caches);
                var logits = lm.logits(lm.model().forward(next, pass));
                var chosen = choice.of(step, logits);
                if (!told.wrote(scope, logits, chosen)) return;
                next = scope.keep(lm.model().embed(chosen));
                seen = scope.keep(Tensor.cat(List.of(seen, one), 1));
                positions = scope.keep(step == 0 ? start.after() : positions.add(1));
            }
        }
    }

    /// The probability that the model gave to other ids than these, token by token.
    ///
    /// @param slots for each token, the ids that count as inside
    /// @return `(B, steps)`
    public Tensor outside(List<long[]> slots) {
        var each = new ArrayList<Tensor>();
        for (int step = 0; step < slots.size(); step++) {
            var ids = Tensor.of(slots.get(step), slots.get(step).length);
            var chances = Functional.softmax(logits.select(1, step), -1);
            each.add(chances.indexSelect(-1, ids).sum(-1, false));
        }
        return Tensor.stack(each, 1).neg().add(1.0).clamp(0, 1);
    }
}
