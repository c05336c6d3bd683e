package dev.orrery.env.homegrid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Dice;
import dev.orrery.env.Play;
import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;
import java.util.List;
import org.junit.jupiter.api.Test;

class MinisTest {

    /// Reads the hint and tries that way.
    private static double firstTries(Bins.Arm arm) {
        var bins = new Bins(arm);
        int right = 0, episodes = 2000;
        for (int seed = 0; seed < episodes; seed++) {
            bins.begin(seed);
            String said = bins.vocabulary().word(bins.token());
            while (bins.reading()) {
                bins.advance(HouseState.Opener.PEDAL);
            }
            var way =
                    said.equals("<pad>")
                            ? HouseState.Opener.LIFT
                            : HouseState.Opener.valueOf(said.toUpperCase(java.util.Locale.ROOT));
            double reward = bins.advance(way);
            assertThat(reward == 1).isEqualTo(bins.openedAtFirstTry());
            right += bins.openedAtFirstTry() ? 1 : 0;
        }
        return right / (double) episodes;
    }

    @Test
    void aHintTellsHowToOpenTheBin() {
        assertThat(firstTries(Bins.Arm.HINT)).isEqualTo(1);
        assertThat(firstTries(Bins.Arm.TASK_ONLY)).isBetween(0.29, 0.38);
        assertThat(firstTries(Bins.Arm.SHUFFLED)).isBetween(0.29, 0.38);
    }

    @Test
    void readingTakesAsLongWithoutAHint() {
        var hint = new Bins(Bins.Arm.HINT);
        var silent = new Bins(Bins.Arm.TASK_ONLY);
        hint.begin(5);
        silent.begin(5);
        for (int t = 0; t < 10; t++) {
            assertThat(hint.reading()).isTrue();
            assertThat(silent.reading()).isTrue();
            assertThat(silent.token() == Vocabulary.PAD).as("token %d", t).isEqualTo(t < 6);
            hint.advance(HouseState.Opener.LIFT);
            silent.advance(HouseState.Opener.LIFT);
        }
        assertThat(hint.reading()).isFalse();
        assertThat(silent.reading()).isFalse();
    }

    @Test
    void aBrokenBinStaysBroken() {
        var bins = new Bins(Bins.Arm.TASK_ONLY);
        bins.begin(3);
        while (bins.reading()) {
            bins.advance(HouseState.Opener.LIFT);
        }
        var wrong = HouseState.Opener.values()[(bins.opener().ordinal() + 1) % 3];
        assertThat(bins.advance(wrong)).isZero();
        for (int t = 1; t < Bins.STEPS; t++) {
            assertThat(bins.truncated()).isFalse();
            assertThat(bins.advance(bins.opener())).isZero();
        }
        assertThat(bins.truncated()).isTrue();
        assertThatThrownBy(() -> bins.advance(wrong)).hasMessageContaining("reset it");
    }

    @Test
    void theNamedRoomIsWhereTheObjectLies() {
        var find = new Find(Find.Arm.HINT);
        for (int seed = 0; seed < 50; seed++) {
            find.begin(seed);
            assertThat(find.utterance()).endsWith("is in the " + find.room());
            assertThat(find.room().ordinal()).isEqualTo(find.object() % Find.WIDTH / 3);
        }
    }

    @Test
    void readingDoesNotCountAndFreezesTheStrip() {
        var find = new Find(Find.Arm.HINT);
        find.begin(1);
        int agent = find.agent();
        int reading = 0;
        while (find.reading()) {
            find.advance(Facing.values()[reading++ % 4]);
            assertThat(find.agent()).isEqualTo(agent);
        }
        assertThat(reading).isBetween(8, 9);
        var dice = new Dice(9);
        int active = 0;
        while (!find.truncated()) {
            boolean frozen = find.reading();
            find.advance(Facing.of(dice.nextInt(4)));
            active += frozen ? 0 : 1;
        }
        assertThat(active).isEqualTo(Find.STEPS);
    }

    @Test
    void aRandomWalkFindsLittle() {
        var find = new Find(Find.Arm.TASK_ONLY);
        var play = Play.of(find, Play.random(find, 4), 4000);
        assertThat(play.mean()).isBetween(0.66, 0.84);
    }

    @Test
    void minisGoOnFromTheirState() {
        var find = new Find(Find.Arm.HINT);
        find.begin(8);
        var dice = new Dice(8);
        for (int t = 0; t < 30; t++) {
            find.advance(Facing.of(dice.nextInt(4)));
        }
        var copy = new Find(Find.Arm.HINT);
        copy.restore(find.state());
        while (!find.truncated()) {
            var way = Facing.of(dice.nextInt(4));
            assertThat(copy.advance(way)).isEqualTo(find.advance(way));
            assertThat(copy.symbols()).isEqualTo(find.symbols());
            assertThat(copy.token()).isEqualTo(find.token());
        }
        assertThatThrownBy(() -> new Bins(Bins.Arm.HINT).restore(find.state()))
                .hasMessageContaining("not one of bins");
    }

    @Test
    void thePictureOfWhatIsSeenIsThePictureOfTheWorld() {
        for (WordEnv<?> world :
                List.of(
                        new Bins(Bins.Arm.HINT),
                        new Find(Find.Arm.HINT),
                        new Find(Find.Arm.TASK_ONLY))) {
            for (int seed = 0; seed < 10; seed++) {
                samePictures(world, seed);
            }
        }
    }

    private static <A> void samePictures(WordEnv<A> world, int seed) {
        var dice = new Dice(seed);
        world.begin(seed);
        while (!world.truncated()) {
            assertThat(world.picture(world.symbols())).isEqualTo(world.picture());
            world.advance(world.actions().at(dice.nextInt(3)));
        }
    }

    @Test
    void aDoubtfulBinIsAMixtureOfWhatItMightBe() {
        var bins = new Bins(Bins.Arm.HINT);
        bins.begin(1);
        var open = new float[] {1, 0, 0, 0, 0, 0, 0, 0, 0};
        var broken = new float[] {0, 0, 1, 0, 0, 0, 0, 0, 0};
        var either = new float[] {1, 0, 1, 0, 0, 0, 0, 0, 0};
        var a = bins.picture(open);
        var b = bins.picture(broken);
        var mixed = bins.picture(either);
        assertThat(a).isNotEqualTo(b);
        for (int i = 0; i < mixed.rgb().length; i++) {
            assertThat(mixed.rgb()[i] & 0xff)
                    .isBetween(
                            Math.min(a.rgb()[i] & 0xff, b.rgb()[i] & 0xff),
                            Math.max(a.rgb()[i] & 0xff, b.rgb()[i] & 0xff));
        }
        assertThatThrownBy(() -> bins.picture(new float[3]))
                .hasMessageContaining("3 symbols; this world shows 9");
    }
}
