package dev.orrery.run;

import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Start;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.env.tabletop.SuiteFilms;
import dev.orrery.env.tabletop.SuitePage;
import dev.orrery.env.tabletop.SuiteReport;
import dev.orrery.env.tabletop.Tabletop;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// How a run measures its policy on the tabletop, whatever the policy is: with progress, heeding a
/// wish to stop, and with the result and its films left in the run's folder.
public final class TabletopExam {

    private static final int FILMS = 200;

    private TabletopExam() {}

    /// Tells how far an evaluation has come, and ends it when the run is asked to stop.
    public static Suite.Progress watch(Run run) {
        return new Suite.Progress() {
            @Override
            public void report(int done, int total) {
                run.progress().at(done, "");
            }

            @Override
            public void saw(int episode, Tabletop table) {
                run.heed("evaluating");
            }
        };
    }

    /// Measures a policy and leaves `evaluation.json` and, with films of every failure,
    /// `evaluation.html`.
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
        SuitePage.write(page, result, starts, films.develop(FILMS));
        run.progress().note("report with films: %s".formatted(page));
        return new Report(result.numbers());
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
