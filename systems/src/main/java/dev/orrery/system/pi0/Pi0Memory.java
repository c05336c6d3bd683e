package dev.orrery.system.pi0;

import dev.orrery.policy.finetune.TrainingMemory;

/// What an adaptation takes.
final class Pi0Memory {

    private static final int FLOAT = 4;

    private Pi0Memory() {}

    /// Bytes of weights, of gradients, two moments and an average of what is trained, and of what
    /// is kept for the backward pass; an estimate, attention's own matrices included.
    static long bytes(
            Pi0Config.Model model, int cameras, long frozen, long trained, int batch, int draws) {
        long patches = 0;
        for (int camera = 0; camera < cameras; camera++) {
            long side = (long) model.vision().imageSize(camera) / model.vision().patch();
            patches += side * side;
        }
        long prefix = patches + model.io().textTokens();
        long suffix = (long) draws * model.io().horizon() + 1;
        var language = model.language();
        var expert = model.expert();
        long kept =
                TrainingMemory.kept(
                                language.depth(),
                                language.width(),
                                language.mlp(),
                                language.heads(),
                                prefix,
                                prefix)
                        + TrainingMemory.kept(
                                expert.depth(),
                                expert.width(),
                                expert.mlp(),
                                expert.heads(),
                                suffix,
                                prefix + suffix);
        return TrainingMemory.bytes(FLOAT * frozen, trained, batch * kept);
    }
}
