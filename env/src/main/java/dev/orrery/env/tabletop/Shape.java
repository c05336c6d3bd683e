package dev.orrery.env.tabletop;

/// The four outlines of blocks.
public enum Shape {
    CUBE,
    DISC,
    STAR,
    WEDGE;

    /// The word for it, lower case.
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
