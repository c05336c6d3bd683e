package dev.orrery.system.genie;

import dev.orrery.system.genie.BudgetConfig.Portion;
import dev.orrery.tensor.Seed;

/// What learns in one step of a training, and from what.
///
/// @param patches whether the tokenizer does
/// @param continuous whether it does not quantise yet
/// @param actions whether latent actions do
/// @param frames whether the dynamics do
/// @param portion the clips
record Turn(boolean patches, boolean continuous, boolean actions, boolean frames, Portion portion) {

    static Turn of(GenieConfig config, Curriculum curriculum, long step) {
        boolean patches = curriculum.tokenizer().at(step);
        boolean actions = curriculum.latentActions().at(step);
        var lesson =
                patches
                        ? curriculum.tokenizer()
                        : actions ? curriculum.latentActions() : curriculum.dynamics();
        return new Turn(
                patches,
                step < firstQuantised(config, curriculum),
                actions,
                curriculum.dynamics().at(step),
                lesson.portion(step, config.data().context()));
    }

    /// Whether a step is the first that quantises after others that did not.
    static boolean beginsToQuantise(GenieConfig config, Curriculum curriculum, long step) {
        long first = firstQuantised(config, curriculum);
        return step == first && first > curriculum.tokenizer().first();
    }

    private static long firstQuantised(GenieConfig config, Curriculum curriculum) {
        return curriculum.tokenizer().first() + config.tokenizer().firstQuantised();
    }

    /// What a copy of the model makes of its part of the clips.
    Share share(Genie model, GenieData data, Portion part, Seed seed) {
        if (!patches) return Share.learn(model, data, actions, frames, part, seed);
        return continuous
                ? Share.lookContinuously(model, data, part, seed)
                : Share.look(model, data, part, seed);
    }

    String name() {
        if (patches) return "tokenizer";
        if (actions && frames) return "latent actions and dynamics";
        return actions ? "latent actions" : "dynamics";
    }
}
