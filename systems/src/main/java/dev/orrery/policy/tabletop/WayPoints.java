package dev.orrery.policy.tabletop;

import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Where the thing to act on and the reference or goal lie from the gripper, read from tokens of a
/// policy: a loss of training only, which makes a policy look places up early.
public final class WayPoints extends Module {

    private static final double MIDDLE = 0.5, FIFTH = 0.2;

    private final Linear guess;

    /// @param width channels of the tokens that are read
    public WayPoints(int width, Seed seed) {
        guess = child("guess", new Linear(width, 4, seed));
    }

    /// The mean distance of the guesses, in fifths of the table: a scalar.
    ///
    /// @param tokens `(B, Q, D)`
    public Tensor forward(Tensor tokens, SceneLabels labels) {
        var gripper = labels.robot().narrow(1, 0, 2);
        var from = Tensor.cat(List.of(gripper, gripper), 1);
        var target = labels.places().sub(MIDDLE).mul(1 / FIFTH).sub(from).unsqueeze(1);
        var off = guess.forward(Grounding.rms(tokens)).sub(target).abs().mean(1, false);
        var known = labels.known();
        return off.mul(known).sum().div(known.sum().clampMin(1));
    }
}
