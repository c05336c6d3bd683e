package dev.orrery.policy;

/// Actions relative to the state at the chunk's start, for the dimensions that are marked: joints
/// are usually relative, grippers absolute.
///
/// Source: openpi's `DeltaActions`; its shorthand `6,-1,6,-1` reads "six relative, one absolute,
/// …".
public final class DeltaActions {

    private final boolean[] relative;
    private final int[] runs;

    private DeltaActions(boolean[] relative, int[] runs) {
        this.relative = relative;
        this.runs = runs;
    }

    /// The runs it was made from.
    public int[] runs() {
        return runs.clone();
    }

    /// From runs of dimensions: a positive number of relative ones, a negative number of absolute
    /// ones. `of(6, -1, 6, -1)` is the usual mask of two arms.
    public static DeltaActions of(int... runs) {
        int dims = 0;
        for (int run : runs) {
            dims += Math.abs(run);
        }
        var relative = new boolean[dims];
        int at = 0;
        for (int run : runs) {
            for (int i = 0; i < Math.abs(run); i++) {
                relative[at++] = run > 0;
            }
        }
        return new DeltaActions(relative, runs.clone());
    }

    /// Absolute to relative: `action - state` where marked. Dimensions past the mask stay absolute.
    public float[] encode(float[] action, float[] state) {
        return shift(action, state, -1);
    }

    /// Relative to absolute: `action + state` where marked.
    public float[] decode(float[] action, float[] state) {
        return shift(action, state, 1);
    }

    private float[] shift(float[] action, float[] state, int sign) {
        var out = action.clone();
        for (int d = 0; d < Math.min(relative.length, action.length); d++) {
            if (relative[d]) {
                if (d >= state.length) {
                    throw new IllegalArgumentException(
                            "delta action: dimension %d is relative, but the state has only %d values"
                                    .formatted(d, state.length));
                }
                out[d] += sign * state[d];
            }
        }
        return out;
    }
}
