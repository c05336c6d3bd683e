package dev.orrery.env.tabletop;

import dev.orrery.env.Episode;
import dev.orrery.env.Film;
import dev.orrery.env.Image;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Watches an evaluation and keeps it: every failure, and the first success of each family.
///
/// What was measured is what is shown; nothing is played again. Films and episodes are drawn when
/// they are asked for.
public final class SuiteFilms implements Suite.Progress {

    private static final int PIXELS = 112, STRIDE = 2, MILLIS = 200, REST = 4;

    private final List<Start> starts;
    private final Suite.Progress progress;
    private final TreeMap<Integer, List<Moment>> moments = new TreeMap<>();
    private final Set<Family> succeeded = EnumSet.noneOf(Family.class);

    /// A film of one episode.
    ///
    /// @param episode its place among all
    /// @param start how it began
    /// @param outcome how it ended
    /// @param steps how long it took
    /// @param gif the moving picture, in real time
    public record Shot(int episode, Start start, Outcome outcome, int steps, byte[] gif) {}

    /// One episode as it was perceived and acted.
    ///
    /// @param place its place among all
    /// @param start how it began
    /// @param outcome how it ended
    /// @param episode its steps, but for one whose action was not a number: that moved nothing
    public record Played(int place, Start start, Outcome outcome, Episode<float[]> episode) {}

    /// @param action what led there
    private record Moment(float[] action, Tabletop table) {}

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
    public void saw(int episode, float[] action, Tabletop table) {
        moments.computeIfAbsent(episode, _ -> new ArrayList<>())
                .add(new Moment(action.clone(), table.fork()));
        if (table.success() && !succeeded.add(table.task().family())) {
            moments.remove(episode);
        }
        progress.saw(episode, action, table);
    }

    /// The films, in the order of the episodes.
    ///
    /// @param most at most so many, of all families alike; of each its success first
    public List<Shot> develop(int most) {
        return chosen(most).parallelStream().map(this::shot).toList();
    }

    /// How many [#develop] and [#played] show.
    public int count(int most) {
        return Math.min(most, moments.size());
    }

    /// The same episodes with everything that was perceived and done, each drawn as the stream
    /// comes to it; one that ended before anything moved is left out.
    ///
    /// @param most as for [#develop]
    public Stream<Played> played(int most) {
        return chosen(most).stream().map(this::play).filter(p -> p.episode().length() > 0);
    }

    private List<Integer> chosen(int most) {
        var turns = new EnumMap<Family, Integer>(Family.class);
        var turn = new TreeMap<Integer, Integer>();
        moments.keySet().stream()
                .sorted(Comparator.comparing(e -> !last(e).success()))
                .forEachOrdered(
                        e -> turn.put(e, turns.merge(last(e).task().family(), 1, Integer::sum)));
        return turn.keySet().stream()
                .sorted(Comparator.comparing(turn::get))
                .limit(most)
                .sorted()
                .toList();
    }

    private Tabletop last(int episode) {
        return moments.get(episode).getLast().table();
    }

    private Played play(int place) {
        var seen = moments.get(place);
        var frames =
                IntStream.range(1, seen.size())
                        .parallel()
                        .filter(t -> seen.get(t).table().outcome() != Outcome.NOT_FINITE)
                        .mapToObj(t -> frame(seen.get(t - 1).table(), seen.get(t)))
                        .toList();
        var start = starts.get(place);
        var last = last(place);
        return new Played(
                place, start, last.outcome(), new Episode<>(start.seed(), frames, last.success()));
    }

    private static Episode.Frame<float[]> frame(Tabletop before, Moment then) {
        boolean success = then.table().success();
        return new Episode.Frame<>(
                before.observe(),
                then.action(),
                success ? 1 : 0,
                then.table().outcome() != Outcome.UNFINISHED,
                success);
    }

    private Shot shot(int episode) {
        var seen = moments.get(episode);
        var frames = new ArrayList<Image>();
        for (int t = 0; t < seen.size(); t += STRIDE) {
            frames.add(seen.get(t).table().picture(PIXELS));
        }
        var last = last(episode);
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
                episode, starts.get(episode), last.outcome(), seen.size() - 1, gif.toByteArray());
    }
}
