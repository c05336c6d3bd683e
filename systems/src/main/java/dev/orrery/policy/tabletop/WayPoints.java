package dev.orrery.policy.tabletop;

import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Where the thing to act on and the reference or goal lie from the gripper, read from one token of
/// a policy: a loss of training only, which makes a policy look places up early.
public final class WayPoints extends Module {

    private static final double REACH = 0.2;

    private final Linear guess;

    /// @param width channels of the token that is read
    public WayPoints(int width, Seed seed) {
        guess = child("guess", new Linear(width, 4, seed));
    }

    /// The mean distance of the guess, in units of a fifth of the table: a scalar.
    ///
    /// @param token `(B, D)`
    /// @param gripper where the gripper is `(B, 2)`, in table units
    public Tensor forward(Tensor token, Tensor gripper, SceneLabels labels) {
        var from = Tensor.cat(List.of(gripper, gripper), 1);
        var target = labels.places().sub(from).mul(1 / REACH);
        var known = labels.known();
        var off = guess.forward(Grounding.rms(token)).sub(target).abs();
        return off.mul(known).sum().div(known.sum());
    }
}
