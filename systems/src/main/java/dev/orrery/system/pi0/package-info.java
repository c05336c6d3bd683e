/// π0: a vision-language-action policy. A vision-language model reads pictures and an instruction;
/// a smaller action expert, attending to everything the former computed, emits a chunk of
/// continuous actions by flow matching.
///
/// Source: *π0: A Vision-Language-Action Flow Model for General Robot Control*, arXiv 2410.24164;
/// π0.5, arXiv 2504.16054, is the switch [Pi0Variant#PI05].
///
/// Data flow, with B batch, P prefix tokens, H horizon, A padded action dimensions, K draws of
/// noise and time for one observation:
///
/// 1. pictures `(B, 3, side, side)` in [-1, 1] through SigLIP and a linear map to the language
///    width; instruction ids `(B, L)` through the token embedding times √width: prefix `(B, P, D)`;
/// 2. the prefix through the language model, once: one key and value a layer;
/// 3. state `(B, A)` to one token, noisy actions `(B, K, H, A)` and times `(B, K)` to K·H tokens of
///    the expert, which attend to the prefix, the state and their own draw;
/// 4. velocity `(B, K, H, A)`; [Pi0#sample] integrates it from noise to actions.
///
/// Deviations from the paper in the laptop sizes: convolution stem, a position table per camera,
/// 2-D sine-cosine start of the positions, no pretrained weights; stage 0 of [Pi0Recipe], grounding
/// and question answering, stands in for the pretrained vision-language model.
@org.jspecify.annotations.NullMarked
package dev.orrery.system.pi0;
