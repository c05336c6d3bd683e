package dev.orrery.checkpoint;

/// How one tensor compares with what a fixture expects.
///
/// @param name the tensor
/// @param shape its expected type and shape, as in `F32[2, 3]`
/// @param largest largest absolute difference over the compared elements; NaN if there is none to
///   give
/// @param allowed what the tolerance allows at the worst element
/// @param verdict whether it passes
/// @param note what is wrong, or an empty string
public record FixtureRow(
        String name, String shape, double largest, double allowed, Verdict verdict, String note) {

    /// The outcome for one tensor.
    public enum Verdict {
        PASS,
        FAIL,
        /// Expected, but not computed.
        MISSING
    }

    /// Whether it passes.
    public boolean passed() {
        return verdict == Verdict.PASS;
    }
}
