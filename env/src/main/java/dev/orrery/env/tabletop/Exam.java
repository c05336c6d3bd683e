package dev.orrery.env.tabletop;

import dev.orrery.env.Observation;
import dev.orrery.env.Step;
import java.util.List;
import java.util.TreeMap;

/// A split, played one episode after the other by somebody who is not trusted to count: one attempt
/// each, and what is broken off counts as a failure.
public final class Exam {

    private final Split split;
    private final List<Start> starts;
    private final Tabletop table;
    private final TreeMap<Integer, SuiteReport.Result> results = new TreeMap<>();
    private final SuiteFilms films;
    private int episode = -1, steps;

    /// @param arm what is acted with; a task that takes more makes [#begin] fail
    public Exam(Split split, Arm arm) {
        this.split = split;
        starts = split.starts();
        table = new Tabletop(Family.CORE, arm);
        films = new SuiteFilms(starts, (_, _) -> {});
    }

    /// The test set.
    public Split split() {
        return split;
    }

    /// The table of the present episode.
    public Tabletop table() {
        return table;
    }

    /// The place of the present episode in the split.
    public int episode() {
        return episode;
    }

    /// How many episodes have not been begun.
    public int left() {
        return starts.size() - results.size() - (running() ? 1 : 0);
    }

    private boolean running() {
        return episode >= 0 && !results.containsKey(episode);
    }

    /// Begins the first episode that has not been played.
    ///
    /// @throws IllegalArgumentException if all have been
    public Observation next() {
        abandon();
        for (int k = 0; k < starts.size(); k++) {
            if (!results.containsKey(k)) {
                return begin(k);
            }
        }
        throw new IllegalArgumentException(
                "all %d episodes of %s have been played; ask for the report"
                        .formatted(starts.size(), split));
    }

    /// Begins an episode.
    ///
    /// @throws IllegalArgumentException if there is no such episode, or it has been played
    public Observation begin(int wanted) {
        abandon();
        if (wanted < 0 || wanted >= starts.size()) {
            throw new IllegalArgumentException(
                    "episode %d of %s does not exist; there are %d"
                            .formatted(wanted, split, starts.size()));
        }
        if (results.containsKey(wanted)) {
            throw new IllegalArgumentException(
                    "episode %d of %s has been played, %s; there is one attempt each"
                            .formatted(wanted, split, results.get(wanted).outcome().words()));
        }
        var seen = table.reset(starts.get(wanted));
        episode = wanted;
        steps = 0;
        films.saw(episode, Suite.Progress.NONE, table);
        return seen;
    }

    /// One step of the present episode.
    ///
    /// @throws IllegalStateException if none is running
    public Step step(float[] action) {
        if (!running()) {
            throw new IllegalStateException(
                    "no episode of %s is running; reset first".formatted(split));
        }
        var step = table.step(action);
        steps++;
        films.saw(episode, action, table);
        if (step.last()) {
            end(table.outcome());
        }
        return step;
    }

    private void end(Outcome outcome) {
        var start = starts.get(episode);
        results.put(
                episode,
                new SuiteReport.Result(start.task().family(), start.seed(), outcome, steps));
    }

    /// Counts the present episode as failed, if it has not ended.
    public void abandon() {
        if (running()) {
            end(Outcome.TIME_OUT);
        }
    }

    /// What was played, in the order of the split.
    public List<Start> played() {
        return results.keySet().stream().map(starts::get).toList();
    }

    /// What came of it.
    ///
    /// @throws IllegalArgumentException if nothing has been played
    public SuiteReport report(Suite.Subject subject) {
        abandon();
        return SuiteReport.of(split, subject, List.copyOf(results.values()));
    }

    /// Films of it.
    public List<SuiteFilms.Shot> films() {
        return films.develop(100);
    }
}
