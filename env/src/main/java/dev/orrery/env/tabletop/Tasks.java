package dev.orrery.env.tabletop;

import dev.orrery.env.Dice;
import java.util.List;

/// Draws tasks of a family.
final class Tasks {

    private Tasks() {}

    /// A task that demonstrations may contain.
    static Task training(Family family, Dice dice) {
        while (true) {
            var task =
                    family == Family.SEQ2
                            ? sequence(HeldOut.sequences(false), dice)
                            : draw(family, dice);
            if (HeldOut.allowed(task)) {
                return task;
            }
        }
    }

    /// Any task of a family but the sequences.
    static Task draw(Family family, Dice dice) {
        var a = Kind.ALL.get(dice.nextInt(16));
        var b = other(dice, a, a);
        var direction = Direction.values()[dice.nextInt(4)];
        var colour = Colour.values()[dice.nextInt(4)];
        return switch (family) {
            case REACH -> new Task.Reach(a);
            case BUTTON -> new Task.Press();
            case PUSH_DIR -> new Task.PushDir(a, direction);
            case PUSH_ZONE -> new Task.PushZone(a, colour);
            case PUSH_TO -> new Task.PushTo(a, b);
            case PICK -> new Task.Pick(a);
            case PUT_ZONE -> new Task.PutZone(a, colour);
            case PUT_TRAY -> new Task.PutTray(a);
            case STACK -> new Task.Stack(a, b);
            case BESIDE -> new Task.Beside(a, direction, b);
            case TAKE_OUT -> new Task.TakeOut(a);
            case UNSTACK -> new Task.Unstack(a, b);
            case SEQ2 -> sequence(HeldOut.sequences(false), dice);
            case SORT -> new Task.Sort(colour);
            case SWAP -> new Task.Swap(a, b);
            case TOWER3 -> new Task.Tower(a, b, other(dice, a, b));
            case CLEAR -> new Task.Clear(colour);
            case ALIGN -> new Task.Align(a, direction);
            case SYMBOL ->
                    new Task.OnSymbol(a, Glyph.values()[dice.nextInt(Glyph.values().length)]);
            case AROUND -> new Task.PushAround(a, b, colour);
        };
    }

    /// A sequence of one of these pairs of families whose parts share no block.
    static Task sequence(List<List<Family>> pairs, Dice dice) {
        while (true) {
            var pair = pairs.get(dice.nextInt(pairs.size()));
            var first = training(pair.getFirst(), dice);
            var second = training(pair.getLast(), dice);
            if (first.blocks().stream().noneMatch(second.blocks()::contains)) {
                return new Task.Then(first, second);
            }
        }
    }

    private static Kind other(Dice dice, Kind a, Kind b) {
        while (true) {
            var kind = Kind.ALL.get(dice.nextInt(16));
            if (!kind.equals(a) && !kind.equals(b)) {
                return kind;
            }
        }
    }
}
