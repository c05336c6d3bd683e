package dev.orrery.system.dynalang;

import dev.orrery.tensor.Tensor;
import dev.orrery.worldmodel.Rssm;

/// Sequences to learn from, time-major.
///
/// @param symbols `(T, B, D)`, D may be 0
/// @param images from -0.5 to 0.5, `(T, B, 3, P, P)`, P may be 0
/// @param tokens I64 `(T, B)`
/// @param rewards received on arriving in each step `(T, B)`
/// @param first 1 where an episode begins `(T, B)`
/// @param last 1 where an episode ends, for either reason `(T, B)`
/// @param terminal 1 where it ends in the world's own terms `(T, B)`
/// @param before action that led to each step, one-hot parts side by side `(T, B, A)`
/// @param start the state before the first step
record Lesson(
        Tensor symbols,
        Tensor images,
        Tensor tokens,
        Tensor rewards,
        Tensor first,
        Tensor last,
        Tensor terminal,
        Tensor before,
        Rssm.State start) {

    long steps() {
        return tokens.size(0);
    }

    long batch() {
        return tokens.size(1);
    }
}
