package dev.orrery.env.homegrid;

/// What may stand or lie in the house: four objects, then three bins.
public enum Thing {
    BOTTLE("bottle"),
    FRUIT("fruit"),
    PAPERS("papers"),
    PLATES("plates"),
    RECYCLING("recycling bin"),
    TRASH("trash bin"),
    COMPOST("compost bin");

    /// How many objects and how many bins there are; bins have the numbers from `OBJECTS` on.
    static final int OBJECTS = 4, BINS = 3, COUNT = 7;

    private static final Thing[] ALL = values();

    private final String words;

    Thing(String words) {
        this.words = words;
    }

    /// Whether it is a bin.
    public boolean isBin() {
        return ordinal() >= OBJECTS;
    }

    static Thing of(int number) {
        return ALL[number];
    }

    @Override
    public String toString() {
        return words;
    }
}
