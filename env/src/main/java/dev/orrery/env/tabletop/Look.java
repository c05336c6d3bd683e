package dev.orrery.env.tabletop;

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
}
