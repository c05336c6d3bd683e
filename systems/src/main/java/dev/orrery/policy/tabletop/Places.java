package dev.orrery.policy.tabletop;

import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.run.Report;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Where things and the gripper are, said by the tokens that could know: losses of training only,
/// for policies that are not told the robot's state.
///
/// 1. *Where*: every image token says where the thing lies that it shows ([SceneLabels#where]).
/// 2. *Hand*: the one that shows the gripper says what the robot's state is.
/// 3. *Felt*: so does a token that is about to answer.
/// 4. *Way-points*: that token says where what is meant lies from the gripper; see [WayPoints].
public final class Places extends Module {

    private static final double THINGS_COUNT = 4;

    private final Linear where, hand, felt;
    private final WayPoints wayPoints;

    /// @param width channels D of the language model
    /// @param state values of a state
    public Places(int width, int state, Seed seed) {
        where = child("where", new Linear(width, 2, seed.split("where")));
        hand = child("hand", new Linear(width, state, seed.split("hand")));
        felt = child("felt", new Linear(width, state, seed.split("felt")));
        wayPoints = child("wayPoints", new WayPoints(width, seed.split("way-points")));
    }

    /// The robot of a batch.
    ///
    /// @param state normalised `(B, stateDims)`
    /// @param gripper where the gripper is `(B, 2)`, in table units
    public record Robot(Tensor state, Tensor gripper) {}

    /// @param loss the sum of the four, a scalar
    /// @param report the four, each a mean distance: `where` and `way_points` in fifths of the
    ///   table, `hand` and `felt` in normalised units
    public record Result(Tensor loss, Report report) {}

    /// @param patches image tokens as they enter the language model `(B, S, D)`
    /// @param token `(B, D)`
    public Result forward(Tensor patches, Tensor token, Robot robot, SceneLabels labels) {
        var seen = Grounding.rms(patches);
        var things = labels.names().gt(0L).to(DType.F32).mul(THINGS_COUNT - 1).add(1.0);
        var placed = mean(distance(where.forward(seen), labels.where()), things);
        var held =
                mean(
                        distance(hand.forward(seen), robot.state.unsqueeze(1)),
                        labels.hands().to(DType.F32));
        var told = distance(felt.forward(Grounding.rms(token)), robot.state).mean();
        var way = wayPoints.forward(token, robot.gripper, labels);
        return new Result(
                placed.add(held).add(told).add(way),
                Report.of("where", placed.item())
                        .with("hand", held.item())
                        .with("felt", told.item())
                        .with("way_points", way.item()));
    }

    private static Tensor distance(Tensor said, Tensor truth) {
        return said.sub(truth).abs().mean(-1, false);
    }

    private static Tensor mean(Tensor each, Tensor weights) {
        return each.mul(weights).sum().div(weights.sum().clampMin(1));
    }
}
