package dev.orrery.system.dynalang;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.worldmodel.Draws;
import dev.orrery.worldmodel.Form;
import dev.orrery.worldmodel.Head;
import dev.orrery.worldmodel.Latents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The policy: one categorical distribution a choice, each mixed a little with the uniform one.
final class Actor extends Module {

    private final long[] choices;
    private final double unimix;
    private final Head head;

    Actor(Form form, Head.Config config, int[] choices, double unimix, Seed seed) {
        this.choices = Arrays.stream(choices).asLongStream().toArray();
        this.unimix = unimix;
        head = child("head", new Head(form, config, seed));
    }

    /// Probabilities of each choice `(..., ways)`.
    List<Tensor> probabilities(Tensor features) {
        return head.forward(features).split(choices, -1).stream()
                .map(logits -> Latents.mix(logits, unimix))
                .toList();
    }

    /// Actions drawn, one-hot parts side by side `(..., A)`.
    Tensor draw(Tensor features, Draws draws, int step) {
        var parts = new ArrayList<Tensor>();
        for (var p : probabilities(features)) parts.add(draws.draw(p, step * 8 + parts.size()));
        return parts.size() == 1 ? parts.getFirst() : Tensor.cat(parts, -1);
    }

    /// Log-probability of actions under probabilities, summed over the choices.
    Tensor logProbability(List<Tensor> probabilities, Tensor actions) {
        var taken = actions.split(choices, -1);
        var sum = probabilities.getFirst().log().mul(taken.getFirst()).sum(-1, false);
        for (int i = 1; i < taken.size(); i++)
            sum = sum.add(probabilities.get(i).log().mul(taken.get(i)).sum(-1, false));
        return sum;
    }

    /// Entropy, summed over the choices.
    Tensor entropy(List<Tensor> probabilities) {
        var sum = Latents.entropy(probabilities.getFirst());
        for (int i = 1; i < probabilities.size(); i++)
            sum = sum.add(Latents.entropy(probabilities.get(i)));
        return sum;
    }
}
