package dev.orrery.system.dynalang;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.worldmodel.Rssm;

/// Sequences to learn from, time-major.
///
/// @param symbols `(T, B, D)`, D may be 0
/// @param images from -0.5 to 0.5, `(T, B, 3, P, P)`, P may be 0
/// @param text what is said
/// @param rewards received on arriving in each step `(T, B)`
/// @param first 1 where an episode begins `(T, B)`
/// @param last 1 where an episode ends, for either reason `(T, B)`
/// @param terminal 1 where it ends in the world's own terms `(T, B)`
/// @param before action that led to each step, one-hot parts side by side `(T, B, A)`
/// @param start the state before the first step
record Lesson(
        Tensor symbols,
        Tensor images,
        Text text,
        Tensor rewards,
        Tensor first,
        Tensor last,
        Tensor terminal,
        Tensor before,
        Rssm.State start) {

    /// What is said in sequences.
    ///
    /// @param tokens the word of each step, I64 `(T, B)`
    /// @param manual the words of everything that was said before, I64 `(T, B, M)`, M may be 0
    /// @param heard what actor and critic remember before the first step `(B, H)`, H may be 0
    record Text(Tensor tokens, Tensor manual, Tensor heard) {

        /// One word a step and nothing besides.
        static Text of(Tensor tokens) {
            long steps = tokens.size(0), batch = tokens.size(1);
            return new Text(
                    tokens, Tensor.zeros(DType.I64, steps, batch, 0), Tensor.zeros(batch, 0));
        }
    }

    /// What every world of a stage shows now: one step, of which only what is perceived counts.
    ///
    /// @param heard what actor and critic remember of earlier words `(N, H)`
    static Lesson now(Stage stage, Rssm.State start, Tensor heard) {
        int lanes = stage.size();
        var senses = stage.senses();
        var none = Tensor.zeros(1, lanes);
        return new Lesson(
                Tensor.of(stage.symbols(), 1, lanes, senses.symbols()),
                images(stage.pixels(), senses.pixels(), 1, lanes),
                new Text(
                        Tensor.of(stage.tokens(), 1, lanes).to(DType.I64),
                        manual(stage.manual(), senses, 1, lanes),
                        heard),
                none,
                flags(stage.first()),
                none,
                none,
                none,
                start);
    }

    /// Truth values of all lanes as a step `(1, N)`.
    static Tensor flags(boolean[] flags) {
        return Tensor.of(flags, 1, flags.length).to(DType.F32);
    }

    /// Pixels `(T, B, P, P, 3)` as `(T, B, 3, P, P)` from -0.5 to 0.5.
    static Tensor images(byte[] pixels, int side, long steps, long batch) {
        return Tensor.of(pixels, steps, batch, side, side, 3)
                .permute(0, 1, 4, 2, 3)
                .to(DType.F32)
                .div(255)
                .sub(0.5);
    }

    /// Words of everything that was said `(T, B, M)`.
    static Tensor manual(int[] words, Senses senses, long steps, long batch) {
        return Tensor.of(words, steps, batch, senses.besides().manual()).to(DType.I64);
    }

    Tensor tokens() {
        return text.tokens();
    }

    long steps() {
        return text.tokens().size(0);
    }

    long batch() {
        return text.tokens().size(1);
    }
}
