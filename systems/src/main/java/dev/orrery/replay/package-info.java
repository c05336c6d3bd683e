/// Experience that an agent learns from again and again, as plain arrays.
///
/// [Replay] holds the steps of several streams, one a world, in chunks of 1024 steps; each step is
/// a [Row] of the [Schema]. Sequences are drawn uniformly over their first steps, fresh ones first
/// if asked for; they may span the end of an episode, which columns of the schema mark. What a
/// model found out about a step (its latent state) can be written back.
///
/// Chunks in memory keep within a byte budget; older ones go to disk as `.npz` files that NumPy
/// reads, and are drawn from there through memory maps. [ReplayFolder] saves and restores all of
/// it.
///
/// Source: arXiv:2301.04104 (uniform replay, online queue, latent write-back).
@org.jspecify.annotations.NullMarked
package dev.orrery.replay;
