package dev.orrery.env.homegrid;

/// The rooms of the house.
public enum Room {
    KITCHEN("kitchen"),
    LIVING("living room"),
    DINING("dining room");

    /// All rooms, in the order of their number.
    static final Room[] ALL = values();

    private final String words;

    Room(String words) {
        this.words = words;
    }

    @Override
    public String toString() {
        return words;
    }
}
