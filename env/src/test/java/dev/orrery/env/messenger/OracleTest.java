package dev.orrery.env.messenger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.env.Play;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class OracleTest {

    private static Play play(int stage, Oracle oracle) {
        return Play.of(new Messenger(MessengerConfig.training(stage)), oracle::act, 1000);
    }

    @Test
    void whoeverKnowsEverythingWinsStageOneAlways() {
        assertThat(play(1, new Oracle(false)).mean()).isEqualTo(1);
    }

    @Test
    void theReferenceOracleOfStageTwoLiesBetweenOurs() {
        // The reference figure is 1.42 with 96 % wins, for an oracle of unknown care.
        var greedy = play(2, new Oracle(false));
        var careful = play(2, new Oracle(true));
        assertThat(greedy.mean()).isBetween(0.9, 1.42);
        assertThat(careful.mean()).isBetween(1.42, 1.5);
    }

    @Test
    void stageThreeCannotBeWonWithoutTellingTwinsApart() {
        double knowing = wins(false), blind = wins(true);
        assertThat(knowing).isGreaterThan(0.9);
        assertThat(blind).as("a coin for each of two twins").isBetween(0.15, 0.35);
    }

    /// How often the careful oracle wins if it knows the decoys, or if it takes one for its twin by
    /// a coin, for the message and for the goal.
    private static double wins(boolean blind) {
        var world = new Messenger(MessengerConfig.training(3));
        var oracle = new Oracle(true);
        int wins = 0, episodes = 600;
        for (int seed = 0; seed < episodes; seed++) {
            world.begin(seed);
            boolean otherMessage = blind && seed % 2 == 1;
            boolean otherGoal = blind && seed / 2 % 2 == 1;
            double score = 0;
            while (!world.terminated() && !world.truncated()) {
                score += world.advance(oracle.act(world.board(), otherMessage, otherGoal));
            }
            wins += score == 1.5 ? 1 : 0;
        }
        return wins / (double) episodes;
    }

    @Test
    void charactersMoveAsTheirKindDoes() {
        var world = new Messenger(MessengerConfig.training(2));
        var moved = new int[3];
        var closer = new int[3];
        for (int seed = 0; seed < 300; seed++) {
            world.begin(seed);
            while (world.reading()) {
                world.advance(MessengerAction.STAY);
            }
            var board = world.board();
            var before = distances(board);
            world.advance(MessengerAction.STAY);
            var after = distances(board);
            for (var role : Role.values()) {
                int kind = board.movement(role).ordinal(), piece = role.ordinal();
                moved[kind] += before[piece] == after[piece] ? 0 : 1;
                closer[kind] += before[piece] > after[piece] ? 1 : 0;
            }
        }
        assertThat(moved)
                .as("chasers, fleeing, immovable: %s", Arrays.toString(moved))
                .satisfies(m -> assertThat(m[0]).isEqualTo(300))
                .satisfies(m -> assertThat(m[2]).isZero());
        assertThat(closer[0]).isEqualTo(300);
        assertThat(closer[1]).isZero();
    }

    private static int[] distances(Board board) {
        return new int[] {distance(board, 1), distance(board, 2), distance(board, 3)};
    }

    private static int distance(Board board, int piece) {
        return Math.abs(board.x(piece) - board.x(0)) + Math.abs(board.y(piece) - board.y(0));
    }
}
