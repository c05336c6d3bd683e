package dev.orrery.run;

import dev.orrery.data.DatasetException;
import dev.orrery.data.lerobot.EpisodeFolder;
import dev.orrery.data.lerobot.Rewrite;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Outcome;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Start;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.env.tabletop.SuiteFilms;
import dev.orrery.env.tabletop.SuitePage;
import dev.orrery.env.tabletop.SuiteReport;
import dev.orrery.env.tabletop.Tabletop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// How a run measures its policy on the tabletop, whatever the policy is: with progress, heeding a
/// wish to stop, and with the result, its films and its episodes left in the run's folder.
public final class TabletopExam {

    /// Where the data set of a run's episodes says what each of them was.
    public static final String ORIGINS = "meta/evaluation.json";

    /// Episodes that are filmed and kept at most.
    private static final int KEPT = 200;

    /// What an episode of the data set was in the evaluation.
    ///
    /// @param episode its number in the data set
    /// @param test its number in `evaluation.html`
    /// @param seed what its scene was drawn from
    private record Origin(
            int episode, Split split, int test, Family family, long seed, Outcome outcome) {}

    private TabletopExam() {}

    /// Tells how far an evaluation has come, and ends it when the run is asked to stop.
    public static Suite.Progress watch(Run run) {
        return new Suite.Progress() {
            @Override
            public void report(int done, int total) {
                run.progress().at(done, "");
            }

            @Override
            public void saw(int episode, float[] action, Tabletop table) {
                run.heed("evaluating");
            }
        };
    }

    /// Measures a policy and leaves `evaluation.json` and, of every failure and a success of each
    /// family, films in `evaluation.html` and the data set `episodes`. A data set that cannot be
    /// written is told as a note, and the evaluation counts all the same.
    ///
    /// @param starts the episodes, in order
    /// @param measure plays them under the given eyes
    /// @return the result's numbers
    public static Report hold(
            Run run, List<Start> starts, Function<Suite.Progress, SuiteReport> measure) {
        run.progress().stage("evaluating", starts.size());
        var films = new SuiteFilms(starts, watch(run));
        var result = measure.apply(films);
        run.write("evaluation.json", result);
        var page = run.folder().resolve("evaluation.html");
        SuitePage.write(page, result, starts, films.develop(KEPT));
        run.progress().note("report with films: %s".formatted(page));
        keep(run, result.split(), films);
        return new Report(result.numbers());
    }

    private static void keep(Run run, Split split, SuiteFilms films) {
        run.progress().stage("keeping episodes", films.count(KEPT));
        try {
            Rewrite.anew(run.episodes(), fresh -> write(run, split, films, fresh));
            run.progress().note("episodes: %s".formatted(run.episodes()));
        } catch (DatasetException
                | IllegalArgumentException
                | IllegalStateException
                | UncheckedIOException e) {
            run.progress()
                    .note(
                            "episodes were not kept, what %s holds is older: %s"
                                    .formatted(run.episodes(), e.getMessage()));
        }
    }

    private static void write(Run run, Split split, SuiteFilms films, Path folder) {
        var origins = new ArrayList<Origin>();
        var episodes =
                films.played(KEPT)
                        .map(played -> {
                            run.heed("keeping episodes");
                            var start = played.start();
                            origins.add(
                                    new Origin(
                                            origins.size(),
                                            split,
                                            played.place(),
                                            start.task().family(),
                                            start.seed(),
                                            played.outcome()));
                            run.progress().at(origins.size(), "");
                            return played.episode();
                        });
        EpisodeFolder.write(folder, episodes::iterator);
        try {
            ConfigBinder.write(folder.resolve(ORIGINS), origins);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The families that a run was trained on, by name: those that its `demonstrations.families`
    /// lists, or all of the core.
    public static List<String> families(Path run) {
        var families = RunInfo.read(run).config().at("/demonstrations/families");
        return families.isEmpty()
                ? Family.CORE.stream().map(Family::toString).toList()
                : families.valueStream().map(JsonNode::asString).toList();
    }
}
