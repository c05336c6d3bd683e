package dev.orrery.lm.decoder;

import dev.orrery.nn.KvCache;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The likeliest continuation, token by token, with caches.
///
/// @param ids `(B, steps)`
/// @param logits `(B, steps, V)`: what each token was chosen from
public record Greedy(Tensor ids, Tensor logits) {

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
        var caches = lm.model().caches(start.embedded().size(1) + steps);
        try (var _ = Grad.disabled()) {
            return decode(lm, start, steps, caches);
        } finally {
            caches.forEach(KvCache::close);
        }
    }

    private static Greedy decode(CausalLm lm, Start start, int steps, List<KvCache> caches) {
        var ids = new ArrayList<Tensor>();
        var all = new ArrayList<Tensor>();
        var seen = start.mask().to(DType.I64);
        var next = start.embedded();
        var positions = start.positions();
        var one = Tensor.ones(DType.I64, next.size(0), 1);
        for (int step = 0; step < steps; step++) {
            long length = next.size(1);
            var pass =
                    DecoderPass.whole(length)
                            .at(positions)
                            .padded(seen)
                            .prefixed(start.prefix())
                            .after(caches);
            var hidden = lm.model().forward(next, pass);
            var logits = lm.logits(hidden.narrow(1, length - 1, 1));
            all.add(logits);
            var chosen = logits.argmax(-1, false);
            ids.add(chosen);
            next = lm.model().embed(chosen);
            seen = Tensor.cat(List.of(seen, one), 1);
            positions = step == 0 ? start.after() : positions.add(1);
        }
        return new Greedy(Tensor.cat(ids, 1), Tensor.cat(all, 1));
    }
}
