package dev.orrery.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.env.platformer.Level;
import dev.orrery.env.platformer.Platformer;
import dev.orrery.env.platformer.PlatformerAction;
import dev.orrery.env.platformer.PlatformerPainter;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PlatformerSightTest {

    private static final List<PlatformerClip> CLIPS =
            PlatformerClip.collect(e -> 900_000 + e, 40, 12, true);

    @Test
    void clipsBeginOnTheGroundAndSayWhatHappens() {
        assertThat(CLIPS)
                .hasSize(40)
                .allSatisfy(clip -> {
                    assertThat(clip.moments().getFirst().supported()).isTrue();
                    for (int t = 0; t < clip.steps().size(); t++) {
                        var step = clip.steps().get(t);
                        boolean jumps =
                                step.effective().ordinal() >= PlatformerAction.JUMP.ordinal();
                        assertThat(step.jumped()).isEqualTo(jumps);
                    }
                });
        assertThat(CLIPS.stream().map(PlatformerClip::level).distinct().count())
                .as("from several levels")
                .isGreaterThan(8);
    }

    @Test
    void whatIsDoneInTheAirIsPlain() {
        var world = new Platformer();
        world.begin(Level.of(1));
        assertThat(PlatformerClip.effective(world, PlatformerAction.JUMP_LEFT))
                .isEqualTo(PlatformerAction.JUMP_LEFT);
        world.advance(PlatformerAction.JUMP);
        assertThat(PlatformerClip.effective(world, PlatformerAction.JUMP_LEFT))
                .isEqualTo(PlatformerAction.LEFT);
        assertThat(PlatformerClip.effective(world, PlatformerAction.JUMP))
                .isEqualTo(PlatformerAction.IDLE);
    }

    @Test
    void noOtherColourIsTakenForThePlayers() {
        for (int theme = 0; theme < Level.THEMES; theme++) {
            var palette = PlatformerPainter.palette(theme);
            for (int index = 1; index < 28; index++) {
                var rgb = new byte[8 * 8 * 3];
                for (int i = 0; i < rgb.length; i++) {
                    rgb[i] = palette[3 * index + i % 3];
                }
                assertThat(PlayerFinder.find(new Clip(1, 8, 8, rgb), 0))
                        .as("theme %d, colour %d", theme, index)
                        .isEmpty();
            }
        }
    }

    @Test
    void thePlayerIsFoundWithinAPixelAlsoInSmallPictures() {
        for (int factor : new int[] {1, 2}) {
            int seen = 0, all = 0;
            double far = 0;
            for (var clip : CLIPS) {
                var view = clip.clip().resized(64 / factor, 64 / factor);
                for (int t = 0; t < view.frames(); t++) {
                    var moment = clip.moments().get(t);
                    if (moment.y() < 0 || moment.y() > 56) {
                        continue;
                    }
                    all++;
                    var sighting = PlayerFinder.find(view, t);
                    if (sighting.isPresent()) {
                        seen++;
                        far +=
                                Math.hypot(
                                        sighting.get().x() - moment.x() - 4,
                                        sighting.get().y() - moment.y() - 4);
                    }
                }
            }
            assertThat(seen).as("of %d, shrunk by %d", all, factor).isGreaterThan(all * 95 / 100);
            assertThat(far / seen)
                    .as("pixels, shrunk by %d", factor)
                    .isLessThan(0.7 + 0.4 * factor);
        }
    }

    @Test
    void jumpsAreSeenWhenTheyHappen() {
        var score = EventScore.NONE;
        for (var clip : CLIPS) {
            var truth = new boolean[clip.steps().size()];
            for (int t = 0; t < truth.length; t++) {
                truth[t] = clip.steps().get(t).jumped();
            }
            score = score.plus(EventScore.of(truth, Jumps.in(clip.clip()), 0));
        }
        assertThat(score.hits()).isGreaterThan(20);
        assertThat(score.f1()).isGreaterThan(0.9);
    }

    @Test
    void theScrollIsFoundInTrueSmallAndCoarsePictures() {
        List<UnaryOperator<Clip>> views =
                List.of(UnaryOperator.identity(), c -> c.resized(32, 32), c -> c.resized(16, 16));
        int[] most = {0, 1, 2};
        for (int v = 0; v < views.size(); v++) {
            var view = views.get(v);
            double error = 0;
            int all = 0;
            for (var clip : CLIPS.subList(0, 12)) {
                var finder = new ScrollFinder(Level.of(clip.level()), view);
                var seen = view.apply(clip.clip());
                for (int t = 0; t < seen.frames(); t += 4) {
                    int scroll = clip.moments().get(t).scroll();
                    int near = Math.clamp(scroll + 9, 0, Platformer.LAST_SCROLL);
                    error += Math.abs(finder.find(seen, t, near, 40) - scroll);
                    all++;
                }
            }
            assertThat(error / all).as("pixels, view %d", v).isLessThanOrEqualTo(most[v]);
        }
    }

    @Test
    void eventsMatchOnceEachWithinTheTolerance() {
        boolean[] truth = {true, false, false, true, false, false};
        boolean[] seen = {false, true, false, false, false, true};
        assertThat(EventScore.of(truth, seen, 0)).isEqualTo(new EventScore(0, 2, 2));
        assertThat(EventScore.of(truth, seen, 1)).isEqualTo(new EventScore(1, 1, 1));
        assertThat(EventScore.of(truth, seen, 2)).isEqualTo(new EventScore(2, 0, 0));
        assertThat(EventScore.of(truth, seen, 1).f1()).isEqualTo(0.5);
        assertThat(EventScore.NONE.f1()).isEqualTo(1);
    }
}
