/// Decoder-only language models of several families, one code: Llama, Mistral, Qwen2, Qwen3, Gemma
/// 1 to 3.
///
/// A family is a reading of its public `config.json` ([DecoderFamily]) into a [DecoderConfig]; the
/// modules know sizes and switches, not names of families. Public checkpoints load strictly, by
/// their own names, mapped and in their own type ([CausalLm#open]).
///
/// Data flow: ids `(B, T)` → embeddings `(B, T, D)` → layers → hidden states `(B, T, D)` → logits
/// `(B, T, V)`. What is padding, where tokens stand and what came before is told in a
/// [DecoderPass].
@org.jspecify.annotations.NullMarked
package dev.orrery.lm.decoder;
