package dev.orrery.system.genie;

import dev.orrery.optim.Schedule;
import dev.orrery.system.genie.GenieConfig.Stages;

/// Which model learns in which step of a run.
///
/// The tokenizer learns first and alone. With [Stages#SEPARATE] the others follow one after
/// another; otherwise they learn side by side, and the one with fewer steps begins later, so that
/// both end together.
///
/// @param tokenizer its steps
/// @param latentActions its steps
/// @param dynamics its steps
record Curriculum(Lesson tokenizer, Lesson latentActions, Lesson dynamics) {

    /// The steps in which a model learns.
    ///
    /// @param first the first of them
    /// @param budget how many there are, and their rates
    record Lesson(long first, BudgetConfig budget, boolean taken) {

        boolean at(long step) {
            return taken && step >= first && step < end();
        }

        long end() {
            return taken ? first + budget.steps() : first;
        }

        BudgetConfig.Portion portion(long step, int context) {
            return budget.portion(step - first, context);
        }

        double rate(long step) {
            int warmUp = Math.min(budget.warmUp(), budget.steps() - 1);
            return Schedule.warmupCosine(
                            budget.learningRate(),
                            budget.finalLearningRate(),
                            warmUp,
                            budget.steps())
                    .at(step - first);
        }
    }

    static Curriculum of(GenieConfig config) {
        var tokenizer = new Lesson(0, config.tokenizer().budget(), true);
        boolean latent = !config.latentActions().useGtActions();
        var lam = config.latentActions().budget();
        var dynamics = config.dynamics().budget();
        long begin = tokenizer.end();
        if (!latent || config.training().stages() == Stages.SEPARATE) {
            var actions = new Lesson(begin, lam, latent);
            return new Curriculum(tokenizer, actions, new Lesson(actions.end(), dynamics, true));
        }
        long end = begin + Math.max(lam.steps(), dynamics.steps());
        return new Curriculum(
                tokenizer,
                new Lesson(end - lam.steps(), lam, true),
                new Lesson(end - dynamics.steps(), dynamics, true));
    }

    /// Steps in all.
    long steps() {
        return Math.max(latentActions.end(), dynamics.end());
    }
}
