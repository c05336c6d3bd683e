/// Qwen2.5-VL: pictures of any size, looked at through windows, among the words of a Qwen2.5
/// language model whose positions have three axes.
///
/// Data flow: pictures → [QwenPictures] → patches `(N, pixels)` and grids → [QwenVision] → tokens
/// `(N / 4, D)`, put where the text has its picture tokens → decoder with positions `(3, B, T)` →
/// logits `(B, T, V)`. Source: arXiv:2502.13923.
@org.jspecify.annotations.NullMarked
package dev.orrery.vlm.qwen;
