package dev.orrery.quantize;

import dev.orrery.tensor.Tensor;

/// How the gradient by an embedding becomes one by the vector that chose it.
public enum Route {
    /// It is the same gradient.
    STRAIGHT_THROUGH,
    /// It is turned by the rotation that takes the vector's direction to the code's, and stretched
    /// by the ratio of their lengths. Source: arXiv:2410.06424.
    ROTATION;

    private static final double SHORTEST = 1e-6;

    /// Codes `(..., D)` whose gradient goes to the vectors `(..., D)`.
    Tensor pass(Tensor vectors, Tensor codes) {
        return switch (this) {
            case STRAIGHT_THROUGH -> vectors.add(codes.sub(vectors).detach());
            case ROTATION -> turned(vectors, codes.detach());
        };
    }

    /// A reflection across the bisector after one across the vector itself takes `u` to `q`: `e - 2
    /// (e·w) w + 2 (e·u) q`. Only the `e` in it has a gradient.
    private static Tensor turned(Tensor vectors, Tensor codes) {
        var from = vectors.detach();
        var length = length(from);
        var u = from.div(length);
        var q = codes.div(length(codes));
        var w = Distance.unit(u.add(q));
        var turned =
                vectors.sub(along(vectors, w).mul(w).mul(2.0))
                        .add(along(vectors, u).mul(q).mul(2.0));
        return turned.mul(codes.norm(2, new long[] {-1}, true).div(length));
    }

    private static Tensor length(Tensor vectors) {
        return vectors.norm(2, new long[] {-1}, true).clampMin(SHORTEST);
    }

    private static Tensor along(Tensor vectors, Tensor direction) {
        return vectors.mul(direction).sum(-1, true);
    }
}
