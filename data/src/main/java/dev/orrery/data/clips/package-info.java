/// Videos to learn from: one's own recordings of a game, published sets, simulated episodes.
///
/// - [dev.orrery.data.clips.Clips] is what a model reads, [dev.orrery.data.clips.ClipWindows] its
///   runs of consecutive frames.
/// - [dev.orrery.data.clips.MemoryClips] holds episodes packed in memory,
///   [dev.orrery.data.clips.OrvClips] in a file that [dev.orrery.data.clips.OrvWriter] writes.
/// - [dev.orrery.data.clips.ClipFolder] reads folders of videos, with
///   [dev.orrery.data.clips.ClipOptions]; [dev.orrery.data.clips.ClipFiles] opens any of these.
/// - [dev.orrery.data.clips.JasmineChunks] reads jasmine's ArrayRecord files,
///   [dev.orrery.data.clips.TokenDump] frames that are tokens already.
///
/// The page `docs/formats/clips.md` says how to train on one's own game.
@org.jspecify.annotations.NullMarked
package dev.orrery.data.clips;
