package dev.orrery.env.platformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Dice;
import dev.orrery.env.Rollout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlatformerTest {

    private static final PlatformerAction[] ACTIONS = PlatformerAction.values();
    private static final String AIR = " ".repeat(64), EARTH = "#".repeat(64);

    /// A flat course with the start at tile 1 and the coin at tile 61, and one row of one's own
    /// above the ground.
    private static Level course(String row) {
        var above = new StringBuilder(row + " ".repeat(64 - row.length()));
        above.setCharAt(1, 'P');
        above.setCharAt(61, 'o');
        return Level.parse(0, AIR, AIR, AIR, AIR, AIR, AIR, above.toString(), EARTH);
    }

    private static Platformer on(Level level) {
        var world = new Platformer();
        world.begin(level);
        return world;
    }

    @Test
    void aJumpRisesThirtyPixelsAndLastsTwelveFrames() {
        var world = on(course(""));
        int ground = world.playerBox().y(),
                highest = ground,
                frames = 0,
                from = world.playerBox().x();
        do {
            world.advance(frames == 0 ? PlatformerAction.JUMP_RIGHT : PlatformerAction.RIGHT);
            frames++;
            highest = Math.min(highest, world.playerBox().y());
        } while (!world.supported());
        assertThat(ground - highest).isEqualTo(30);
        assertThat(frames).isEqualTo(12);
        assertThat(world.playerBox().x() - from).isEqualTo(48);
        assertThat(world.events()).containsExactly(Platformer.Event.LANDED);
    }

    @Test
    void theCourseIsThePictureWithoutWhatMoves() {
        var world = on(Level.of(3));
        for (int t = 0; t < 6; t++) {
            world.advance(PlatformerAction.RIGHT);
        }
        byte[] whole = new byte[4096], course = new byte[4096];
        world.draw(whole, 0);
        world.drawCourse(world.scroll(), course, 0);
        int differ = 0;
        for (int i = 0; i < 4096; i++) {
            differ += whole[i] == course[i] ? 0 : 1;
        }
        assertThat(differ).as("pixels of player, coin and walkers").isBetween(20, 400);
        assertThatThrownBy(() -> world.drawCourse(449, course, 0))
                .hasMessage("scroll 449 leaves the level; choose 0 to 448");
    }

    @Test
    void speedInTheAirChangesByTwo() {
        var world = on(course(""));
        world.advance(PlatformerAction.JUMP_RIGHT);
        int x = world.playerBox().x();
        int[] expected = {2, 0, -2, -4, -4};
        for (int step : expected) {
            world.advance(PlatformerAction.LEFT);
            assertThat(world.playerBox().x() - x).isEqualTo(step);
            x = world.playerBox().x();
        }
    }

    @Test
    void cratesStopAndPlatformsHoldFromAboveOnly() {
        var world = on(course("     c"));
        for (int t = 0; t < 20; t++) {
            world.advance(PlatformerAction.RIGHT);
        }
        assertThat(world.playerBox().x()).isEqualTo(4 * 8);
        var rows = course("").rows();
        rows[4] = " ====" + " ".repeat(59);
        var under = on(Level.parse(0, rows));
        int ground = under.playerBox().y();
        under.advance(PlatformerAction.JUMP);
        while (!under.supported()) {
            under.advance(PlatformerAction.IDLE);
        }
        assertThat(ground - under.playerBox().y()).as("it stands on the platform").isEqualTo(24);
    }

    @Test
    void lavaSpikesAndWalkersEndTheEpisodeAndTheCoinPays() {
        var rows = course("").rows();
        rows[7] = "####~~" + "#".repeat(58);
        assertThat(run(Level.parse(0, rows))).isEqualTo(-1);
        rows[7] = "####^^" + "#".repeat(58);
        assertThat(run(Level.parse(1, rows))).isEqualTo(-1);
        assertThat(run(course("        w"))).isEqualTo(-1);
        assertThat(run(course(""))).isEqualTo(10);
    }

    private static double run(Level level) {
        var world = on(level);
        double score = 0;
        while (!world.terminated() && !world.truncated()) {
            score += world.advance(PlatformerAction.RIGHT);
        }
        return score;
    }

    @Test
    void theRunnerFinishesMostLevels() {
        var world = new Platformer();
        int won = 0, levels = 120;
        for (int seed = 0; seed < levels; seed++) {
            world.begin(Level.of(seed));
            var runner = new Runner(Runner.NOISE, seed);
            while (!world.terminated() && !world.truncated()) {
                world.advance(runner.act(world));
            }
            won += world.events().contains(Platformer.Event.COIN) ? 1 : 0;
        }
        assertThat(won / (double) levels).isGreaterThanOrEqualTo(0.8);
    }

    @Test
    void restoringAndReplayingGivesTheSamePixels() {
        var world = new Platformer();
        var copy = new Platformer();
        for (int seed = 0; seed < 10; seed++) {
            world.begin(Level.of(seed));
            var dice = new Dice(seed);
            for (int t = 0; t < 20 && !world.terminated(); t++) {
                world.advance(ACTIONS[dice.nextInt(6)]);
            }
            copy.restore(world.state());
            while (!world.terminated() && !world.truncated()) {
                var action = ACTIONS[dice.nextInt(6)];
                assertThat(copy.advance(action)).isEqualTo(world.advance(action));
                assertThat(copy.picture()).isEqualTo(world.picture());
                assertThat(copy.events()).isEqualTo(world.events());
            }
        }
    }

    @Test
    void backgroundsScrollAtAnEighthAQuarterAndAHalf() {
        var art = new PlatformerArt();
        var world = on(course(""));
        var frame = new byte[64 * 64];
        int checked = 0;
        while (!world.terminated()) {
            world.advance(PlatformerAction.RIGHT);
            world.draw(frame, 0);
            int scroll = world.scroll();
            for (int i = 0; i < 40 * 64; i++) {
                int x = i % 64, y = i / 64;
                byte expected = art.sky(y);
                byte[][] layers = {
                    art.clouds().pixels(), art.mountains().pixels(), art.hills().pixels()
                };
                int[] slower = {8, 4, 2};
                for (int k = 0; k < 3; k++) {
                    byte index =
                            layers[k][
                                    y * 256
                                            + Math.floorMod(
                                                    x + Math.floorDiv(scroll, slower[k]), 256)];
                    expected = index == 0 ? expected : index;
                }
                assertThat(frame[i]).isEqualTo(expected);
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(100_000);
    }

    @Test
    void thePlayersColoursAreItsOwnAndThereAreFew() {
        for (int theme = 0; theme < Level.THEMES; theme++) {
            var palette = PlatformerPainter.palette(theme);
            var colours = new HashSet<Integer>();
            for (int i = 1; i <= 27; i++) {
                colours.add(colour(palette, i));
            }
            assertThat(colours).hasSizeLessThanOrEqualTo(62);
            for (int own : PlatformerPainter.PLAYER_COLOURS) {
                assertThat(colours).doesNotContain(own);
            }
        }
        var world = on(Level.of(2));
        int found = 0;
        for (int i = 0; i < 64 * 64; i++) {
            var picture = world.picture();
            int pixel =
                    picture.at(i / 64, i % 64, 0) << 16
                            | picture.at(i / 64, i % 64, 1) << 8
                            | picture.at(i / 64, i % 64, 2);
            if (Set.of(0xff00c8, 0xffff00).contains(pixel)) {
                var box = world.playerBox();
                assertThat(i % 64 + world.scroll()).isBetween(box.x(), box.x() + 7);
                assertThat(i / 64).isBetween(box.y(), box.y() + 7);
                found++;
            }
        }
        assertThat(found).isGreaterThan(20);
    }

    private static int colour(byte[] palette, int i) {
        return (palette[3 * i] & 0xff) << 16
                | (palette[3 * i + 1] & 0xff) << 8
                | palette[3 * i + 2] & 0xff;
    }

    @Test
    void stickyRandomKeepsItsActionThreeTimesInFour() {
        var policy = new StickyRandom();
        policy.reset(1);
        var world = new Platformer();
        var seen = world.reset(1);
        int same = 0;
        var last = policy.act(seen);
        for (int t = 0; t < 2000; t++) {
            var next = policy.act(seen);
            same += next == last ? 1 : 0;
            last = next;
        }
        assertThat(same / 2000.0).isBetween(0.75, 0.84);
        assertThat(Rollout.run(new Platformer(), policy, 4).length()).isPositive();
    }

    @Test
    void levelsAreOfOneSizeAndDiffer() {
        var all = new HashSet<String>();
        for (int seed = 0; seed < 100; seed++) {
            var rows = Level.of(seed).rows();
            assertThat(rows).hasSize(8).allMatch(row -> row.length() == 64);
            all.add(String.join("", rows));
            assertThat(Level.parse(1, rows).rows()).isEqualTo(rows);
        }
        assertThat(all).hasSize(100);
    }

    @Test
    void wrongInputIsRefused() {
        var rows = new ArrayList<>(Arrays.asList(course("").rows()));
        assertThatThrownBy(() -> Level.parse(0, rows.subList(0, 7).toArray(String[]::new)))
                .hasMessageContaining("7 rows");
        assertThatThrownBy(() -> Level.parse(0, AIR, AIR, AIR, AIR, AIR, AIR, AIR, "##"))
                .hasMessageContaining("2 tiles in row 7");
        assertThatThrownBy(() -> Level.parse(0, AIR, AIR, AIR, AIR, AIR, AIR, AIR, EARTH))
                .hasMessageContaining("no start");
        assertThatThrownBy(() -> Level.parse(7, rows.toArray(String[]::new)))
                .hasMessageContaining("theme 7");
        assertThatThrownBy(() -> course("   x")).hasMessageContaining("'x' in row 6, column 3");
        assertThatThrownBy(() -> new Platformer().advance(PlatformerAction.IDLE))
                .hasMessageContaining("reset it first");
    }
}
