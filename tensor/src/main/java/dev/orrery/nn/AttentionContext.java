package dev.orrery.nn;

import dev.orrery.tensor.Tensor;
import java.util.function.UnaryOperator;

/// What a self-attention layer needs to know about its input's place: who sees whom, how positions
/// turn queries and keys, and which earlier keys there are.
public record AttentionContext(Visibility visibility, UnaryOperator<Tensor> turn, Earlier earlier) {

    /// Keys and values from before this input.
    public sealed interface Earlier {

        /// There are none.
        record None() implements Earlier {}

        /// Those in the cache; the input's own are added to it.
        record Kept(KvCache cache) implements Earlier {}

        /// Those in the cache, which stays as it is.
        record Read(KvCache cache) implements Earlier {}
    }

    public static AttentionContext of(Visibility visibility) {
        return new AttentionContext(visibility, UnaryOperator.identity(), new Earlier.None());
    }

    /// With queries and keys turned by their positions.
    public AttentionContext rotated(Rotation rotation) {
        return new AttentionContext(visibility, rotation::apply, earlier);
    }

    /// With a cache that this input is added to.
    public AttentionContext keptIn(KvCache cache) {
        return new AttentionContext(visibility, turn, new Earlier.Kept(cache));
    }

    /// With a cache that is only read.
    public AttentionContext after(KvCache cache) {
        return new AttentionContext(visibility, turn, new Earlier.Read(cache));
    }

    KvCache.Entries entries(Tensor keys, Tensor values) {
        return switch (earlier) {
            case Earlier.None _ -> new KvCache.Entries(keys, values);
            case Earlier.Kept(var cache) -> cache.append(keys, values);
            case Earlier.Read(var cache) -> cache.joined(keys, values);
        };
    }
}
