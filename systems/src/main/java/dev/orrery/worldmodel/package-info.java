/// World models of the DreamerV3 kind: a recurrent state of a deterministic vector and groups of
/// one-hot latents, learned from sequences and rolled on in imagination.
///
/// Tensors are time-major, `(T, B, ...)`, because the recurrence walks over T; a deterministic
/// state is `(B, D)`, latents are `(B, G, K)` for G groups of K classes.
///
/// Learning:
/// 1. [Rssm#observe] gives posterior states of a sequence with both distributions of its latents;
/// 2. [KlBalance] holds them together, [TwoHot] and [Symlog] score numbers of any size;
/// 3. [Imagination#roll] dreams on from those states with a policy, [LambdaReturn] and
///    [ReturnScale] turn dreamed rewards into targets and advantages ([ActorLoss], [CriticLoss]).
///
/// [Form] says which of the two published DreamerV3 architectures is meant. Images go through
/// [StrideEncoder] and [StrideDecoder] (2023) or [PoolEncoder] and [GrowDecoder] (2024).
///
/// Sources: arXiv:2301.04104 first version (2023) and its journal version (2024), checked against
/// the numbers of a third-party port ([WorldModelFixture]).
@org.jspecify.annotations.NullMarked
package dev.orrery.worldmodel;
