package dev.orrery.env.messenger;

import static dev.orrery.env.messenger.Entity.*;

import java.util.ArrayList;
import java.util.List;

/// Which character has which role.
///
/// @param enemy touching it ends the game
/// @param message what has to be fetched first
/// @param goal where it has to be brought
public record Game(Entity enemy, Entity message, Entity goal) {

    public Game {
        if (enemy == message || message == goal || enemy == goal) {
            throw new IllegalArgumentException(
                    "a game needs three characters, not %s, %s, %s"
                            .formatted(enemy, message, goal));
        }
    }

    /// The character of a role.
    public Entity of(Role role) {
        return switch (role) {
            case ENEMY -> enemy;
            case MESSAGE -> message;
            case GOAL -> goal;
        };
    }

    /// The published 40 training games in which each character occurs with several others.
    public static List<Game> trainingMany() {
        return all(
                List.of(ROBOT, SHIP, QUEEN, THIEF),
                List.of(AIRPLANE, SHIP, SCIENTIST, THIEF),
                List.of(AIRPLANE, SCIENTIST, ROBOT, QUEEN));
    }

    /// The published four training games whose characters occur together only.
    public static List<Game> trainingSingle() {
        return List.of(
                new Game(DOG, FISH, BIRD),
                new Game(FISH, BIRD, DOG),
                new Game(SWORD, BALL, MAGE),
                new Game(BALL, MAGE, SWORD));
    }

    /// The published 32 validation games.
    public static List<Game> validation() {
        return unseen(true);
    }

    /// The published 32 test games.
    public static List<Game> test() {
        return unseen(false);
    }

    /// The 64 games of twelve characters in roles that they do not have in training fall into two
    /// halves: a goal of the pair thief and ball goes with robot and dog, or with queen and sword,
    /// depending on the enemy.
    private static List<Game> unseen(boolean validation) {
        var enemies = List.of(AIRPLANE, SCIENTIST, BIRD, MAGE);
        return all(enemies, List.of(ROBOT, QUEEN, DOG, SWORD), List.of(THIEF, BALL, SHIP, FISH))
                .stream()
                .filter(game -> {
                    boolean first = enemies.indexOf(game.enemy) < 2;
                    boolean robotOrDog = game.message == ROBOT || game.message == DOG;
                    boolean thiefOrBall = game.goal == THIEF || game.goal == BALL;
                    return (first == (robotOrDog == thiefOrBall)) == validation;
                })
                .toList();
    }

    /// Every game of these characters.
    static List<Game> all(List<Entity> enemies, List<Entity> messages, List<Entity> goals) {
        var games = new ArrayList<Game>();
        for (var enemy : enemies) {
            for (var message : messages) {
                for (var goal : goals) {
                    if (enemy != message && message != goal && enemy != goal) {
                        games.add(new Game(enemy, message, goal));
                    }
                }
            }
        }
        return List.copyOf(games);
    }
}
