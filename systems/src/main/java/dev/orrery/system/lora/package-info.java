/// LoRA: a frozen policy adapted to another table by products of low rank, beside the training of
/// everything, of the output layer and of biases.
///
/// Source: *LoRA: Low-Rank Adaptation of Large Language Models*, arXiv:2106.09685; rsLoRA,
/// arXiv:2312.03732; DoRA, arXiv:2402.09353; BitFit, arXiv:2106.10199. The mathematics is in
/// [dev.orrery.adapter], the shifted table and the training in [dev.orrery.policy.adapt].
///
/// Data flow: pictures, state and instruction of the shifted table → a policy trained on the first
/// table, with adapters on its linear layers → chunks of actions `(B, H, A)` → the policy's own
/// loss → success on starts that were never seen.
///
/// Deviations: a policy of a million numbers stands for the paper's language models. The second
/// base that the plan names, a language model adapted to other tools, is measured for its memory
/// only (L3).
@org.jspecify.annotations.NullMarked
package dev.orrery.system.lora;
