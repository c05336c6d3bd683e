package dev.orrery.data.clips;

/// An episode of [Clips].
///
/// @param name where it comes from, such as a file's name
/// @param frames how many it has
public record Clip(String name, int frames) {

    public Clip {
        if (frames < 1) {
            throw new IllegalArgumentException("episode '%s' has no frames".formatted(name));
        }
    }
}
