package dev.orrery.flow;

import java.util.Locale;

/// Where a model's own clock puts the data: at time one (flow matching papers, SiT, this house) or
/// at time zero (openpi, lerobot, diffusers).
///
/// Everything in this package runs in house time: noise at 0, data at 1, velocity = data - noise. A
/// model trained with the other clock keeps its convention in its configuration and is wrapped by
/// [VelocityField#of(DataAt, VelocityField)], the only place where times turn and velocities change
/// sign.
public enum DataAt {
    ONE,
    ZERO;

    /// Turns this clock's time into house time, or back: the map is its own inverse.
    public double turn(double time) {
        return this == ONE ? time : 1 - time;
    }

    /// The factor that turns this clock's velocity into the house's, or back: 1 or -1.
    public int sign() {
        return this == ONE ? 1 : -1;
    }

    /// Refuses weights that were trained with the other clock.
    ///
    /// @param checkpoint the convention that the checkpoint's configuration carries
    /// @param name what is being loaded, for the message
    /// @throws IllegalArgumentException if the two differ
    public void require(DataAt checkpoint, String name) {
        if (checkpoint != this) {
            throw new IllegalArgumentException(
                    ("%s was trained with data at %s but is used with data at %s: times run backwards"
                                    + " and velocities have the other sign; set dataAt to %s")
                            .formatted(name, checkpoint, this, checkpoint));
        }
    }

    /// Reads `one`, `zero`, `1` or `0`, in any case.
    public static DataAt parse(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "one", "1" -> ONE;
            case "zero", "0" -> ZERO;
            default ->
                    throw new IllegalArgumentException(
                            "dataAt is '%s'; use one or zero".formatted(text));
        };
    }
}
