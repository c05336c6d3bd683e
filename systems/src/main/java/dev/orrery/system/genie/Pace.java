package dev.orrery.system.genie;

import dev.orrery.run.Progress;

/// Says how many tokens a second each stage of a training takes in.
final class Pace {

    private static final int SETTLE = 3;

    private final Progress progress;
    private String stage = "";
    private long steps, tokens, began;

    Pace(Progress progress) {
        this.progress = progress;
    }

    /// A step on so many tokens has ended. The first steps of a stage, which are slower, do not
    /// count.
    void step(String stage, long count) {
        if (!stage.equals(this.stage)) {
            end();
            this.stage = stage;
            steps = 0;
            tokens = 0;
        }
        if (++steps <= SETTLE) {
            began = System.nanoTime();
        } else {
            tokens += count;
        }
    }

    /// The last stage has ended.
    void end() {
        if (tokens > 0) {
            double seconds = (System.nanoTime() - began) / 1e9;
            progress.note(
                    "%s: %d steps, %,.0f tokens/s, %.2f s a step"
                            .formatted(stage, steps, tokens / seconds, seconds / (steps - SETTLE)));
        }
        tokens = 0;
    }
}
