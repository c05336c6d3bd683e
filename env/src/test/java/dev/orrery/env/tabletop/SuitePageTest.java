package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.Observation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.metadata.IIOMetadataNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuitePageTest {

    private static final Suite.Subject SUBJECT = new Suite.Subject("<still>", "abc", 1, 0);

    /// Solves every second episode by the expert on a copy of its own, and rests in the others.
    private static final class EverySecond implements BatchPolicy<float[]> {
        private final List<Start> starts;
        private final List<Tabletop> tables = new ArrayList<>();

        EverySecond(List<Start> starts) {
            this.starts = starts;
        }

        @Override
        public void reset(long[] seeds) {
            for (var start : starts) {
                var table = new Tabletop();
                table.reset(start);
                tables.add(table);
            }
        }

        @Override
        public List<float[]> act(int[] episodes, List<Observation> observations) {
            var actions = new ArrayList<float[]>();
            for (int episode : episodes) {
                if (episode % 2 == 0) {
                    var action = tables.get(episode).expertAction();
                    tables.get(episode).step(action);
                    actions.add(action);
                } else {
                    actions.add(new float[4]);
                }
            }
            return actions;
        }
    }

    private final List<Start> starts = Split.L0.starts(List.of(Family.BUTTON)).subList(0, 6);
    private final SuiteFilms films = new SuiteFilms(starts, (_, _) -> {});
    private final SuiteReport report =
            Suite.evaluate(Split.L0, starts, SUBJECT, new EverySecond(starts), Suite.BATCH, films);

    @Test
    void everyFailureAndTheFirstSuccessOfAFamilyAreFilmedAsTheyWent() throws IOException {
        var shots = films.develop(100);
        assertThat(shots).extracting(SuiteFilms.Shot::episode).containsExactly(0, 1, 3, 5);
        assertThat(shots.getFirst().outcome()).isEqualTo(Outcome.SUCCESS);
        for (var shot : shots) {
            var result = report.results().get(shot.episode());
            assertThat(shot.outcome()).isEqualTo(result.outcome());
            assertThat(shot.steps()).isEqualTo(result.steps());
            assertThat(seconds(shot.gif()))
                    .as("in real time, then a rest")
                    .isCloseTo((shot.steps() + 2) / 2 * .2 + .8, within(1e-9));
        }
    }

    @Test
    void episodesHoldWhatWasSeenAndDone() {
        var played = films.played(100).toList();
        assertThat(played).extracting(SuiteFilms.Played::place).containsExactly(0, 1, 3, 5);
        assertThat(films.count(100)).isEqualTo(4);
        for (var one : played) {
            var result = report.results().get(one.place());
            var episode = one.episode();
            assertThat(one.outcome()).isEqualTo(result.outcome());
            assertThat(episode.success()).isEqualTo(result.success());
            assertThat(episode.length()).isEqualTo(result.steps());
            assertThat(episode.seed()).isEqualTo(one.start().seed());
            var again = new Tabletop();
            var seen = again.reset(one.start());
            for (var frame : episode.frames()) {
                assertThat(frame.observation()).usingRecursiveComparison().isEqualTo(seen);
                var step = again.step(frame.action());
                assertThat(frame.reward()).isEqualTo(step.reward());
                assertThat(frame.last()).isEqualTo(step.last());
                seen = step.observation();
            }
            assertThat(episode.frames().getLast().success()).isEqualTo(result.success());
        }
    }

    @Test
    void familiesShareWhatIsKept() {
        var two = new ArrayList<>(Split.L0.starts(List.of(Family.BUTTON)).subList(0, 4));
        two.addAll(Split.L0.starts(List.of(Family.REACH)).subList(0, 4));
        var watched = new SuiteFilms(two, (_, _) -> {});
        Suite.evaluate(Split.L0, two, SUBJECT, new EverySecond(two), Suite.BATCH, watched);
        assertThat(watched.develop(4))
                .extracting(SuiteFilms.Shot::episode)
                .containsExactly(0, 1, 4, 5);
        assertThat(watched.count(4)).isEqualTo(4);
        assertThat(watched.played(5))
                .extracting(SuiteFilms.Played::place)
                .containsExactly(0, 1, 3, 4, 5);
    }

    @Test
    void anActionThatIsNoNumberIsNoFrame() {
        var one = starts.subList(0, 2);
        var watched = new SuiteFilms(one, (_, _) -> {});
        BatchPolicy<float[]> broken =
                new BatchPolicy<>() {
                    private int asked;

                    @Override
                    public void reset(long[] seeds) {}

                    @Override
                    public List<float[]> act(int[] episodes, List<Observation> observations) {
                        asked++;
                        var actions = new ArrayList<float[]>();
                        for (int episode : episodes) {
                            boolean breaks = episode == 0 || asked == 4;
                            actions.add(new float[] {breaks ? Float.NaN : .5f, 0, 0, 0});
                        }
                        return actions;
                    }
                };
        Suite.evaluate(Split.L0, one, SUBJECT, broken, Suite.BATCH, watched);
        assertThat(watched.develop(9)).hasSize(2);
        var played = watched.played(9).toList();
        assertThat(played).extracting(SuiteFilms.Played::place).containsExactly(1);
        assertThat(played.getFirst().outcome()).isEqualTo(Outcome.NOT_FINITE);
        assertThat(played.getFirst().episode().frames())
                .hasSize(3)
                .allMatch(f -> f.action()[0] == .5f);
    }

    private static double seconds(byte[] gif) throws IOException {
        var reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (var in = ImageIO.createImageInputStream(new ByteArrayInputStream(gif))) {
            reader.setInput(in);
            int hundredths = 0;
            for (int i = 0; i < reader.getNumImages(true); i++) {
                var root =
                        (IIOMetadataNode)
                                reader.getImageMetadata(i).getAsTree("javax_imageio_gif_image_1.0");
                var control =
                        (org.w3c.dom.Element)
                                root.getElementsByTagName("GraphicControlExtension").item(0);
                hundredths += Integer.parseInt(control.getAttribute("delayTime"));
            }
            return hundredths / 100.0;
        }
    }

    @Test
    void thePageSaysWhatTheReportSaysAndNeedsNothingElse(@TempDir Path folder) throws IOException {
        var file = folder.resolve("evaluation.html");
        SuitePage.write(file, report, starts, films.develop(100));
        var page = Files.readString(file);
        var overall = report.overall();
        assertThat(page)
                .contains("50.0 %", "3 of 6")
                .contains("%.1f to %.1f %%".formatted(100 * overall.low(), 100 * overall.high()))
                .contains("<th scope=\"row\">button</th>")
                .contains("<th scope=\"row\">never reached</th><td class=\"n\">3</td>")
                .contains(Split.L0.hash(), Suite.hash(), "abc")
                .contains("&lt;still&gt;")
                .contains("right motion, wrong block")
                .doesNotContain("<still>", "{{", "<script", "http:", "https:", "src=\"/");
        assertThat(page.split("data:image/gif;base64,")).hasSize(5);
        assertThat(folder.toFile().list()).containsExactly("evaluation.html");
    }

    @Test
    void startsOfAnotherReportAreRefused() {
        assertThatThrownBy(() -> SuitePage.html(report, starts.subList(0, 2), List.of()))
                .hasMessageContaining("6 episodes with 2 starts");
    }
}
