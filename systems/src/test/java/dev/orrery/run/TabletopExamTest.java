package dev.orrery.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.EpisodeFolder;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.Verify;
import dev.orrery.env.BatchPolicy;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Start;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.env.tabletop.Tabletop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TabletopExamTest {

    private static final List<Start> STARTS =
            Split.L0.starts(List.of(Family.BUTTON, Family.REACH), 3);

    /// The expert for the first episodes of all, rest in the others.
    private record Partly(int solved, List<Tabletop> tables) implements BatchPolicy<float[]> {

        @Override
        public void reset(long[] seeds) {
            tables.clear();
            for (var start : STARTS) {
                var table = new Tabletop();
                table.reset(start);
                tables.add(table);
            }
        }

        @Override
        public List<float[]> act(int[] episodes, List<Observation> observations) {
            var actions = new ArrayList<float[]>();
            for (int episode : episodes) {
                var table = tables.get(episode);
                var action = episode < solved ? table.expertAction() : new float[4];
                table.step(action);
                actions.add(action);
            }
            return actions;
        }
    }

    @TempDir Path folder;

    private final List<String> notes = new ArrayList<>();

    private Run run() {
        Progress heard =
                new Progress() {
                    @Override
                    public void stage(String name, long total) {}

                    @Override
                    public void at(long done, String detail) {}

                    @Override
                    public void note(String line) {
                        notes.add(line);
                    }
                };
        return Run.create(folder.resolve("run"), info(), heard);
    }

    private static RunInfo info() {
        return RunInfo.now("sample", "custom", 7, Sample.laptop());
    }

    private static Report hold(Run run, int solved) {
        var policy = new Partly(solved, new ArrayList<>());
        return TabletopExam.hold(
                run,
                STARTS,
                films ->
                        Suite.evaluate(
                                Split.L0,
                                STARTS,
                                new Suite.Subject("partly", "", 1, 0),
                                policy,
                                Suite.BATCH,
                                films));
    }

    @Test
    void theEpisodesOfAnEvaluationAreADataSet() throws IOException {
        try (var run = run()) {
            assertThat(hold(run, 2).get("success_rate")).isEqualTo(2 / 6.0);
            assertThat(notes).contains("episodes: " + run.episodes());
            assertThat(
                            Verify.run(run.episodes(), Verify.Settings.thorough(), (_, _) -> {})
                                    .findings())
                    .isEmpty();
            var shown = Demonstrations.collect(List.of(Family.BUTTON), 1, 0, 0).getFirst();
            var recorded = new LinkedHashMap<String, Feature>();
            EpisodeFolder.tabletop(shown.episode(), Dtype.IMAGE)
                    .forEach(feature -> recorded.put(feature.name(), feature));
            try (var data = LeRobotDataset.open(run.episodes())) {
                assertThat(data.features())
                        .containsAllEntriesOf(recorded)
                        .hasSize(recorded.size() + 5);
                assertThat(data.episodes())
                        .extracting(e -> e.tasks().getFirst())
                        .as("the first success and every failure")
                        .containsExactly(
                                STARTS.get(0).phrase(),
                                STARTS.get(2).phrase(),
                                STARTS.get(3).phrase(),
                                STARTS.get(4).phrase(),
                                STARTS.get(5).phrase());
            }
            assertThat(EpisodeFolder.readAll(run.episodes()))
                    .extracting(dev.orrery.env.Episode::success)
                    .containsExactly(true, false, false, false, false);
            assertThat(Files.readString(run.episodes().resolve(TabletopExam.ORIGINS)))
                    .contains(
                            "\"test\" : 2",
                            "\"split\" : \"L0\"",
                            "\"seed\" : " + STARTS.get(2).seed())
                    .contains("\"family\" : \"button\"", "\"outcome\" : \"NEVER_REACHED\"");
        }
    }

    @Test
    void aLaterEvaluationTakesThePlaceOfTheFormer() throws IOException {
        try (var run = run()) {
            hold(run, 0);
        }
        try (var run = Run.reopen(folder.resolve("run"), Progress.silent())) {
            assertThat(EpisodeFolder.readAll(run.episodes())).hasSize(6);
            hold(run, 6);
            assertThat(EpisodeFolder.readAll(run.episodes())).hasSize(2).allMatch(e -> e.success());
            assertThat(run.folder().toFile().list((_, name) -> name.startsWith("episodes.")))
                    .isEmpty();
        }
    }

    @Test
    void anEvaluationThatIsStoppedLeavesTheFormerEpisodes() {
        var name = folder.resolve("run");
        var stops = new StopsAt("keeping episodes", 2);
        try (var run = stops.run(name, info())) {
            assertThatThrownBy(() -> hold(run, 1))
                    .isInstanceOf(RunStopped.class)
                    .hasMessageContaining("stopped while keeping episodes");
            assertThat(run.episodes()).isEmptyDirectory();
            assertThat(name.toFile().list((_, file) -> file.startsWith("episodes."))).isEmpty();
        }
    }

    @Test
    void anEvaluationCountsEvenIfItsEpisodesCannotBeKept() throws IOException {
        try (var run = run()) {
            Files.writeString(run.episodes().resolve("film"), "precious");
            assertThat(hold(run, 2).get("success_rate")).isEqualTo(2 / 6.0);
            assertThat(notes.getLast())
                    .contains(
                            "episodes were not kept",
                            "is older",
                            "holds files that are no data set");
            assertThat(run.episodes().resolve("film")).hasContent("precious");
            assertThat(run.folder().resolve("evaluation.json")).exists();
        }
    }
}
