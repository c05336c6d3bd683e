/// Adapters: small trained changes of frozen layers. LoRA, rsLoRA, DoRA, DeLoRA and OFT are one
/// shape, a change of a weight ([dev.orrery.nn.WeightChange]), so one [Adapter] freezes, trains,
/// merges, takes back and saves them all, in PEFT's folders.
///
/// LoRA and DoRA change linear layers, convolutions of one group and embeddings ([LowRank]); DeLoRA
/// and OFT linear layers. An adapter may also train whole modules ([SavedModules], PEFT's
/// `modules_to_save`). [Adapters] keeps several on one model: switched, stacked, summed.
///
/// Deviations from PEFT: a change holds wherever a weight is used, so an embedding's also in a tied
/// output layer, where PEFT's holds only once it is merged. Stacked adapters add up in any order;
/// in PEFT, DoRA also scales what was activated before it, so that ours is what PEFT gives with
/// DoRA first.
@org.jspecify.annotations.NullMarked
package dev.orrery.adapter;
