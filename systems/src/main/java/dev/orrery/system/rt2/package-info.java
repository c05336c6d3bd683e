/// RT-2: a vision-language model becomes a robot's policy by writing actions as ordinary tokens,
/// and goes on answering questions while it learns to (co-fine-tuning).
///
/// Source: *RT-2: Vision-Language-Action Models Transfer Web Knowledge to Robotic Control*, arXiv
/// 2307.15818. No code, weights or data are published.
///
/// Data flow, with B batch, S patches of both cameras, L words of a prompt, K actions of an answer,
/// A action dimensions, V vocabulary:
///
/// 1. pictures `(B, 3, side, side)` → tower → `(B, S, D)`; `what action should the robot take to
///    {instruction}`, or a question, → `(B, L, D)`; both see each other both ways
///    ([dev.orrery.vlm.CompactVlm]);
/// 2. the answer, causal: `1 + K · A` integers, the first of which ends the episode
///    ([ActionString]), perhaps after a plan in words, or the words that answer the question; one
///    cross-entropy for all of it;
/// 3. integers of an action are chosen from those that are allowed at their place only, and what
///    the model would rather have said is told as a probability ([SlotWriter]);
/// 4. integers to values by fixed bounds ([ActionBins]); an answer lasts for some control steps
///    ([RtTwoPolicy]).
///
/// Stage W asks questions about simulated scenes, which show every kind of block. Stage R draws
/// each sample from robot frames or questions by a share ρ ([dev.orrery.data.Mixture]).
///
/// Deviations: everything is small and starts from nothing; questions about the tabletop stand in
/// for the web; two cameras; answers of several actions and the losses that name every patch's
/// thing beside the answers are options that the paper does not have.
@org.jspecify.annotations.NullMarked
package dev.orrery.system.rt2;
