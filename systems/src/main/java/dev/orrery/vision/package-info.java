/// Image encoders that other systems mount.
///
/// [Siglip] turns pictures into one embedding a patch. Pictures come as float32 `(B, 3, H, W)` in
/// [-1, 1].
@org.jspecify.annotations.NullMarked
package dev.orrery.vision;
