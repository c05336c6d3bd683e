package dev.orrery.worldmodel;

import dev.orrery.nn.Layer;

/// Images `(N, 3, P, P)` from -0.5 to 0.5 to embeddings `(N, E)`.
public sealed interface ImageEncoder extends Layer permits StrideEncoder, PoolEncoder {

    /// Numbers in an embedding.
    long outputs();
}
