package dev.orrery.worldmodel.play;

/// How the tokens of a frame are drawn.
///
/// @param steps passes in which a frame is filled in, from 1 to [#MOST_STEPS]
/// @param tau temperature that divides logits, above 0 and at most [#HIGHEST_TAU]
public record Sampling(int steps, double tau) {

    /// Limits that keep a frame from taking for ever or turning to noise.
    public static final int MOST_STEPS = 64;

    public static final double HIGHEST_TAU = 10;

    /// What is used if nobody asks for something else.
    public static final Sampling USUAL = new Sampling(8, 1);

    public Sampling {
        if (steps < 1 || steps > MOST_STEPS) {
            throw new IllegalArgumentException(
                    "sampling in %d steps; choose 1 to %d".formatted(steps, MOST_STEPS));
        }
        if (!(tau > 0 && tau <= HIGHEST_TAU)) {
            throw new IllegalArgumentException(
                    "a temperature of %s; choose more than 0 and at most %s"
                            .formatted(tau, HIGHEST_TAU));
        }
    }
}
