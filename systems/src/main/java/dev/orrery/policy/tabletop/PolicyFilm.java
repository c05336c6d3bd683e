package dev.orrery.policy.tabletop;

import dev.orrery.env.Film;
import dev.orrery.env.Image;
import dev.orrery.env.Policy;
import dev.orrery.env.tabletop.Grammar;
import dev.orrery.env.tabletop.Reading;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Start;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.ChunkExecutor;
import dev.orrery.policy.ChunkPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Films a policy at work, as a GIF in real time.
public final class PolicyFilm {

    private static final int PIXELS = 208, MILLIS = 100, REST = 8;

    private PolicyFilm() {}

    /// What a film shows.
    ///
    /// @param successRate share of its episodes that reached their goal
    /// @param frames pictures in it
    public record Shot(double successRate, int frames) {}

    /// Films one episode of what `prompt` asks for, in a scene that the seed decides; without a
    /// prompt, the first start of each family of L0.
    ///
    /// @throws IllegalArgumentException if the prompt is not understood; the message says why
    public static Shot shoot(ChunkPolicy policy, int execute, String prompt, long seed, Path file) {
        var starts = prompt.isBlank() ? oneOfEach() : List.of(start(prompt, seed));
        var frames = new ArrayList<Image>();
        double wins = 0;
        for (var start : starts) {
            wins += episode(ChunkExecutor.queue(policy, execute), start, frames) ? 1 : 0;
        }
        try {
            Film.gif(file, frames, MILLIS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Shot(wins / starts.size(), frames.size());
    }

    private static Start start(String prompt, long seed) {
        return switch (Grammar.parse(prompt)) {
            case Reading.Understood(var task) -> Start.of(task, seed, prompt);
            case Reading.Unclear(var why, _) -> throw new IllegalArgumentException(why);
        };
    }

    private static List<Start> oneOfEach() {
        var seen = new java.util.HashSet<>();
        return Split.L0.starts().stream().filter(s -> seen.add(s.task().family())).toList();
    }

    private static Image frame(Tabletop table, Start start) {
        return Film.captioned(table.picture(PIXELS), start.phrase());
    }

    private static boolean episode(Policy<float[]> policy, Start start, List<Image> frames) {
        var table = new Tabletop();
        var observation = table.reset(start);
        policy.reset(start.seed());
        frames.add(frame(table, start));
        while (true) {
            var step = table.step(policy.act(observation));
            observation = step.observation();
            frames.add(frame(table, start));
            if (step.last()) {
                for (int i = 0; i < REST; i++) {
                    frames.add(frames.getLast());
                }
                return table.success();
            }
        }
    }
}
