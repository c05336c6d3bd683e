package dev.orrery.env.messenger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Dice;
import dev.orrery.env.Play;
import dev.orrery.env.Vocabulary;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MessengerTest {

    private static Messenger stage(int stage) {
        return new Messenger(MessengerConfig.training(stage));
    }

    @Test
    void theGamesAreThePublishedOnes() {
        assertThat(Game.trainingMany()).hasSize(40).doesNotHaveDuplicates();
        assertThat(Game.trainingSingle()).hasSize(4);
        assertThat(Game.validation())
                .hasSize(32)
                .contains(new Game(Entity.AIRPLANE, Entity.ROBOT, Entity.THIEF))
                .contains(new Game(Entity.MAGE, Entity.SWORD, Entity.BALL))
                .doesNotContainAnyElementsOf(Game.test());
        assertThat(Game.test())
                .hasSize(32)
                .contains(new Game(Entity.AIRPLANE, Entity.ROBOT, Entity.SHIP))
                .contains(new Game(Entity.MAGE, Entity.SWORD, Entity.FISH));
    }

    @Test
    void aRandomWalkScoresWhatIsPublished() {
        var first = stage(1);
        var second = stage(2);
        var one = Play.of(first, Play.random(first, 1), 4000);
        var two = Play.of(second, Play.random(second, 2), 4000);
        assertThat(one.mean()).isBetween(-0.84 - 3 * one.error(), -0.84 + 3 * one.error());
        assertThat(two.mean()).isBetween(-0.80 - 3 * two.error(), -0.80 + 3 * two.error());
    }

    @Test
    void theManualIsReadWordByWordBeforeTheFirstMove() {
        var world = stage(2);
        world.begin(11);
        var before = world.symbols();
        var heard = new StringBuilder(world.vocabulary().word(world.token()));
        int words = 1;
        while (world.token() != Vocabulary.PAD) {
            world.advance(MessengerAction.UP);
            if (world.token() != Vocabulary.PAD) {
                assertThat(world.symbols()).isEqualTo(before);
                heard.append(' ').append(world.vocabulary().word(world.token()));
                words++;
            }
        }
        assertThat(heard.toString()).isEqualTo(String.join(" </s> ", world.manual()) + " </s>");
        assertThat(words).isGreaterThan(10);
    }

    @Test
    void paraphrasesOfOnePartNeverOccurInAnother() {
        var seen = new HashSet<String>();
        int total = 0;
        for (var part : Script.Part.values()) {
            var own = Set.copyOf(Script.templates(part).corpus());
            total += own.size();
            seen.addAll(own);
            assertThat(Script.templates(part).vocabulary())
                    .isSameAs(Script.templates(Script.Part.TEST).vocabulary());
        }
        assertThat(seen).hasSize(total);
    }

    @Test
    void decoysMoveUnlikeTheirTwinsAndUnlikeEachOther() {
        var world = stage(3);
        var variants = new HashSet<List<Movement>>();
        for (int seed = 0; seed < 400; seed++) {
            world.begin(seed);
            var board = world.board();
            var message = board.movement(Role.MESSAGE);
            var goal = board.movement(Role.GOAL);
            assertThat(board.decoyMessageMovement())
                    .isNotEqualTo(message)
                    .isNotEqualTo(board.decoyGoalMovement());
            assertThat(board.decoyGoalMovement()).isNotEqualTo(goal);
            variants.add(
                    List.of(
                            message,
                            goal,
                            board.decoyMessageMovement(),
                            board.decoyGoalMovement()));
            assertThat(world.manual()).hasSize(6);
        }
        assertThat(variants).hasSize(18);
    }

    @Test
    void theSmallVariantFitsItsWindow() {
        var world = new Messenger(MessengerConfig.mini());
        assertThat(world.symbolShape()).containsExactly(5, 5, 17);
        for (int seed = 0; seed < 50; seed++) {
            world.begin(seed);
            float sum = 0;
            for (float value : world.symbols()) {
                sum += value;
            }
            assertThat(sum).isEqualTo(4);
            assertThat(world.manual()).hasSize(3);
        }
    }

    @Test
    void aRestoredGameGoesOnAsBefore() {
        for (int stage = 1; stage <= 3; stage++) {
            var world = stage(stage);
            world.begin(5);
            var dice = new Dice(5);
            for (int t = 0; t < 20; t++) {
                world.advance(MessengerAction.STAY);
            }
            var copy = stage(stage);
            copy.restore(world.state());
            assertThat(copy.manual()).isEqualTo(world.manual());
            while (!world.terminated() && !world.truncated()) {
                var action = MessengerAction.values()[dice.nextInt(5)];
                assertThat(copy.advance(action)).isEqualTo(world.advance(action));
                assertThat(copy.symbols()).isEqualTo(world.symbols());
                assertThat(copy.token()).isEqualTo(world.token());
            }
        }
    }

    @Test
    void wrongInputIsRefused() {
        assertThatThrownBy(() -> MessengerConfig.named("msgr-train-v4"))
                .hasMessageContaining("msgr-test-se-v2");
        assertThatThrownBy(() -> MessengerConfig.training(4)).hasMessageContaining("stage 4");
        assertThatThrownBy(() -> new Game(Entity.DOG, Entity.DOG, Entity.FISH))
                .hasMessageContaining("three characters");
        assertThatThrownBy(() -> stage(2).advance(MessengerAction.UP))
                .hasMessageContaining("reset it first");
        var world = stage(1);
        world.begin(1);
        assertThatThrownBy(() -> stage(2).restore(world.state()))
                .hasMessageContaining("not one of messenger 2");
    }
}
