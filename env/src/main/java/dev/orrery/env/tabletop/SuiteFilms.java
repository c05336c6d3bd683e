package dev.orrery.env.tabletop;

import dev.orrery.env.Film;
import dev.orrery.env.Image;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// Watches an evaluation and films it: every failure, and the first success of each family.
///
/// What was measured is what is shown; nothing is played again. Films are drawn when they are asked
/// for.
public final class SuiteFilms implements Suite.Progress {

    private static final int PIXELS = 112, STRIDE = 2, MILLIS = 200, REST = 4;

    private final List<Start> starts;
    private final Suite.Progress progress;
    private final TreeMap<Integer, List<Tabletop>> moments = new TreeMap<>();
    private final Set<Family> succeeded = EnumSet.noneOf(Family.class);

    /// A film of one episode.
    ///
    /// @param episode its place among all
    /// @param start how it began
    /// @param outcome how it ended
    /// @param steps how long it took
    /// @param gif the moving picture, in real time
    public record Shot(int episode, Start start, Outcome outcome, int steps, byte[] gif) {}

    /// @param starts the episodes that will be evaluated, in order
    /// @param progress is told everything, too
    public SuiteFilms(List<Start> starts, Suite.Progress progress) {
        this.starts = List.copyOf(starts);
        this.progress = progress;
    }

    @Override
    public void report(int done, int total) {
        progress.report(done, total);
    }

    @Override
    public void saw(int episode, Tabletop table) {
        moments.computeIfAbsent(episode, _ -> new ArrayList<>()).add(table.fork());
        if (table.success() && !succeeded.add(table.task().family())) {
            moments.remove(episode);
        }
        progress.saw(episode, table);
    }

    /// The films, in the order of the episodes.
    ///
    /// @param most at most so many, failures first
    public List<Shot> develop(int most) {
        var wanted =
                moments.entrySet().stream()
                        .sorted((a, b) ->
                                Boolean.compare(
                                        a.getValue().getLast().success(),
                                        b.getValue().getLast().success()))
                        .limit(most)
                        .sorted(java.util.Map.Entry.comparingByKey())
                        .toList();
        return wanted.parallelStream().map(e -> shot(e.getKey(), e.getValue())).toList();
    }

    private Shot shot(int episode, List<Tabletop> tables) {
        var frames = new ArrayList<Image>();
        for (int t = 0; t < tables.size(); t += STRIDE) {
            frames.add(tables.get(t).picture(PIXELS));
        }
        var last = tables.getLast();
        for (int i = 0; i < REST; i++) {
            frames.add(last.picture(PIXELS));
        }
        var gif = new ByteArrayOutputStream();
        try {
            Film.gif(gif, frames, MILLIS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Shot(
                episode, starts.get(episode), last.outcome(), tables.size() - 1, gif.toByteArray());
    }
}
