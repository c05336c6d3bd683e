package dev.orrery.system.pi0;

import dev.orrery.nn.Module;
import dev.orrery.vlm.PaliGemma;

/// The parts of a π0-FAST under the names that they have in LeRobot's policy, and so in an
/// adapter's files. The network keeps them.
final class Pi0FastTree extends Module {

    private static final String ROOT = "model." + Pi0Weights.VLM;

    Pi0FastTree(PaliGemma model) {
        var language = model.language();
        model.children()
                .forEach((name, part) -> {
                    if (part != language)
                        borrowed(ROOT + "model." + name.replace(".vision_model", ""), part);
                });
        language.children()
                .forEach((name, part) ->
                        borrowed(
                                ROOT + (part == language.model() ? "model.language_model" : name),
                                part));
        language.views().forEach((name, part) -> view(ROOT + name, part));
    }
}
