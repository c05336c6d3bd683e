package dev.orrery.cli;

import dev.orrery.env.Film;
import dev.orrery.env.Image;
import dev.orrery.env.tabletop.Grammar;
import dev.orrery.env.tabletop.Outcome;
import dev.orrery.env.tabletop.Reading;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.ChunkExecutor;
import dev.orrery.policy.Plays;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;

/// One episode that a trained policy played on the tabletop, on somebody's word.
///
/// @param instruction what it was told
/// @param task what that means
/// @param seed what the scene and the policy's noise were drawn from
/// @param success whether the goal was reached
/// @param outcome how it ended, in words
/// @param steps how long it took
/// @param millis the mean time that the policy thought about a step
/// @param film where the moving picture is
record PlayedEpisode(
        String instruction,
        String task,
        long seed,
        boolean success,
        String outcome,
        int steps,
        double millis,
        String film) {

    private static final int PIXELS = 208, FRAME_MILLIS = 100, REST = 8;

    /// Plays and films an episode.
    ///
    /// @param film the file of the moving picture
    /// @throws IllegalArgumentException if the instruction is not understood; the message says why
    static PlayedEpisode play(Plays.Ready ready, String instruction, long seed, Path film)
            throws IOException {
        var task =
                switch (Grammar.parse(instruction)) {
                    case Reading.Understood(var understood) -> understood;
                    case Reading.Unclear(var why, _) -> throw new IllegalArgumentException(why);
                };
        var table = new Tabletop();
        var policy = ChunkExecutor.queue(ready.policy(), ready.execute());
        var seen = table.reset(task, seed, instruction);
        policy.reset(seed);
        var frames = new ArrayList<Image>();
        frames.add(frame(table, instruction));
        long thinking = 0;
        int steps = 0;
        while (table.outcome() == Outcome.UNFINISHED) {
            long start = System.nanoTime();
            var action = policy.act(seen);
            thinking += System.nanoTime() - start;
            seen = table.step(action).observation();
            steps++;
            frames.add(frame(table, instruction));
        }
        for (int i = 0; i < REST; i++) {
            frames.add(frames.getLast());
        }
        Film.gif(film, frames, FRAME_MILLIS);
        return new PlayedEpisode(
                instruction,
                task.code(),
                seed,
                table.success(),
                table.outcome().words(),
                steps,
                thinking / 1e6 / steps,
                film.toString());
    }

    private static Image frame(Tabletop table, String instruction) {
        return Film.captioned(table.picture(PIXELS), instruction);
    }

    /// The verdict as a line to read.
    String verdict() {
        return "%s after %d steps (%.1f s), %.1f ms a step: %s; film: %s"
                .formatted(outcome, steps, steps / 10.0, millis, instruction, film);
    }
}
