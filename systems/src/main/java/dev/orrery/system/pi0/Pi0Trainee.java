package dev.orrery.system.pi0;

import dev.orrery.nn.Module;
import dev.orrery.policy.tabletop.Grounding;
import dev.orrery.policy.tabletop.SceneLabels;
import dev.orrery.policy.tabletop.WayPoints;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// What is trained: the network, and the heads that only training needs.
final class Pi0Trainee extends Module {

    final Pi0 pi0;
    private final Grounding grounding;
    final WayPoints wayPoints;

    Pi0Trainee(Pi0Config.Model config, Seed seed) {
        pi0 = child("model", new Pi0(config, seed.split("model")));
        var heads = seed.split("grounding");
        int width = config.language().width();
        grounding = child("grounding", new Grounding(width, Grounding.Reference.MARKED, heads));
        wayPoints =
                child(
                        "wayPoints",
                        new WayPoints(config.expert().width(), heads.split("way-point")));
    }

    /// What the language model made of a prompt, for the questions of stage 0.
    private Grounding.Reading reading(Pi0.Embedded embedded, Pi0.Prefix prefix) {
        long patches = SceneLabels.PATCHES;
        var middle = prefix.read().get(prefix.read().size() / 2);
        return new Grounding.Reading(
                embedded.embeddings().narrow(1, 0, patches),
                middle.narrow(1, 0, patches),
                Tensor.zeros(0),
                pi0::embed);
    }

    /// The questions of stage 0.
    Grounding.Result ask(Pi0.Embedded embedded, Pi0.Prefix prefix, SceneLabels labels) {
        return grounding.forward(
                reading(embedded, prefix), answer -> pi0.answer(prefix, answer), labels);
    }
}
