/// Published vision encoders by their public names: CLIP and SigLIP ([DualEncoder], [VisionTower],
/// [TextTower]), DINOv2 ([Dinov2]), and the two towers in timm's layout that Prismatic models mount
/// ([TimmVit]).
///
/// Pictures are float32 `(B, 3, H, W)`, normalised as each family was trained.
@org.jspecify.annotations.NullMarked
package dev.orrery.vision.vit;
