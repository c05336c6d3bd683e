package dev.orrery.env.messenger;

import dev.orrery.env.Dice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Draws the sentences of a manual.
///
/// @param config which stage and script
/// @param dice moves on with each draw
record ManualWriter(MessengerConfig config, Dice dice) {

    /// A manual for this game on this board, in random order.
    List<Script.Sentence> write(Game game, Board board) {
        var lines = new ArrayList<Script.Sentence>();
        for (var role : Role.values()) {
            lines.add(
                    switch (config.stage()) {
                        case 1 -> still(game.of(role), role);
                        case 2 ->
                                moving(game.of(role), role, board.movement(role), config.untold());
                        default -> moving(game.of(role), role, board.movement(role), 0);
                    });
        }
        if (config.stage() == 3) {
            lines.add(moving(game.message(), Role.ENEMY, board.decoyMessageMovement(), 0));
            lines.add(moving(game.goal(), Role.ENEMY, board.decoyGoalMovement(), 0));
            lines.add(distractor(game.enemy(), board.movement(Role.ENEMY)));
        }
        for (int i = lines.size() - 1; i > 0; i--) {
            Collections.swap(lines, i, dice.nextInt(i + 1));
        }
        return List.copyOf(lines);
    }

    /// In stage 1 nobody moves: a sentence that says so, or one that says nothing about it.
    private Script.Sentence still(Entity entity, Role role) {
        var fixed = config.script().about(entity, role, Optional.of(Movement.IMMOVABLE));
        var plain = config.script().about(entity, role, Optional.empty());
        int k = dice.nextInt(atLeastOne(fixed.size() + plain.size(), entity, role));
        return k < fixed.size() ? fixed.get(k) : plain.get(k - fixed.size());
    }

    private Script.Sentence moving(Entity entity, Role role, Movement movement, double untold) {
        var plain = config.script().about(entity, role, Optional.empty());
        if (dice.chance(untold) && !plain.isEmpty()) {
            return any(plain);
        }
        var lines = config.script().about(entity, role, Optional.of(movement));
        atLeastOne(lines.size(), entity, role);
        return any(lines);
    }

    /// A sentence about the enemy in another role and another movement.
    private Script.Sentence distractor(Entity enemy, Movement true_) {
        var other = Movement.values()[(true_.ordinal() + 1 + dice.nextInt(2)) % 3];
        boolean messageFirst = dice.nextInt(2) == 0;
        var lines = about(enemy, messageFirst ? Role.MESSAGE : Role.GOAL, other);
        if (lines.isEmpty()) {
            lines = about(enemy, messageFirst ? Role.GOAL : Role.MESSAGE, other);
        }
        atLeastOne(lines.size(), enemy, Role.MESSAGE);
        return any(lines);
    }

    private List<Script.Sentence> about(Entity entity, Role role, Movement movement) {
        return config.script().about(entity, role, Optional.of(movement));
    }

    private Script.Sentence any(List<Script.Sentence> lines) {
        return lines.get(dice.nextInt(lines.size()));
    }

    private static int atLeastOne(int lines, Entity entity, Role role) {
        if (lines == 0) {
            throw new IllegalArgumentException(
                    "messenger: the script has no sentence about the %s as %s"
                            .formatted(entity.names().getFirst(), role));
        }
        return lines;
    }
}
