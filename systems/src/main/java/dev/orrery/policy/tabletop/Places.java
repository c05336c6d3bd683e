package dev.orrery.policy.tabletop;

import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.run.Report;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Where things and the gripper are, said by the tokens that could know.
///
/// 1. *Where*: every image token says where the thing lies that it shows ([SceneLabels#where]).
/// 2. *Hand*: the one that shows the gripper says what the robot's state is.
/// 3. *Felt*: so does a token that is about to answer.
/// 4. *Way-points*: that token says where what is meant lies from the gripper.
final class Places extends Module {

    private static final double THINGS_COUNT = 4, MIDDLE = .5, FIFTH = .2;
    private final Linear where, hand, felt, guess;

    /// @param width channels D of the language model
    Places(int width, Seed seed) {
        where = child("where", new Linear(width, 2, seed.split("where")));
        hand = child("hand", new Linear(width, SceneLabels.ROBOT, seed.split("hand")));
        felt = child("felt", new Linear(width, SceneLabels.ROBOT, seed.split("felt")));
        guess = child("way_points", new Linear(width, 4, seed.split("way-points")));
    }

    /// @param loss the sum of the four, a scalar
    /// @param report the four, each a mean distance; those of `where` and `way_points` in fifths of
    ///   the table
    record Result(Tensor loss, Report report) {}

    /// @param patches image tokens as they enter the language model `(B, S, D)`
    /// @param token `(B, D)`
    Result forward(Tensor patches, Tensor token, SceneLabels labels) {
        var seen = Grounding.rms(patches);
        var read = Grounding.rms(token);
        var hands = labels.hands().to(DType.F32);
        var things = labels.names().gt(0L).to(DType.F32).mul(THINGS_COUNT - 1).add(1.0);
        var placed = mean(off(where.forward(seen), labels.where()), things);
        var held = mean(off(hand.forward(seen), labels.robot().unsqueeze(1)), hands);
        var told = mean(off(felt.forward(read), labels.robot()), hands.sum(-1, false));
        var way = mean(guess.forward(read).sub(wayPoints(labels)).abs(), labels.known());
        return new Result(
                placed.add(held).add(told).add(way),
                Report.of("where", placed.item())
                        .with("hand", held.item())
                        .with("felt", told.item())
                        .with("way_points", way.item()));
    }

    /// Where the thing to act on and the reference or goal lie from the gripper, in fifths of the
    /// table: `(B, 4)`.
    private static Tensor wayPoints(SceneLabels labels) {
        var gripper = labels.robot().narrow(1, 0, 2);
        return labels.places()
                .sub(MIDDLE)
                .mul(1 / FIFTH)
                .sub(Tensor.cat(List.of(gripper, gripper), 1));
    }

    private static Tensor off(Tensor said, Tensor truth) {
        return said.sub(truth).abs().mean(-1, false);
    }

    private static Tensor mean(Tensor each, Tensor weights) {
        return each.mul(weights).sum().div(weights.sum().clampMin(1));
    }
}
