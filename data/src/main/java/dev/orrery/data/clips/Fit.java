package dev.orrery.data.clips;

/// How a picture of another shape is brought to the wanted height and width.
public enum Fit {
    /// Scaled until it covers the whole; what hangs over at both sides is cut off.
    CROP,
    /// Scaled until it fits inside; the rest is black.
    PAD,
    /// Scaled in height and width on their own, which distorts.
    STRETCH
}
