package dev.orrery.policy.tabletop;

import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Where things and the gripper are, said by the tokens that could know.
///
/// 1. *Where*: every image token says where the thing lies that it shows ([Whereabouts]).
/// 2. *Hand*: the one that shows the gripper from above says what the robot's state is, the one
///    that shows it from the wrist how high it is and how far open.
/// 3. *Felt*: tokens that are about to answer say all of it.
/// 4. *Way-points*: they say where what is meant lies from the gripper ([WayPoints]).
final class Places extends Module {

    private final Linear where, hand, felt;
    private final WayPoints wayPoints;

    /// @param width channels D of the language model
    Places(int width, Seed seed) {
        where = child("where", new Linear(width, 2, seed.split("where")));
        hand = child("hand", new Linear(width, SceneLabels.ROBOT, seed.split("hand")));
        felt = child("felt", new Linear(width, SceneLabels.ROBOT, seed.split("felt")));
        wayPoints = child("way_points", new WayPoints(width, seed.split("way-points")));
    }

    /// @param loss the sum of the four, a scalar
    /// @param distances the four, each a mean; those of `where` and `way_points` in fifths of the
    ///   table
    record Result(Tensor loss, SequencedMap<String, Double> distances) {}

    /// @param patches image tokens as they enter the language model `(B, S, D)`
    /// @param tokens that are about to answer `(B, Q, D)`
    Result forward(Tensor patches, Tensor tokens, SceneLabels labels) {
        var seen = Grounding.rms(patches);
        var read = Grounding.rms(tokens);
        var robot = labels.robot().unsqueeze(1);
        var hands = labels.hands().to(DType.F32);
        var placed = Whereabouts.distanceSeen(where, seen, labels);
        var above = mean(off(hand.forward(seen), robot), hands);
        var shown = hands.sum(-1, true);
        var near =
                off(height(hand.forward(seen.narrow(1, SceneLabels.NEAR_HAND, 1))), height(robot));
        var held = above.add(mean(near, shown));
        var told = mean(off(felt.forward(read), robot), shown);
        var found = wayPoints.forward(tokens, labels);
        var distances = new LinkedHashMap<String, Double>();
        distances.put("where", placed.item());
        distances.put("hand", held.item());
        distances.put("felt", told.item());
        distances.put("way_points", found.item());
        return new Result(placed.add(held).add(told).add(found), distances);
    }

    /// Height and gap of states `(B, Q, 4)`: what the wrist camera can tell.
    private static Tensor height(Tensor state) {
        return state.narrow(-1, 2, 2);
    }

    private static Tensor off(Tensor said, Tensor truth) {
        return said.sub(truth).abs().mean(-1, false);
    }

    private static Tensor mean(Tensor each, Tensor weights) {
        var weighed = weights.expandAs(each);
        return each.mul(weighed).sum().div(weighed.sum().clampMin(1));
    }
}
