package dev.orrery.env.tabletop;

/// The four colours of blocks and zones.
public enum Colour {
    RED(214, 48, 49),
    BLUE(45, 98, 214),
    GREEN(38, 166, 91),
    YELLOW(240, 196, 25);

    final int rgb;

    Colour(int red, int green, int blue) {
        rgb = red << 16 | green << 8 | blue;
    }

    /// The word for it, lower case.
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
