/// Dynalang: an agent that reads one word a step, learns a world model of what it sees, reads and
/// is rewarded with, and acts by dreaming; without words it is DreamerV3.
///
/// Data flow, time-major, T steps of B sequences drawn from experience ([Diary]):
///
/// 1. [Perception]: symbols `(T, B, D)`, pictures `(T, B, 3, P, P)`, words `(T, B)` to embeddings
///    `(T, B, E)`;
/// 2. [dev.orrery.worldmodel.Rssm]: embeddings and actions `(T, B, A)` to states `(T, B, D + G K)`;
/// 3. [Expression] and heads: what was seen, read, rewarded, whether it goes on ([WorldModelLoss]);
/// 4. dreams of H steps from every state: actor and critic ([BehaviourLoss]).
///
/// What later words mean is learned only through the dynamics: no step guesses the next word unless
/// asked to. [TextStream] lets the world model read before it acts, [FreeText] lets it make up
/// text.
///
/// Sources: arXiv:2308.01399 (Dynalang), arXiv:2301.04104 (DreamerV3, 2023 and 2024 forms).
/// Deviations: the actor's uniform share applies to every choice; sizes `nano` are ours; see
/// `docs/systems/dynalang.md`.
@org.jspecify.annotations.NullMarked
package dev.orrery.system.dynalang;
