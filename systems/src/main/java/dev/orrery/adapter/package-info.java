/// Adapters: small trained changes of frozen linear layers. LoRA, rsLoRA, DoRA, DeLoRA and OFT are
/// one shape, a change of a weight ([dev.orrery.nn.LinearChange]), so one [Adapter] freezes,
/// trains, merges, takes back and saves them all, in PEFT's folders.
///
/// A layer has one adapter at a time. Convolutions and embeddings are not adapted; layers that are
/// used as a matrix rather than called are.
@org.jspecify.annotations.NullMarked
package dev.orrery.adapter;
