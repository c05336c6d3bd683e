/// Language-model blocks: Gemma's decoder in pieces that other systems mount.
///
/// [GemmaBlock] is one layer, cut at its attention: [GemmaBlock#project] gives queries, keys and
/// values, [GemmaBlock#finish] takes what was attended. What lies between, the mask and who sees
/// whom, belongs to the caller: one expert, two experts, a cache. [GemmaNorm] is its RMS norm,
/// plain or conditioned; [Rotary] turns positions into rotations.
@org.jspecify.annotations.NullMarked
package dev.orrery.lm;
