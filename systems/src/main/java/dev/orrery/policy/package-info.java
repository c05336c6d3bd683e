/// What every action policy needs around its network.
///
/// - [Statistics] and [Normalizer]: from robot units to the network's units and back, with the
///   preflight that refuses dimensions that would explode.
/// - [CameraMap] and [Picture]: which camera feeds which input, what a missing one becomes, how a
///   picture of any size becomes the network's.
/// - [ActionChunks]: training windows of H actions with padding masks.
/// - [ChunkExecutor]: how predicted chunks become one action a step: a queue, temporal ensembling,
///   or real-time chunking in the background.
/// - [DeltaActions], [StatePrompt]: the relative-action and text-state conventions of π0 and π0.5.
/// - [ActionTokenizer], [ActionBounds], [RobotStatistics]: actions as tokens of a language model,
///   and as numbers within the bounds of a data set, as OpenVLA and RT-2 have them.
/// - [Wording]: how an instruction, and for some networks the state, become tokens;
///   [PaligemmaPrompt] is that of the published π0 family.
/// - [FastTokens]: action chunks as few tokens, for networks that write actions; [FastTraining]
///   makes them from actions, [FastGrammar] keeps a network from writing what is no chunk.
@org.jspecify.annotations.NullMarked
package dev.orrery.policy;
