package dev.orrery.env.messenger;

import dev.orrery.env.Demonstrator;
import java.util.Arrays;

/// Plays Messenger knowing who is who: the shortest way to the message, then to the goal, around
/// everything that is deadly now.
///
/// @param careful whether it also stays clear of where deadly characters may move in this step; if
///   not, it is greedy and sometimes runs into them
public record Oracle(boolean careful) implements Demonstrator<Messenger, MessengerAction> {

    private static final MessengerAction[] MOVES = {
        MessengerAction.UP, MessengerAction.DOWN, MessengerAction.LEFT, MessengerAction.RIGHT
    };
    private static final int SIDE = 10, FAR = 1000;

    @Override
    public MessengerAction act(Messenger env) {
        return act(env.board(), false, false);
    }

    /// The same with a decoy taken for its twin.
    MessengerAction act(Board board, boolean otherMessage, boolean otherGoal) {
        int message = otherMessage ? Board.DECOY_MESSAGE : Board.MESSAGE;
        int goal = otherGoal ? Board.DECOY_GOAL : Board.GOAL;
        int wanted = board.hasMessage() ? goal : message;
        var way = distances(board, wanted);
        var best = MessengerAction.STAY;
        double least = Double.POSITIVE_INFINITY;
        for (var action : MessengerAction.values()) {
            int x = board.column(Board.AVATAR) + action.dx, y = board.row(Board.AVATAR) + action.dy;
            if (x < 0 || y < 0 || x >= SIDE || y >= SIDE) {
                continue;
            }
            double cost = way[y * SIDE + x] + danger(board, wanted, x, y);
            if (cost < least) {
                least = cost;
                best = action;
            }
        }
        return best;
    }

    /// Steps from each cell to the wanted character, around what is deadly now.
    private static int[] distances(Board board, int wanted) {
        var steps = new int[SIDE * SIDE];
        Arrays.fill(steps, FAR);
        var queue = new int[SIDE * SIDE];
        int head = 0, tail = 0;
        for (int cell = 0; cell < steps.length; cell++) {
            if (touches(board, wanted, cell % SIDE, cell / SIDE, 0)
                    && !deadly(board, wanted, cell % SIDE, cell / SIDE)) {
                steps[cell] = 0;
                queue[tail++] = cell;
            }
        }
        while (head < tail) {
            int cell = queue[head++];
            for (var move : MOVES) {
                int x = cell % SIDE + move.dx, y = cell / SIDE + move.dy;
                if (x >= 0
                        && y >= 0
                        && x < SIDE
                        && y < SIDE
                        && steps[y * SIDE + x] == FAR
                        && !deadly(board, wanted, x, y)) {
                    steps[y * SIDE + x] = steps[cell] + 1;
                    queue[tail++] = y * SIDE + x;
                }
            }
        }
        return steps;
    }

    private static boolean deadly(Board board, int wanted, int x, int y) {
        for (int piece = Board.ENEMY; piece < Board.PIECES; piece++) {
            boolean harmless = piece == Board.MESSAGE || piece == Board.GOAL && board.hasMessage();
            if (!harmless && piece != wanted && touches(board, piece, x, y, 0)) {
                return true;
            }
        }
        return false;
    }

    /// How dangerous a cell is if everything deadly may move half a cell first.
    private double danger(Board board, int wanted, int x, int y) {
        double danger = 0;
        for (int piece = Board.ENEMY; piece < Board.PIECES; piece++) {
            boolean harmless = piece == Board.MESSAGE || piece == Board.GOAL && board.hasMessage();
            if (harmless || piece == wanted) {
                continue;
            }
            boolean moves = careful && board.moves(piece);
            if (touches(board, piece, x, y, 0)) {
                danger += 4 * FAR;
            } else if (moves && touches(board, piece, x, y, 1)) {
                danger += 2 * FAR;
            } else if (moves && touches(board, piece, x, y, 2)) {
                danger += 0.5;
            }
        }
        return danger;
    }

    /// Whether a character would touch the avatar on a cell, or could after moving `margin` half
    /// cells.
    private static boolean touches(Board board, int piece, int x, int y, int margin) {
        int dx = Math.abs(board.x(piece) - 2 * x), dy = Math.abs(board.y(piece) - 2 * y);
        int apart = Math.max(0, dx - 1) + Math.max(0, dy - 1);
        return board.present(piece) && apart <= margin;
    }
}
