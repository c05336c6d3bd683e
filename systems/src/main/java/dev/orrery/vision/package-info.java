/// Image encoders that other systems mount, and what is done to pictures before.
///
/// [Siglip] turns pictures into one embedding a patch. Pictures come as float32 `(B, 3, H, W)` in
/// [-1, 1]. [Resample] resizes pictures of bytes as Pillow does, [Augmentation] changes training
/// pictures at random.
@org.jspecify.annotations.NullMarked
package dev.orrery.vision;
