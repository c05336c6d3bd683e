/// Image tokenizers with a codebook, as Janus and Chameleon publish theirs.
///
/// Data flow: picture `(B, 3, H, W)` → [VqganEncoder] → latents `(B, C, h, w)` → nearest codes `(B,
/// h · w)` → [VqganDecoder] → picture.
@org.jspecify.annotations.NullMarked
package dev.orrery.vision.vqgan;
