package dev.orrery.env.messenger;

import dev.orrery.env.Dice;
import dev.orrery.env.Snapshot;

/// Where the avatar and the characters are and what happens when they meet.
///
/// Places are in half cells, 0 to 18; everything is two half cells wide, so a character half-way
/// between two cells is in both. Characters move half a cell a step, then the avatar a whole one.
public final class Board {

    static final int AVATAR = 0, ENEMY = 1, MESSAGE = 2, GOAL = 3;
    static final int DECOY_MESSAGE = 4, DECOY_GOAL = 5, PIECES = 6;
    private static final int LAST = 18, CELL = 2;
    private static final int[][] FIRST = {{5, 3}, {3, 5}, {7, 5}, {5, 7}};
    private static final int[][] CORNERS = {{2, 2}, {7, 2}, {2, 7}, {7, 7}};
    private static final int[][] RING = {{2, 1}, {8, 1}, {5, 4}, {1, 6}, {9, 6}, {5, 9}};
    private static final int[][] WAYS = {{0, -1}, {-1, 0}, {0, 1}, {1, 0}};

    private final int[] x = new int[PIECES], y = new int[PIECES];
    private final boolean[] present = new boolean[PIECES];

    /// How each piece moves; that of the avatar means nothing.
    private final int[] movement = new int[PIECES];

    private boolean hasMessage, over;

    Board() {}

    // Starts.

    void first(Dice dice, double messageAtStart) {
        clear();
        int[] order = order(dice, FIRST.length);
        place(AVATAR, new int[] {5, 5});
        for (int piece = ENEMY; piece <= GOAL; piece++) {
            place(piece, FIRST[order[piece]]);
            movement[piece] = Movement.IMMOVABLE.ordinal();
        }
        hasMessage = dice.chance(messageAtStart);
    }

    void second(Dice dice, boolean anyMovements) {
        clear();
        int[] order = order(dice, CORNERS.length);
        for (int piece = AVATAR; piece <= GOAL; piece++) {
            place(piece, CORNERS[order[piece]]);
        }
        int[] ways = order(dice, 3);
        for (int piece = ENEMY; piece <= GOAL; piece++) {
            movement[piece] = anyMovements ? dice.nextInt(3) : ways[piece - 1];
        }
    }

    void third(Dice dice) {
        clear();
        int[] order = order(dice, RING.length);
        for (int piece = AVATAR; piece < PIECES; piece++) {
            place(piece, RING[order[piece]]);
        }
        int[] ways = order(dice, 3);
        for (int piece = ENEMY; piece <= GOAL; piece++) {
            movement[piece] = ways[piece - 1];
        }
        decoys(dice.nextInt(3));
    }

    /// A decoy moves unlike its twin and unlike the other decoy, which leaves three ways: each like
    /// the other's twin, or one of them like the enemy.
    private void decoys(int variant) {
        int enemy = movement[ENEMY], message = movement[MESSAGE], goal = movement[GOAL];
        movement[DECOY_MESSAGE] = variant == 0 ? enemy : goal;
        movement[DECOY_GOAL] = variant == 2 ? enemy : message;
    }

    private void clear() {
        java.util.Arrays.fill(present, false);
        hasMessage = false;
        over = false;
    }

    private void place(int piece, int[] cell) {
        x[piece] = CELL * cell[0];
        y[piece] = CELL * cell[1];
        present[piece] = true;
    }

