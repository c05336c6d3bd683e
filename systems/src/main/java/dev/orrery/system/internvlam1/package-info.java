/// InternVLA-M1: a vision-language model learns where things are, then tells a diffusion
/// transformer how to act.
///
/// Source: *InternVLA-M1: A Spatially Guided Vision-Language-Action Framework for Generalist Robot
/// Policy*, arXiv:2510.13778.
///
/// Data flow of the published model ([dev.orrery.system.internvlam1.InternVlaM1Published]): one or
/// two pictures and a prompt that also asks where the key things are, through Qwen2.5-VL, `(B, L,
/// 2048)`; the same pictures through DINOv2, `(B, 256 V, 384)`, brought to 2048 channels; 64
/// learned queries look into both, `(B, 64, 768)`; a diffusion transformer turns noise into 16
/// actions, `(B, 16, 7)`. No box is decoded before acting.
///
/// On the laptop ([dev.orrery.system.internvlam1.InternVlaM1], trained by
/// [dev.orrery.system.internvlam1.InternVlaM1Recipe]) a small model of the same form: patches of
/// two cameras and words, `(B, 120, 128)`; a second tower, `(B, 80, 128)`; 16 queries, `(B, 16,
/// 96)`; eight actions, `(B, 8, 4)`. Stage 1 asks where things are, stage 2 trains actions and goes
/// on asking.
///
/// Deviations: the gradient into the vision-language model is really scaled and padding really
/// masked, both of which the released code intends and does not do; the released manner is a
/// switch.
@org.jspecify.annotations.NullMarked
package dev.orrery.system.internvlam1;
