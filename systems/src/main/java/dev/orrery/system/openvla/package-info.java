/// OpenVLA: a vision-language-action policy that writes each dimension of an action as one token of
/// a language model. Two vision towers with different schooling see the picture; their patches are
/// joined channel by channel.
///
/// Source: *OpenVLA: An Open-Source Vision-Language-Action Model*, arXiv 2406.09246, on Prismatic
/// models, arXiv 2402.07865; parallel answers (OFT), arXiv 2502.19645.
///
/// Data flow, with B batch, S patches, L words, K actions of a chunk, A action dimensions:
///
/// 1. pictures as `(B, 6, side, side)`, normalised for the first tower and for the second; patches
///    of the last block but one of both, `(B, S, D₁ + D₂)`, through three linear layers to the
///    language model's width;
/// 2. the first token, the patches, the other tokens of the instruction, then the action: `(B, 1 +
///    S + L + A)`, causal;
/// 3. A tokens, greedily, from the ids that stand for bins only; the probability of all other ids
///    is reported;
/// 4. the middles of the bins in [-1, 1], then the robot's units by the statistics of its data set.
///
/// The switch OFT answers K·A empty slots in one pass, reads K actions off them by regression, and
/// can tell the model the state as a token and let words modulate what is seen.
///
/// Deviations from the paper in the laptop size: two cameras, a stem of two convolutions before the
/// patches of each tower, a vocabulary of words, no pretrained weights; [VisionSchool] stands in
/// for the towers' pretraining. OFT's published code lets all tokens see each other, here only the
/// slots do, so that the prompt stays causal.
@org.jspecify.annotations.NullMarked
package dev.orrery.system.openvla;
