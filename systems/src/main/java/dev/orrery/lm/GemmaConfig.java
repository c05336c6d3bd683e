package dev.orrery.lm;

/// The sizes of a Gemma decoder.
///
/// @param width channels D
/// @param depth number of layers
/// @param mlp hidden channels of the gated feed-forward layer
/// @param heads query heads N
/// @param keyValueHeads key and value heads, a divisor of `heads`
/// @param headDim channels of a head, even; not `width / heads` in general
public record GemmaConfig(
        int width, int depth, int mlp, int heads, int keyValueHeads, int headDim) {

    public GemmaConfig {
        if (width < 1 || depth < 1 || mlp < 1 || heads < 1 || keyValueHeads < 1) {
            throw new IllegalArgumentException(
                    "gemma: every size must be at least 1, got width %d, depth %d, mlp %d, heads %d, keyValueHeads %d"
                            .formatted(width, depth, mlp, heads, keyValueHeads));
        }
        if (heads % keyValueHeads != 0) {
            throw new IllegalArgumentException(
                    "gemma: %d heads do not split over %d key/value heads; use a divisor"
                            .formatted(heads, keyValueHeads));
        }
        if (headDim < 2 || headDim % 2 != 0) {
            throw new IllegalArgumentException(
                    "gemma: headDim %d must be even, rotary positions turn pairs"
                            .formatted(headDim));
        }
    }

    /// Gemma 2B, as in PaliGemma.
    public static GemmaConfig gemma2b() {
        return new GemmaConfig(2048, 18, 16384, 8, 1, 256);
    }

    /// π0's action expert, 311 million parameters.
    public static GemmaConfig gemma300m() {
        return new GemmaConfig(1024, 18, 4096, 8, 1, 256);
    }

    /// openpi's `dummy`, for tests.
    public static GemmaConfig dummy() {
        return new GemmaConfig(64, 4, 128, 8, 1, 16);
    }
}
