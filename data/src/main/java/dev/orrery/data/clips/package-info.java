/// Videos to learn from: one's own recordings of a game, published sets, simulated episodes.
///
/// - [dev.orrery.data.clips.Clips] is what a model reads, [dev.orrery.data.clips.ClipWindows] its
///   runs of consecutive frames.
/// - [dev.orrery.data.clips.MemoryClips] holds episodes packed in memory.
///
/// The page `docs/formats/clips.md` says how to train on one's own game.
@org.jspecify.annotations.NullMarked
package dev.orrery.data.clips;
