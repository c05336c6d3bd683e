package dev.orrery.env.langroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.ActionSpace.Spoken.Act;
import dev.orrery.env.Dice;
import dev.orrery.env.Play;
import dev.orrery.env.langroom.LangRoomConfig.Pay;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class LangRoomTest {

    private static Act<RoomMove> say(int word) {
        return new Act<>(RoomMove.STAY, word);
    }

    private static LangRoom room(Pay pay) {
        return new LangRoom(LangRoomConfig.published(pay));
    }

    @Test
    void theWorldAsksWaitsTenStepsAndAnswers() {
        var room = room(Pay.ANSWER_ONLY);
        for (int seed = 0; seed < 20; seed++) {
            room.begin(seed);
            var said = new ArrayList<String>();
            for (int t = 0; t < 200; t++) {
                said.add(room.utterance());
                room.advance(say(0));
            }
            int asked = said.indexOf("what");
            assertThat(asked).isBetween(5, 9);
            assertThat(said.subList(asked, asked + 4))
                    .containsExactly("what", "color", "is", "the");
            assertThat(said.get(asked + 5)).isEqualTo("?");
            assertThat(said.subList(asked + 6, asked + 16)).containsOnly("<pad>");
            assertThat(said.subList(asked + 16, asked + 18)).containsExactly("it", "is");
            assertThat(LangRoom.COLOURS).contains(said.get(asked + 18));
        }
    }

    @Test
    void whoeverSaysTheColourInTimeGetsOneEach() {
        var room = room(Pay.ANSWER_ONLY);
        var oracle =
                Play.of(
                        room,
                        world -> {
                            int next = world.nextWord();
                            return say(next >= 1 && next <= 4 ? next : 0);
                        },
                        200);
        // A round of question and answer takes 33 steps on average; the first answer comes after
        // 26.
        assertThat(oracle.mean()).isBetween(5.2, 6.4);
        assertThat(room.rightAnswers()).isEqualTo(room.answers());
    }

    @Test
    void wrongWordsCostAsPublished() {
        var room = room(Pay.ANSWER_ONLY);
        room.begin(3);
        while (room.nextWord() < 1 || room.nextWord() > 4) {
            assertThat(room.advance(say(1))).isEqualTo(-0.01);
        }
        assertThat(room.advance(say(room.nextWord() % 4 + 1))).isEqualTo(-0.1);
        var echo = room(Pay.ECHO);
        echo.begin(3);
        for (int t = 0; t < 200; t++) {
            assertThat(echo.advance(say(echo.nextWord()))).isEqualTo(1);
        }
        assertThatThrownBy(() -> echo.advance(say(0))).hasMessageContaining("reset it");
    }

    @Test
    void theThingThatIsAskedForHasTheColourOfTheAnswer() {
        var room = new LangRoom(LangRoomConfig.mini());
        int checked = 0;
        for (int seed = 0; seed < 30; seed++) {
            room.begin(seed);
            int thing = -1;
            var symbols = room.symbols();
            for (int t = 0; t < 100; t++) {
                if (room.token() >= 5 && room.token() <= 8) {
                    thing = room.token() - 5;
                    symbols = room.symbols();
                } else if (room.token() >= 1 && room.token() <= 4) {
                    int corner = new int[] {0, 2, 6, 8}[thing];
                    assertThat(symbols[corner * 9 + 1 + thing]).isEqualTo(1);
                    assertThat(symbols[corner * 9 + 4 + room.token()]).isEqualTo(1);
                    checked++;
                }
                room.advance(say(0));
            }
        }
        assertThat(checked).isGreaterThan(100);
    }

    @Test
    void wallsAndThingsAreInTheWay() {
        var room = room(Pay.ANSWER_ONLY);
        room.begin(1);
        for (int t = 0; t < 10; t++) {
            room.advance(new Act<>(RoomMove.UP, 0));
        }
        for (int t = 0; t < 10; t++) {
            room.advance(new Act<>(RoomMove.LEFT, 0));
        }
        var symbols = room.symbols();
        int leftOfAgent = (2 * 5 + 1) * 9;
        assertThat(symbols[leftOfAgent + 1]).as("the ball is to the left").isEqualTo(1);
    }

    @Test
    void aRestoredRoomGoesOnAsBefore() {
        var room = room(Pay.ANSWER_AND_ECHO);
        room.begin(4);
        var dice = new Dice(4);
        for (int t = 0; t < 50; t++) {
            room.advance(say(dice.nextInt(15)));
        }
        var copy = room(Pay.ANSWER_AND_ECHO);
        copy.restore(room.state());
        while (!room.truncated()) {
            var action = room.actions().at(dice.nextInt(5), dice.nextInt(15));
            assertThat(copy.advance(action)).isEqualTo(room.advance(action));
            assertThat(copy.picture()).isEqualTo(room.picture());
        }
    }

    @Test
    void wrongInputIsRefused() {
        var room = room(Pay.ECHO);
        room.begin(1);
        assertThatThrownBy(() -> room.step(say(15))).hasMessageContaining("word below 15");
        assertThatThrownBy(() ->
                        new LangRoomConfig(
                                7, 2, 200, 14, Pay.ECHO, new LangRoomConfig.Pauses(5, 9, 10)))
                .hasMessageContaining("needs 15");
        assertThatThrownBy(() -> room.vocabulary().id("purple")).hasMessageContaining("purple");
    }
}
