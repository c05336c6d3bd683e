package dev.orrery.system.openvla;

import dev.orrery.nn.Module;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.tabletop.Grounding;
import dev.orrery.policy.tabletop.Perception;
import dev.orrery.tensor.Seed;

/// What is trained: the policy, and the heads that only its schooling needs.
final class OpenVlaTrainee extends Module {

    final OpenVla model;
    final VisionSchool school;
    final Perception perception;

    OpenVlaTrainee(OpenVlaConfig.Model config, ActionTokenizer tokens, Seed seed) {
        model = child("model", new OpenVla(config, tokens, seed.split("model")));
        school = child("school", new VisionSchool(config.vision(), seed.split("school")));
        perception =
                child(
                        "perception",
                        new Perception(
                                config.language().width(),
                                Grounding.Reference.POINTED,
                                seed.split("perception")));
    }
}