    private static int[] order(Dice dice, int n) {
        var order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = dice.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    // Stage 1: nobody else moves, and touching anyone ends the game.

    double walk(MessengerAction action) {
        moveAvatar(action);
        for (int piece = ENEMY; piece <= GOAL; piece++) {
            if (x[piece] == x[AVATAR] && y[piece] == y[AVATAR]) {
                over = true;
                return piece == (hasMessage ? GOAL : MESSAGE) ? 1 : -1;
            }
        }
        return 0;
    }

    // Stages 2 and 3.

    double tick(MessengerAction action, Dice dice) {
        for (int piece = ENEMY; piece < PIECES; piece++) {
            if (present[piece] && movement[piece] != Movement.IMMOVABLE.ordinal()) {
                moveCharacter(piece, dice);
            }
        }
        moveAvatar(action);
        return meet();
    }

    private void moveAvatar(MessengerAction action) {
        int toX = x[AVATAR] + CELL * action.dx, toY = y[AVATAR] + CELL * action.dy;
        if (toX >= 0 && toY >= 0 && toX <= LAST && toY <= LAST) {
            x[AVATAR] = toX;
            y[AVATAR] = toY;
        }
    }

    /// Half a cell in one of the directions that lead to the avatar, or away from it; in any if
    /// there is none. A move off the grid is lost.
    private void moveCharacter(int piece, Dice dice) {
        boolean flees = movement[piece] == Movement.FLEEING.ordinal();
        int dx = x[AVATAR] - x[piece], dy = y[AVATAR] - y[piece];
        int options = 0, packed = 0;
        for (int way = 0; way < 4; way++) {
            int along = WAYS[way][0] != 0 ? WAYS[way][0] * dx : WAYS[way][1] * dy;
            if (flees ? along <= 0 : along > 0) {
                packed |= way << 2 * options++;
            }
        }
        int way = options == 0 ? dice.nextInt(4) : packed >> 2 * dice.nextInt(options) & 3;
        int toX = x[piece] + WAYS[way][0], toY = y[piece] + WAYS[way][1];
        if (toX >= 0 && toY >= 0 && toX <= LAST && toY <= LAST) {
            x[piece] = toX;
            y[piece] = toY;
        }
    }

    /// What meetings bring, in the published order; points add up where the published engine adds
    /// them, so that walking into two deadly characters at once costs two points.
    private double meet() {
        double reward = 0;
        boolean dead = false;
        for (int piece : new int[] {ENEMY, DECOY_MESSAGE, DECOY_GOAL}) {
            if (touches(piece)) {
                reward -= 1;
                dead = true;
            }
        }
        boolean message = touches(MESSAGE);
        if (!hasMessage && !dead) {
            if (touches(GOAL)) {
                reward -= 1;
                dead = true;
            }
            if (message) {
                reward += 0.5;
                hasMessage = !dead;
            }
        } else if (hasMessage && !dead && touches(GOAL)) {
            reward += 1;
            present[GOAL] = false;
            over = true;
        }
        if (message) {
            present[MESSAGE] = false;
        }
        if (dead) {
            present[AVATAR] = false;
            over = true;
        }
        return reward;
    }

    private boolean touches(int piece) {
        return present[piece]
                && Math.abs(x[piece] - x[AVATAR]) < CELL
                && Math.abs(y[piece] - y[AVATAR]) < CELL;
    }

    // Questions.

    boolean over() {
        return over;
    }

    /// Whether the avatar has the message.
    public boolean hasMessage() {
        return hasMessage;
    }

    boolean present(int piece) {
        return present[piece];
    }

    int column(int piece) {
        return x[piece] / CELL;
    }

    int row(int piece) {
        return y[piece] / CELL;
    }

    /// Half cells.
    int x(int piece) {
        return x[piece];
    }

    /// Half cells.
    int y(int piece) {
        return y[piece];
    }

    boolean moves(int piece) {
        return movement[piece] != Movement.IMMOVABLE.ordinal();
    }

    Movement movement(Role role) {
        return Movement.values()[movement[role.ordinal() + 1]];
    }

    Movement decoyMessageMovement() {
        return Movement.values()[movement[DECOY_MESSAGE]];
    }

    Movement decoyGoalMovement() {
        return Movement.values()[movement[DECOY_GOAL]];
    }

    void write(Snapshot snapshot) {
        for (int piece = 0; piece < PIECES; piece++) {
            snapshot.put(x[piece]).put(y[piece]).put(present[piece]).put(movement[piece]);
        }
        snapshot.put(hasMessage).put(over);
    }

    void read(Snapshot snapshot) {
        for (int piece = 0; piece < PIECES; piece++) {
            x[piece] = snapshot.takeInt();
            y[piece] = snapshot.takeInt();
            present[piece] = snapshot.takeBoolean();
            movement[piece] = snapshot.takeInt();
        }
        hasMessage = snapshot.takeBoolean();
        over = snapshot.takeBoolean();
    }
}
