package dev.orrery.system.pi0;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;

/// What is trained: the network, and the heads that only training needs.
final class Pi0Trainee extends Module {

    final Pi0 pi0;
    final Grounding grounding;

    Pi0Trainee(Pi0Config.Model config, Seed seed) {
        pi0 = child("model", new Pi0(config, seed.split("model")));
        grounding =
                child(
                        "grounding",
                        new Grounding(
                                config.language().width(),
                                config.expert().width(),
                                seed.split("grounding")));
    }
}
