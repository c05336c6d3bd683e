package dev.orrery.nn;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;

/// Scaled dot-product attention by libtorch's fused kernel, for any number of key heads.
public final class Attention {

    private static final double USUAL_SCALE = Double.NaN;

    private Attention() {}

    /// With scores divided by √D.
    ///
    /// @param query `(B, N, queries, D)`
    /// @param key `(B, M, keys, D)`, where M divides N; query head i reads key head i·M/N
    /// @param value as `key`
    /// @return `(B, N, queries, D)`
    public static Tensor attend(Tensor query, Tensor key, Tensor value, Visibility visibility) {
        return attend(query, key, value, visibility, USUAL_SCALE);
    }

    /// With scores multiplied by `scale`.
    public static Tensor attend(
            Tensor query, Tensor key, Tensor value, Visibility visibility, double scale) {
        long heads = query.size(1), keyHeads = key.size(1);
        if (heads % keyHeads != 0)
            throw new IllegalArgumentException(
                    "%d query heads do not share %d key heads evenly; use a multiple"
                            .formatted(heads, keyHeads));
        boolean alone = query.size(2) == 1 && visibility instanceof Visibility.Causal;
        var seen = alone ? Visibility.full() : visibility;
        if (heads == keyHeads) return each(query, key, value, seen, scale);
        return canFold(seen)
                ? folded(query, key, value, seen, scale)
                : each(query, widened(key, heads), widened(value, heads), seen, scale);
    }

    private static boolean canFold(Visibility visibility) {
        return switch (visibility) {
            case Visibility.Full _ -> true;
            case Visibility.Causal _ -> false;
            case Visibility.Masked(var mask) -> mask.rank() < 3 || mask.size(-3) == 1;
        };
    }

    /// Lets the queries of a group stand behind each other, so that keys need not be repeated.
    private static Tensor folded(
            Tensor query, Tensor key, Tensor value, Visibility visibility, double scale) {
        long batch = query.size(0), heads = query.size(1), queries = query.size(2);
        long width = query.size(3), keyHeads = key.size(1), group = heads / keyHeads;
        var rows = query.reshape(batch, keyHeads, group * queries, width);
        var seen =
                switch (visibility) {
                    case Visibility.Masked(var mask) when mask.size(-2) > 1 ->
                            Visibility.masked(repeatRows(mask, group));
                    default -> visibility;
                };
        return each(rows, key, value, seen, scale).reshape(batch, heads, queries, width);
    }

    private static Tensor repeatRows(Tensor mask, long group) {
        var times = new long[mask.rank()];
        java.util.Arrays.fill(times, 1);
        times[times.length - 2] = group;
        return mask.repeat(times);
    }

    private static Tensor widened(Tensor x, long heads) {
        long batch = x.size(0), own = x.size(1), length = x.size(2), width = x.size(3);
        return x.unsqueeze(2)
                .expand(batch, own, heads / own, length, width)
                .reshape(batch, heads, length, width);
    }

    private static Tensor each(
            Tensor query, Tensor key, Tensor value, Visibility visibility, double scale) {
        return switch (visibility) {
            case Visibility.Full _ -> fused(query, key, value, null, false, scale);
            case Visibility.Causal _ when query.size(2) == key.size(2) ->
                    fused(query, key, value, null, true, scale);
            case Visibility.Causal _ ->
                    fused(query, key, value, lastRows(query, key), false, scale);
            case Visibility.Masked(var mask) -> fused(query, key, value, mask, false, scale);
        };
    }

    private static Tensor lastRows(Tensor query, Tensor key) {
        long queries = query.size(2), keys = key.size(2);
        return Tensor.ones(DType.BOOL, queries, keys).to(query.device()).tril(keys - queries);
    }

    private static Tensor fused(
            Tensor query,
            Tensor key,
            Tensor value,
            @org.jspecify.annotations.Nullable Tensor mask,
            boolean causal,
            double scale) {
        return Functional.scaledDotProductAttention(query, key, value, mask, causal, scale, false);
    }

    /// `(B, L, heads·D) -> (B, heads, L, D)`.
    public static Tensor splitHeads(Tensor x, long heads) {
        return x.unflatten(-1, heads, x.size(-1) / heads).transpose(1, 2);
    }

    /// `(B, heads, L, D) -> (B, L, heads·D)`.
    public static Tensor joinHeads(Tensor x) {
        return x.transpose(1, 2).flatten(2, 3);
    }
}
