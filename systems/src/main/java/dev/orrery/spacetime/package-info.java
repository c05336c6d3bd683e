/// Transformers for video: attention within each frame, then causal attention over time at each
/// position, then one feed-forward layer.
///
/// Tensors are `(B, T, S, D)`: batch, frames, tokens of a frame, channels. A layer costs `T·S² +
/// S·T²` scores instead of the `(T·S)²` of full attention.
///
/// [Patches] turns pixels into tokens and back, [SpatioTemporalTransformer] runs
/// [SpatioTemporalBlock]s on them, and [TemporalCache] keeps what later frames need of earlier
/// ones, so that a new frame costs one frame.
///
/// Source: Genie, arXiv:2402.15391 section 2; the attention over space and time apart is that of
/// arXiv:2001.02908.
@org.jspecify.annotations.NullMarked
package dev.orrery.spacetime;
