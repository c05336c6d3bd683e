package dev.orrery.policy.tabletop;

import dev.orrery.nn.Module;
import dev.orrery.policy.tabletop.Grounding.Reference;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vlm.CompactVlm;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What a vision-language model that is not told the robot's state has to see before it can act:
/// what is where and which of it the text means ([Grounding]), where things and the gripper lie
/// ([Places]), and that it looks there when it answers ([Gaze]).
///
/// Losses of training only. They take the place of pretraining, and labels are the simulator's
/// truth; the policy does not need them.
public final class Perception extends Module {

    private final Grounding grounding;
    private final Places places;

    /// @param width channels D of the language model
    public Perception(int width, Reference reference, Seed seed) {
        grounding = child("grounding", new Grounding(width, reference, seed.split("grounding")));
        places = child("places", new Places(width, seed.split("places")));
    }

    /// What a model made of a prompt.
    ///
    /// @param reading see [Grounding]
    /// @param gaze what the Q tokens that are about to answer, the prompt's last one first, look at
    ///   in the layer in the middle: `(B, N, Q, S)` with the image tokens last, after the softmax
    /// @param before the same in the layer before
    /// @param placed those tokens behind the layer in the middle `(B, Q, D)`
    public record Insight(Grounding.Reading reading, Tensor gaze, Tensor before, Tensor placed) {

        /// What a [CompactVlm] made of a prompt while it was told an answer and watched.
        public static Insight of(CompactVlm vlm, CompactVlm.Embedded prompt, CompactVlm.Read read) {
            long patches = SceneLabels.PATCHES;
            var middle = read.middle();
            var reading =
                    new Grounding.Reading(
                            prompt.tokens().narrow(1, 0, patches),
                            middle.narrow(1, 0, patches),
                            middle.select(1, (int) middle.size(1) - 1),
                            vlm::embed);
            return new Insight(
                    reading, read.gaze(patches), read.gazeBefore(patches), read.placed());
        }
    }

    /// @param loss a scalar to go down
    /// @param numbers how well each thing is known, by name
    public record Known(Tensor loss, SequencedMap<String, Double> numbers) {}

    /// The losses of a batch.
    public Known know(Insight insight, SceneLabels labels) {
        var seen = grounding.look(insight.reading, labels);
        var gaze = Gaze.of(insight.gaze, labels);
        var near = Gaze.near(insight.before);
        var placed = places.forward(insight.reading.patches(), insight.placed, labels);
        var numbers = new LinkedHashMap<String, Double>();
        numbers.put("named", seen.named().item());
        numbers.put("mentioned", seen.mentioned().item());
        numbers.put("gaze", gaze.hit().item());
        numbers.putAll(placed.distances());
        return new Known(seen.loss().add(gaze.loss()).add(near).add(placed.loss()), numbers);
    }
}
