package dev.orrery.env.messenger;

import java.util.List;
import java.util.stream.Stream;

/// The constants of [Messenger].
///
/// @param stage 1, 2 or 3
/// @param games which characters have which roles
/// @param script the sentences of manuals
/// @param newMovements whether stage 2 takes any movements instead of three different ones
/// @param maxSteps the step after which an episode is cut off, reading not counted, with reward -1
/// @param messageAtStart probability that the avatar of stage 1 has the message
/// @param untold probability that a sentence of stage 2 does not tell the movement
/// @param window which cells are observed
public record MessengerConfig(
        int stage,
        Games games,
        Script script,
        boolean newMovements,
        int maxSteps,
        double messageAtStart,
        double untold,
        Window window) {

    /// Games in two lists.
    ///
    /// @param first one list
    /// @param second another, possibly empty
    /// @param firstProbability how often a game is drawn from the first list
    public record Games(List<Game> first, List<Game> second, double firstProbability) {

        public Games {
            first = List.copyOf(first);
            second = List.copyOf(second);
            boolean probable = firstProbability >= 0 && firstProbability <= 1;
            if (first.isEmpty() || second.isEmpty() && firstProbability < 1 || !probable) {
                throw new IllegalArgumentException(
                        "messenger: %d and %d games with probability %s of the first; an empty list cannot be drawn from"
                                .formatted(first.size(), second.size(), firstProbability));
            }
        }

        /// One list of games.
        public static Games of(List<Game> games) {
            return new Games(games, List.of(), 1);
        }
    }

    /// A rectangle of the 10 x 10 cells; cells outside the grid are empty.
    ///
    /// @param x first column
    /// @param y first row
    /// @param width columns
    /// @param height rows
    public record Window(int x, int y, int width, int height) {

        /// The whole grid; the grid padded to 16 x 16; the 5 x 5 cells around the middle.
        public static final Window GRID = new Window(0, 0, 10, 10),
                PADDED = new Window(0, 0, 16, 16),
                CENTRE = new Window(3, 3, 5, 5);

        public Window {
            if (width < 1 || height < 1) {
                throw new IllegalArgumentException(
                        "messenger: a window of %d x %d cells".formatted(width, height));
            }
        }
    }

    public MessengerConfig {
        if (stage < 1 || stage > 3) {
            throw new IllegalArgumentException(
                    "messenger: stage %d; choose 1 to 3".formatted(stage));
        }
        if (maxSteps < 1) {
            throw new IllegalArgumentException(
                    "messenger: maxSteps %d; choose 1 or more".formatted(maxSteps));
        }
        if (!(messageAtStart >= 0 && messageAtStart <= 1 && untold >= 0 && untold <= 1)) {
            throw new IllegalArgumentException(
                    "messenger: messageAtStart %s and untold %s are not both probabilities"
                            .formatted(messageAtStart, untold));
        }
    }

    /// The training environment of a stage: 40 and four games, drawn with probability 0.75 and
    /// 0.25.
    public static MessengerConfig training(int stage) {
        return of(
                stage,
                new Games(Game.trainingMany(), Game.trainingSingle(), 0.75),
                Script.Part.TRAINING,
                false);
    }

    private static MessengerConfig of(
            int stage, Games games, Script.Part part, boolean newMovements) {
        int limit = stage == 1 ? 4 : stage == 2 ? 64 : 128;
        return new MessengerConfig(
                stage, games, Script.templates(part), newMovements, limit, 0.2, 0.15, Window.GRID);
    }

    /// Stage 1 in the small: four characters in all 24 games, one plain sentence a role, 5 x 5
    /// cells, and the avatar never starts with the message.
    public static MessengerConfig mini() {
        var few = List.of(Entity.AIRPLANE, Entity.DOG, Entity.FISH, Entity.ROBOT);
        return new MessengerConfig(
                1,
                Games.of(Game.all(few, few, few)),
                Script.plain(),
                false,
                4,
                0,
                0,
                Window.CENTRE);
    }

    /// The environment of a published name: `msgr-train-v2`, also `train-sc`, `train-mc`, `val`,
    /// `test` and, for stage 2, `test-se`; versions 1 to 3 are the stages.
    ///
    /// @throws IllegalArgumentException if there is none of this name
    public static MessengerConfig named(String id) {
        for (int stage = 1; stage <= 3; stage++) {
            for (var split : splits(stage)) {
                if (id.equals("msgr-%s-v%d".formatted(split, stage))) {
                    return split(split, stage);
                }
            }
        }
        throw new IllegalArgumentException(
                "messenger has no environment '%s'; choose one of %s".formatted(id, names()));
    }

    /// The published names.
    public static List<String> names() {
        return Stream.of(1, 2, 3)
                .flatMap(
                        stage -> splits(stage).stream().map(s -> "msgr-%s-v%d".formatted(s, stage)))
                .toList();
    }

    private static List<String> splits(int stage) {
        var splits = List.of("train", "train-sc", "train-mc", "val", "test");
        return stage == 2 ? Stream.concat(splits.stream(), Stream.of("test-se")).toList() : splits;
    }

    private static MessengerConfig split(String split, int stage) {
        return switch (split) {
            case "train" -> training(stage);
            case "train-sc" ->
                    of(stage, Games.of(Game.trainingSingle()), Script.Part.TRAINING, false);
            case "train-mc" ->
                    of(stage, Games.of(Game.trainingMany()), Script.Part.TRAINING, false);
            case "val" -> of(stage, Games.of(Game.validation()), Script.Part.VALIDATION, false);
            case "test" -> of(stage, Games.of(Game.test()), Script.Part.TEST, stage == 2);
            default -> of(stage, Games.of(Game.test()), Script.Part.TEST, false);
        };
    }

    /// The same with other sentences.
    public MessengerConfig reading(Script other) {
        return new MessengerConfig(
                stage, games, other, newMovements, maxSteps, messageAtStart, untold, window);
    }

    /// The same with other games.
    public MessengerConfig playing(Games other) {
        return new MessengerConfig(
                stage, other, script, newMovements, maxSteps, messageAtStart, untold, window);
    }

    /// The same seen through another window.
    public MessengerConfig seenThrough(Window other) {
        return new MessengerConfig(
                stage, games, script, newMovements, maxSteps, messageAtStart, untold, other);
    }

    /// The same with another time limit.
    public MessengerConfig lasting(int steps) {
        return new MessengerConfig(
                stage, games, script, newMovements, steps, messageAtStart, untold, window);
    }
}
