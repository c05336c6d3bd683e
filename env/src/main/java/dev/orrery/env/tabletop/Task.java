package dev.orrery.env.tabletop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What an episode asks for, apart from its wording. Success is decided by [Goal].
public sealed interface Task {

    /// Bring the gripper to a block.
    record Reach(Kind block) implements Task {}

    /// Press the button.
    record Press() implements Task {}

    /// Push a block in a direction.
    record PushDir(Kind block, Direction direction) implements Task {}

    /// Push a block into a zone.
    record PushZone(Kind block, Colour zone) implements Task {}

    /// Push a block to another.
    record PushTo(Kind block, Kind reference) implements Task {}

    /// Lift a block.
    record Pick(Kind block) implements Task {}

    /// Put a block on a zone.
    record PutZone(Kind block, Colour zone) implements Task {}

    /// Put a block in the tray.
    record PutTray(Kind block) implements Task {}

    /// Put a block on another.
    record Stack(Kind block, Kind reference) implements Task {}

    /// Put a block next to another.
    record Beside(Kind block, Direction side, Kind reference) implements Task {}

    /// Take a block out of the tray.
    record TakeOut(Kind block) implements Task {}

    /// Take a block off another.
    record Unstack(Kind block, Kind reference) implements Task {}

    /// Do one thing, then another.
    record Then(Task first, Task second) implements Task {
        public Then {
            if (first instanceof Then || second instanceof Then) {
                throw new IllegalArgumentException(
                        "a sequence has two plain parts, not a sequence");
            }
        }
    }

    /// Put all blocks of a colour in the tray.
    record Sort(Colour colour) implements Task {}

    /// Exchange two blocks that stand on the two zones.
    record Swap(Kind one, Kind other) implements Task {}

    /// Build a tower of three.
    record Tower(Kind top, Kind middle, Kind bottom) implements Task {}

    /// Empty a zone.
    record Clear(Colour zone) implements Task {}

    /// Turn a block so that its notch points somewhere (seven degrees of freedom).
    record Align(Kind block, Direction direction) implements Task {}

    /// Put a block on the pad that shows a sign.
    record OnSymbol(Kind block, Glyph glyph) implements Task {}

    /// Push a block into a zone without moving the one that stands in the way.
    record PushAround(Kind block, Kind obstacle, Colour zone) implements Task {}

    /// The family that the task belongs to.
    default Family family() {
        return switch (this) {
            case Reach _ -> Family.REACH;
            case Press _ -> Family.BUTTON;
            case PushDir _ -> Family.PUSH_DIR;
            case PushZone _ -> Family.PUSH_ZONE;
            case PushTo _ -> Family.PUSH_TO;
            case Pick _ -> Family.PICK;
            case PutZone _ -> Family.PUT_ZONE;
            case PutTray _ -> Family.PUT_TRAY;
            case Stack _ -> Family.STACK;
            case Beside _ -> Family.BESIDE;
            case TakeOut _ -> Family.TAKE_OUT;
            case Unstack _ -> Family.UNSTACK;
            case Then _ -> Family.SEQ2;
            case Sort _ -> Family.SORT;
            case Swap _ -> Family.SWAP;
            case Tower _ -> Family.TOWER3;
            case Clear _ -> Family.CLEAR;
            case Align _ -> Family.ALIGN;
            case OnSymbol _ -> Family.SYMBOL;
            case PushAround _ -> Family.AROUND;
        };
    }

    /// The blocks that the task names: the one to act on first, then references.
    default List<Kind> blocks() {
        return switch (this) {
            case Press _, Sort _, Clear _ -> List.of();
            case Reach(var a) -> List.of(a);
            case PushDir(var a, _) -> List.of(a);
            case PushZone(var a, _) -> List.of(a);
            case Pick(var a) -> List.of(a);
            case PutZone(var a, _) -> List.of(a);
            case PutTray(var a) -> List.of(a);
            case TakeOut(var a) -> List.of(a);
            case Align(var a, _) -> List.of(a);
            case OnSymbol(var a, _) -> List.of(a);
            case PushTo(var a, var b) -> List.of(a, b);
            case PushAround(var a, var b, _) -> List.of(a, b);
            case Stack(var a, var b) -> List.of(a, b);
            case Beside(var a, _, var b) -> List.of(a, b);
            case Unstack(var a, var b) -> List.of(a, b);
            case Swap(var a, var b) -> List.of(a, b);
            case Tower(var a, var b, var c) -> List.of(a, b, c);
            case Then(var first, var second) -> {
                var all = new ArrayList<>(first.blocks());
                second.blocks().stream().filter(k -> !all.contains(k)).forEach(all::add);
                yield List.copyOf(all);
            }
        };
    }

