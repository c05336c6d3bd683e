package dev.orrery.quantize;

import dev.orrery.tensor.Tensor;

/// How near a vector is to a code.
public enum Distance {
    /// The length of their difference.
    EUCLIDEAN,
    /// The angle between them: vectors and codes are divided by their lengths first.
    COSINE;

    /// The shortest length that a vector is divided by, and the least square of a distance. Values
    /// of vector-quantize-pytorch, whose ties are ours with them.
    private static final double SHORTEST = 1e-6, LEAST = 1e-8;

    /// Vectors `(..., D)` as they are compared.
    Tensor prepare(Tensor vectors) {
        return switch (this) {
            case EUCLIDEAN -> vectors;
            case COSINE -> unit(vectors);
        };
    }

    /// How near each of `(N, D)` prepared vectors is to each of `(K, D)` prepared codes, `(N, K)`;
    /// the most is the nearest.
    Tensor nearness(Tensor vectors, Tensor codes) {
        var products = vectors.matmul(codes.t());
        return switch (this) {
            case COSINE -> products;
            case EUCLIDEAN ->
                    vectors.square()
                            .sum(-1, true)
                            .add(codes.square().sum(-1, false))
                            .add(products, -2)
                            .clampMin(LEAST)
                            .sqrt()
                            .neg();
        };
    }

    /// Vectors divided by their lengths.
    static Tensor unit(Tensor vectors) {
        return vectors.div(vectors.norm(2, new long[] {-1}, true).clampMin(SHORTEST));
    }
}
