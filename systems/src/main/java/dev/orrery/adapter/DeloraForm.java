package dev.orrery.adapter;

/// Which parts of DeLoRA are there: all of them, or fewer down to LoRA, as its ablation takes them
/// away one by one.
///
/// @param normalised whether every component of rank one is brought to length one
/// @param norms what the change is multiplied by
/// @param learned whether the strength λ is trained
/// @param start how the change is zero at first
public record DeloraForm(boolean normalised, Norms norms, boolean learned, Start start) {

    /// As PEFT has it.
    public static final DeloraForm PEFT = new DeloraForm(true, Norms.COLUMN, true, Start.ZERO_B);

    /// As the paper has it.
    public static final DeloraForm PAPER =
            new DeloraForm(true, Norms.COLUMN, true, Start.FROZEN_COPY);

    /// What the change is multiplied by, worked out once from the frozen weight.
    public enum Norms {
        /// The norm of each input's column.
        COLUMN,
        /// The norm of the whole weight, as the paper writes it.
        FROBENIUS,
        /// One.
        NONE
    }

    /// How the change is zero at first.
    public enum Start {
        /// Both factors are drawn, and the change that they make at first is subtracted for ever.
        FROZEN_COPY,
        /// B is zero. After the first step its columns leave the floor of their lengths, and the
        /// change jumps to its boundary; see [Adapter#warmth].
        ZERO_B
    }

    /// The rungs from LoRA to the whole, each with one part more, starting as the paper does.
    public static java.util.List<DeloraForm> ladder() {
        return java.util.List.of(
                new DeloraForm(false, Norms.NONE, false, Start.FROZEN_COPY),
                new DeloraForm(true, Norms.NONE, false, Start.FROZEN_COPY),
                new DeloraForm(true, Norms.COLUMN, false, Start.FROZEN_COPY),
                PAPER);
    }
}
