package dev.orrery.nn;

/// The shape and the names of an attention layer.
///
/// @param width channels D of the input and output
/// @param heads query heads N
/// @param keyHeads key and value heads M; fewer than N means grouped-query attention
/// @param headWidth channels of one head
/// @param biases which projections have a bias
/// @param headNorm how queries and keys are normalised within each head
/// @param names what the projections are called in checkpoints
public record AttentionConfig(
        int width,
        int heads,
        int keyHeads,
        int headWidth,
        Biases biases,
        HeadNorm headNorm,
        Names names) {

    /// Which projections have a bias.
    public enum Biases {
        NONE,
        /// Queries, keys and values, but not the output (Qwen2).
        INPUTS,
        ALL
    }

    /// How queries and keys are normalised within each head; modules `q_norm` and `k_norm`.
    public sealed interface HeadNorm {

        record None() implements HeadNorm {}

        /// Root mean square with a learned scale (Qwen3).
        record Rms(double epsilon) implements HeadNorm {}

        /// Mean and variance with learned scale and shift.
        record Layer(double epsilon) implements HeadNorm {}
    }

    /// What the projections are called.
    public sealed interface Names {

        /// One matrix for queries, keys and values, computed in one product.
        record Fused(String inputs, String output) implements Names {}

        record Separate(String query, String key, String value, String output) implements Names {}
    }

    /// `qkv` and `proj`, as in timm and DiT.
    public static final Names FUSED = new Names.Fused("qkv", "proj");

    /// `q_proj`, `k_proj`, `v_proj`, `o_proj`, as in Llama, Gemma and Qwen.
    public static final Names LLAMA = new Names.Separate("q_proj", "k_proj", "v_proj", "o_proj");

    /// `q_proj`, `k_proj`, `v_proj`, `out_proj`, as in CLIP and SigLIP.
    public static final Names CLIP = new Names.Separate("q_proj", "k_proj", "v_proj", "out_proj");

    public AttentionConfig {
        if (width < 1 || heads < 1 || keyHeads < 1 || headWidth < 1)
            throw new IllegalArgumentException(
                    "attention of width %d, %d and %d heads of %d; each must be 1 or more"
                            .formatted(width, heads, keyHeads, headWidth));
        if (heads % keyHeads != 0)
            throw new IllegalArgumentException(
                    "%d query heads do not share %d key heads evenly; use a multiple"
                            .formatted(heads, keyHeads));
    }

    /// Heads that split the width, all biases, one matrix for queries, keys and values.
    public static AttentionConfig of(int width, int heads) {
        if (heads < 1 || width % heads != 0)
            throw new IllegalArgumentException(
                    "width %d does not split over %d heads; use a multiple"
                            .formatted(width, heads));
        return new AttentionConfig(
                width, heads, heads, width / heads, Biases.ALL, new HeadNorm.None(), FUSED);
    }

    /// Llama's form: grouped heads, no biases, separate matrices.
    public static AttentionConfig llama(int width, int heads, int keyHeads, int headWidth) {
        return new AttentionConfig(
                width, heads, keyHeads, headWidth, Biases.NONE, new HeadNorm.None(), LLAMA);
    }

    public AttentionConfig withBiases(Biases biases) {
        return new AttentionConfig(width, heads, keyHeads, headWidth, biases, headNorm, names);
    }

    public AttentionConfig withHeadNorm(HeadNorm headNorm) {
        return new AttentionConfig(width, heads, keyHeads, headWidth, biases, headNorm, names);
    }

    public AttentionConfig withNames(Names names) {
        return new AttentionConfig(width, heads, keyHeads, headWidth, biases, headNorm, names);
    }

    boolean inputBias() {
        return biases != Biases.NONE;
    }

    boolean outputBias() {
        return biases == Biases.ALL;
    }

    long queryWidth() {
        return (long) heads * headWidth;
    }

    long keyWidth() {
        return (long) keyHeads * headWidth;
    }

    Layer norm() {
        return switch (headNorm) {
            case HeadNorm.None _ -> Layer.identity();
            case HeadNorm.Rms(double epsilon) -> new RmsNorm(headWidth, epsilon);
            case HeadNorm.Layer(double epsilon) -> new LayerNorm(headWidth, epsilon);
        };
    }
}
