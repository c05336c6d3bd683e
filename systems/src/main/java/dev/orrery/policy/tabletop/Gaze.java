package dev.orrery.policy.tabletop;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Where tokens that are about to answer shall look: in one layer of a policy, one head at the
/// thing to act on, one at the reference or goal, one at the gripper, all three from above, and one
/// at the thing to act on from the wrist; in the layer before, one at the gripper from the wrist. A
/// loss of training only.
///
/// What a token looks at it takes along, the place too, so that the layers behind find places
/// beside each other and only have to take their difference.
public final class Gaze {

    /// Heads that are told where to look.
    static final int HEADS = 4;

    private static final double FLOOR = 1e-6;

    private Gaze() {}

    /// @param loss mean of `-log` of how much each head looks at what it should: a scalar
    /// @param hit mean of how much it does
    public record Result(Tensor loss, Tensor hit) {}

    /// @param probabilities who looks at which image token `(B, N, Q, S)`: N heads of Q tokens over
    ///   all S image tokens, as they are after the softmax over all tokens. The first [#HEADS] of
    ///   them are told where to look, fewer if there are fewer
    public static Result of(Tensor probabilities, SceneLabels labels) {
        long heads = Math.min(HEADS, probabilities.size(1));
        var thing = labels.mentions().eq(1L).to(DType.I64);
        var goal = labels.mentions().eq(2L).to(DType.I64);
        var wanted =
                Tensor.cat(
                                List.of(
                                        head(SceneLabels.only(thing, true)),
                                        head(SceneLabels.only(goal, true)),
                                        head(labels.hands()),
                                        head(SceneLabels.only(thing, false))),
                                1)
                        .to(DType.F32)
                        .narrow(1, 0, heads);
        var known = wanted.sum(-1, false).gt(0.0).to(DType.F32).unsqueeze(-1);
        var seen = probabilities.narrow(1, 0, heads).mul(wanted.unsqueeze(2)).sum(-1, false);
        var total = known.sum().mul((double) probabilities.size(2)).clampMin(1);
        var loss = seen.add(FLOOR).log().neg().mul(known).sum().div(total);
        return new Result(loss, seen.detach().mul(known).sum().div(total));
    }

    /// The loss of another layer, whose first head is told to look at the gripper from the wrist.
    ///
    /// @param probabilities as those of [#of]
    static Tensor near(Tensor probabilities) {
        var seen = probabilities.select(1, 0).select(-1, SceneLabels.NEAR_HAND);
        return seen.add(FLOOR).log().neg().mean();
    }

    private static Tensor head(Tensor wanted) {
        return wanted.unsqueeze(1);
    }
}
