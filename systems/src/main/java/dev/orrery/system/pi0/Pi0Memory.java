package dev.orrery.system.pi0;

/// What an adaptation takes.
final class Pi0Memory {

    private static final int FLOAT = 4;

    /// Tensors of a layer's width that are kept for the backward pass: norms, queries, keys,
    /// values, attention's result, projections and sums.
    private static final int KEPT = 10;

    private Pi0Memory() {}

    /// Bytes of weights, of gradients, two moments and an average of what is trained, and of what
    /// is kept for the backward pass; an estimate, attention's own matrices included.
    static long bytes(
            Pi0Config.Model model, int cameras, long frozen, long trained, int batch, int draws) {
        long patches = 0;
        for (int camera = 0; camera < cameras; camera++) {
            long side = (long) model.vision().imageSize(camera) / model.vision().patch();
            patches += side * side;
        }
        long prefix = patches + model.io().textTokens();
        long suffix = (long) draws * model.io().horizon() + 1;
        var language = model.language();
        var expert = model.expert();
        long kept =
                language.depth()
                        * (prefix * (KEPT * language.width() + 3L * language.mlp())
                                + language.heads() * prefix * prefix * 2);
        kept +=
                expert.depth()
                        * (suffix * (KEPT * expert.width() + 3L * expert.mlp())
                                + expert.heads() * suffix * (prefix + suffix) * 2);
        return FLOAT * (frozen + 5 * trained + batch * kept);
    }
}
