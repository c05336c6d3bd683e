/// Adapters: small trained changes of frozen layers. LoRA, rsLoRA, DoRA, DeLoRA and OFT are one
/// shape, a change of a weight ([dev.orrery.nn.WeightChange]), so one [Adapter] freezes, trains,
/// merges, takes back and saves them all, in PEFT's folders.
///
/// LoRA and DoRA change linear layers, convolutions and embeddings ([LowRank]); DeLoRA, in all the
/// forms of its ablation ([DeloraForm]), and OFT linear layers. An adapter may also train whole
/// modules and biases ([SavedModules], PEFT's `modules_to_save` and `bias`). [Adapters] keeps
/// several on one model: switched, stacked, summed, or another one for each row of a batch. Under
/// LoRA and DoRA the weights may be of 8 bits ([dev.orrery.nn.Int8Weights]).
///
/// Deviations from PEFT: a change holds wherever a weight is used, so an embedding's also in a tied
/// output layer, where PEFT's holds only once it is merged. Stacked adapters add up in any order;
/// in PEFT, DoRA also scales what was activated before it, so that ours is what PEFT gives with
/// DoRA first.
@org.jspecify.annotations.NullMarked
package dev.orrery.adapter;
