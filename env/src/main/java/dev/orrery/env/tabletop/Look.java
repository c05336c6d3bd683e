package dev.orrery.env.tabletop;

import dev.orrery.env.Dice;

/// How a scene appears, apart from what is in it: light, background and camera.
///
/// @param red gain of the red channel, 256 is neutral
/// @param green gain of the green channel
/// @param blue gain of the blue channel
/// @param background RGB of the table
/// @param texture 0 plain, 1 stripes, 2 checks, 3 speckles
/// @param shiftX how far the overhead camera is off, in table units to the right
/// @param shiftY how far it is off, upwards
public record Look(
        int red, int green, int blue, int background, int texture, float shiftX, float shiftY) {

    /// White light, a plain table and a camera straight above.
    public static final Look PLAIN = new Look(256, 256, 256, 0xd8d2c6, 0, 0, 0);

    private static final int[] TABLES = {
        0xc9b79c, 0xb9c4c9, 0xc4b5c2, 0x9fa8a0, 0xe6e6e6, 0x8d8478
    };

    /// Another light, table and camera, as split L6 shows them; the seed decides.
    public static Look shifted(long seed) {
        var dice = Dice.of(seed, 6);
        int warm = dice.nextInt(81) - 40;
        int bright = 226 + dice.nextInt(41);
        return new Look(
                bright + warm,
                bright,
                bright - warm,
                TABLES[dice.nextInt(TABLES.length)],
                1 + dice.nextInt(3),
                dice.between(-.03f, .03f),
                dice.between(-.03f, .03f));
    }
}
