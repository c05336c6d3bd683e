package dev.orrery.env.tabletop;

/// Runs an episode on the true state alone, without pictures.
///
/// @param outcome how it ended
/// @param steps how long it took
record Trial(Outcome outcome, int steps) {

    /// Chooses the action for a true state, as many values as the arm takes.
    @FunctionalInterface
    interface Rule {
        void act(World w, float[] action);
    }

    static Trial run(Start start, Arm arm, Rule rule) {
        var w = new World();
        start.lay(w, arm);
        return run(w, start.task(), arm, rule);
    }

    static Trial run(World w, Task task, Arm arm, Rule rule) {
        var progress = new Progress(task);
        var trace = new Trace(w, task);
        var action = new float[arm.actionSize()];
        int limit = task.family().limit();
        for (int t = 1; t <= limit; t++) {
            rule.act(w, action);
            arm.move(w, action);
            trace.look(w, task);
            if (progress.advance(w)) {
                return new Trial(Outcome.SUCCESS, t);
            }
        }
        return new Trial(trace.failure(w, progress.everHeld()), limit);
    }

    /// The arm that a task takes at least.
    static Arm armFor(Task task) {
        return task instanceof Task.Align ? Arm.SEVEN : Arm.FOUR;
    }

    /// The expert, disturbed by normal noise on every value but the ignored ones.
    static Rule expert(Task task, Arm arm, double noise, dev.orrery.env.Dice dice) {
        var wide = new float[5];
        return (w, action) -> {
            arm.expert(w, task, wide, action, 0);
            for (int i = 0; noise > 0 && i < action.length; i++) {
                action[i] += (float) (noise * dice.nextGaussian());
            }
        };
    }
}