    /// The name in files, as in `beside red-star left blue-cube`.
    default String code() {
        return switch (this) {
            case Press _ -> "button";
            case Reach(var a) -> "reach " + a;
            case PushDir(var a, var d) -> "push-dir " + a + " " + d.word();
            case PushZone(var a, var c) -> "push-zone " + a + " " + c.word();
            case PushTo(var a, var b) -> "push-to " + a + " " + b;
            case Pick(var a) -> "pick " + a;
            case PutZone(var a, var c) -> "put-zone " + a + " " + c.word();
            case PutTray(var a) -> "put-tray " + a;
            case Stack(var a, var b) -> "stack " + a + " " + b;
            case Beside(var a, var d, var b) -> "beside " + a + " " + d.word() + " " + b;
            case TakeOut(var a) -> "take-out " + a;
            case Unstack(var a, var b) -> "unstack " + a + " " + b;
            case Then(var first, var second) -> first.code() + " then " + second.code();
            case Sort(var c) -> "sort " + c.word();
            case Swap(var a, var b) -> "swap " + a + " " + b;
            case Tower(var a, var b, var c) -> "tower3 " + a + " " + b + " " + c;
            case Clear(var c) -> "clear " + c.word();
            case Align(var a, var d) -> "align " + a + " " + d.word();
            case OnSymbol(var a, var g) -> "symbol " + a + " " + g.word();
            case PushAround(var a, var b, var c) -> "around " + a + " " + b + " " + c.word();
        };
    }

    /// Reads what [#code] writes.
    ///
    /// @throws IllegalArgumentException if it is not the code of a task
    static Task parse(String code) {
        int then = code.indexOf(" then ");
        if (then >= 0) {
            return new Then(parse(code.substring(0, then)), parse(code.substring(then + 6)));
        }
        var words = List.of(code.split(" "));
        var family = Family.parse(words.getFirst());
        var rest = words.subList(1, words.size());
        try {
            return switch (family) {
                case BUTTON -> new Press();
                case REACH -> new Reach(Kind.parse(rest.get(0)));
                case PUSH_DIR -> new PushDir(Kind.parse(rest.get(0)), direction(rest.get(1)));
                case PUSH_ZONE -> new PushZone(Kind.parse(rest.get(0)), colour(rest.get(1)));
                case PUSH_TO -> new PushTo(Kind.parse(rest.get(0)), Kind.parse(rest.get(1)));
                case PICK -> new Pick(Kind.parse(rest.get(0)));
                case PUT_ZONE -> new PutZone(Kind.parse(rest.get(0)), colour(rest.get(1)));
                case PUT_TRAY -> new PutTray(Kind.parse(rest.get(0)));
                case STACK -> new Stack(Kind.parse(rest.get(0)), Kind.parse(rest.get(1)));
                case BESIDE ->
                        new Beside(
                                Kind.parse(rest.get(0)),
                                direction(rest.get(1)),
                                Kind.parse(rest.get(2)));
                case TAKE_OUT -> new TakeOut(Kind.parse(rest.get(0)));
                case UNSTACK -> new Unstack(Kind.parse(rest.get(0)), Kind.parse(rest.get(1)));
                case SEQ2 -> throw new IllegalArgumentException("a sequence is 'A then B'");
                case SORT -> new Sort(colour(rest.get(0)));
                case SWAP -> new Swap(Kind.parse(rest.get(0)), Kind.parse(rest.get(1)));
                case TOWER3 ->
                        new Tower(
                                Kind.parse(rest.get(0)),
                                Kind.parse(rest.get(1)),
                                Kind.parse(rest.get(2)));
                case CLEAR -> new Clear(colour(rest.get(0)));
                case ALIGN -> new Align(Kind.parse(rest.get(0)), direction(rest.get(1)));
                case SYMBOL -> new OnSymbol(Kind.parse(rest.get(0)), Glyph.parse(rest.get(1)));
                case AROUND ->
                        new PushAround(
                                Kind.parse(rest.get(0)),
                                Kind.parse(rest.get(1)),
                                colour(rest.get(2)));
            };
        } catch (IndexOutOfBoundsException _) {
            throw new IllegalArgumentException(
                    "task '%s' names too few things; see Task.code()".formatted(code));
        }
    }

    private static Direction direction(String word) {
        return one(Direction.values(), word, "direction");
    }

    private static Colour colour(String word) {
        return one(Colour.values(), word, "colour");
    }

    private static <E extends Enum<E>> E one(E[] values, String word, String what) {
        return Arrays.stream(values)
                .filter(v -> v.name().toLowerCase(Locale.ROOT).equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "%s '%s' is not one of %s".formatted(what, word, List.of(values))));
    }
}
