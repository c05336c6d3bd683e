package dev.orrery.policy.tabletop;

import dev.orrery.nn.Linear;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;

/// Where the things lie that image tokens show ([SceneLabels#where]), said by the tokens: a loss of
/// training only.
///
/// Until a token can be read for its place, nothing that looks at it learns to point or to go
/// there.
public final class Whereabouts {

    private static final double THINGS_COUNT = 4;

    private Whereabouts() {}

    /// The mean distance of what is said, in fifths of the table; a token that shows a thing counts
    /// as much as four that show none: a scalar.
    ///
    /// @param say `D` channels to the two coordinates
    /// @param patches image tokens as they enter the language model `(B, S, D)`
    public static Tensor distance(Linear say, Tensor patches, SceneLabels labels) {
        return distanceSeen(say, Grounding.rms(patches), labels);
    }

    /// The same of tokens at root mean square one.
    static Tensor distanceSeen(Linear say, Tensor seen, SceneLabels labels) {
        var things = labels.names().gt(0L).to(DType.F32).mul(THINGS_COUNT - 1).add(1.0);
        var off = say.forward(seen).sub(labels.where()).abs().mean(-1, false);
        return off.mul(things).sum().div(things.sum());
    }
}
