package dev.orrery.env.messenger;

import java.util.List;

/// The characters of Messenger; a layer of the observation has the number [#layer].
public enum Entity {
    AIRPLANE("airplane", "plane", "jet"),
    MAGE("mage", "wizard", "sorcerer"),
    DOG("dog", "hound", "puppy"),
    BIRD("bird", "hawk", "eagle"),
    FISH("fish", "trout", "salmon"),
    SCIENTIST("scientist", "researcher", "chemist"),
    THIEF("thief", "robber", "burglar"),
    SHIP("ship", "boat", "ferry"),
    BALL("ball", "orb", "sphere"),
    ROBOT("robot", "android", "machine"),
    QUEEN("queen", "empress", "monarch"),
    SWORD("sword", "blade", "sabre");

    /// Layers of an observation: two unused, the characters from 2 on, walls, the avatar without
    /// and with the message.
    public static final int LAYERS = 17, WALL = 14, AVATAR = 15, AVATAR_WITH_MESSAGE = 16;

    private static final Entity[] ALL = values();

    private final List<String> names;

    Entity(String... names) {
        this.names = List.of(names);
    }

    /// Its layer in the observation, 2 to 13.
    public int layer() {
        return ordinal() + 2;
    }

    /// What a manual may call it.
    public List<String> names() {
        return names;
    }

    static Entity of(int number) {
        return ALL[number];
    }

    /// The character of this name.
    ///
    /// @throws IllegalArgumentException if there is none
    public static Entity named(String name) {
        for (var entity : ALL) {
            if (entity.names.getFirst().equals(name)) {
                return entity;
            }
        }
        throw new IllegalArgumentException(
                "messenger has no character '%s'; choose one of %s"
                        .formatted(
                                name,
                                java.util.Arrays.stream(ALL)
                                        .map(e -> e.names.getFirst())
                                        .toList()));
    }
}
