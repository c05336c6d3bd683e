package dev.orrery.env.tabletop;

import java.util.List;

/// The wordings of every task.
///
/// Templates hold slots: `{o}` the block to act on, `{p}` and `{q}` references, `{c}` a colour,
/// `{d}` a direction, `{r}` a side, `{g}` a sign.
public final class Grammar {

    /// Which wordings: those of demonstrations, or those kept for testing.
    public enum Wording {
        TRAINING,
        HELD_OUT
    }

    private record Templates(List<String> training, List<String> heldOut) {
        List<String> of(Wording wording) {
            return wording == Wording.TRAINING ? training : heldOut;
        }
    }

    private Grammar() {}

    /// Every wording of a task, in a fixed order.
    public static List<String> phrases(Task task, Wording wording) {
        if (task instanceof Task.Then(var first, var second)) {
            return phrases(first, wording).stream()
                    .flatMap(a ->
                            phrases(second, wording).stream()
                                    .map(b ->
                                            wording == Wording.TRAINING
                                                    ? a + ", then " + b
                                                    : "first " + a + " and then " + b))
                    .toList();
        }
        return templates(task.family()).of(wording).stream().map(t -> write(t, task)).toList();
    }

    private static String write(String template, Task task) {
        var blocks = task.blocks();
        var text = template;
        var slots = List.of("{o}", "{p}", "{q}");
        for (int i = 0; i < blocks.size(); i++) {
            text = text.replace(slots.get(i), blocks.get(i).words());
        }
        return switch (task) {
            case Task.PushZone(_, var c) -> text.replace("{c}", c.word());
            case Task.PutZone(_, var c) -> text.replace("{c}", c.word());
            case Task.Sort(var c) -> text.replace("{c}", c.word());
            case Task.Clear(var c) -> text.replace("{c}", c.word());
            case Task.PushDir(_, var d) -> text.replace("{d}", d.word());
            case Task.Align(_, var d) -> text.replace("{d}", d.word());
            case Task.Beside(_, var d, _) -> text.replace("{r}", d.side());
            case Task.OnSymbol(_, var g) -> text.replace("{g}", g.words());
            default -> text;
        };
    }

    private static Templates templates(Family family) {
        return switch (family) {
            case REACH ->
                    new Templates(
                            List.of("move to the {o}", "go to the {o}", "reach the {o}"),
                            List.of("go over to the {o}", "move over to the {o}"));
            case BUTTON ->
                    new Templates(
                            List.of(
                                    "press the button",
                                    "push the button down",
                                    "go and press the button"),
                            List.of(
                                    "move to the button and press it",
                                    "reach the button and push it down"));
            case PUSH_DIR ->
                    new Templates(
                            List.of("push the {o} {d}", "slide the {o} {d}", "shove {o} {d}"),
                            List.of("shove the {o} {d}", "push the {o} over {d}"));
            case PUSH_ZONE ->
                    new Templates(
                            List.of(
                                    "push the {o} to the {c} zone",
                                    "slide the {o} into the {c} zone",
                                    "shove the {o} over to the {c} area"),
                            List.of(
                                    "slide the {o} over to the {c} zone",
                                    "push the {o} into the {c} area"));
            case PUSH_TO ->
                    new Templates(
                            List.of(
                                    "push the {o} to the {p}",
                                    "slide the {o} over to the {p}",
                                    "shove the {o} to the {p}"),
                            List.of("slide the {o} to the {p}", "push the {o} over to the {p}"));
            case PICK ->
                    new Templates(
                            List.of("pick up the {o}", "lift the {o}", "grasp and lift the {o}"),
                            List.of("pick the {o} up", "grasp the {o} and lift it"));
            case PUT_ZONE ->
                    new Templates(
                            List.of(
                                    "put the {o} on the {c} zone",
                                    "place the {o} in the {c} zone",
                                    "set the {o} down on the {c} area"),
                            List.of(
                                    "place the {o} on the {c} area",
                                    "pick up the {o} and put it on the {c} zone"));
            case PUT_TRAY ->
                    new Templates(
                            List.of(
                                    "put the {o} in the tray",
                                    "place the {o} into the tray",
                                    "drop the {o} in the tray"),
                            List.of(
                                    "set the {o} down in the tray",
                                    "pick up the {o} and put it into the tray"));
            case STACK ->
                    new Templates(
                            List.of(
                                    "stack the {o} on the {p}",
                                    "put the {o} on the {p}",
                                    "place the {o} on top of the {p}"),
                            List.of(
                                    "set the {o} on top of the {p}",
                                    "pick up the {o} and stack it on the {p}"));
            case BESIDE ->
                    new Templates(
                            List.of(
                                    "put the {o} {r} the {p}",
                                    "place the {o} {r} the {p}",
                                    "set the {o} down {r} the {p}"),
                            List.of(
                                    "move the {o} {r} the {p}",
                                    "pick up the {o} and put it {r} the {p}"));
            case TAKE_OUT ->
                    new Templates(
                            List.of(
                                    "take the {o} out of the tray",
                                    "remove the {o} from the tray",
                                    "lift the {o} out of the tray"),
                            List.of("pick the {o} out of the tray", "take the {o} from the tray"));
            case UNSTACK ->
                    new Templates(
                            List.of(
                                    "take the {o} off the {p}",
                                    "remove the {o} from the {p}",
                                    "lift the {o} off the {p}"),
                            List.of(
                                    "pick the {o} off the {p}",
                                    "take the {o} from the top of the {p}"));
            case SEQ2 -> new Templates(List.of(), List.of());
            case SORT ->
                    new Templates(
                            List.of(
                                    "put all the {c} blocks in the tray",
                                    "place every {c} block in the tray",
                                    "sort the {c} blocks into the tray"),
                            List.of(
                                    "set all the {c} blocks down in the tray",
                                    "put every {c} block into the tray"));
            case SWAP ->
                    new Templates(
                            List.of(
                                    "swap the {o} and the {p}",
                                    "exchange the {o} and the {p}",
                                    "swap the places of the {o} and the {p}"),
                            List.of(
                                    "exchange the places of the {o} and the {p}",
                                    "move the {o} and the {p} to swap places"));
            case TOWER3 ->
                    new Templates(
                            List.of(
                                    "stack the {o} on the {p} on the {q}",
                                    "build a tower of the {o} on the {p} on the {q}",
                                    "put the {o} on top of the {p} on top of the {q}"),
                            List.of(
                                    "build a tower with the {o} on the {p} on the {q}",
                                    "place the {o} on the {p} on the {q}"));
            case CLEAR ->
                    new Templates(
                            List.of(
                                    "empty the {c} zone",
                                    "clear the {c} zone",
                                    "take all blocks out of the {c} zone"),
                            List.of("clear the {c} area", "remove all blocks from the {c} zone"));
            case ALIGN ->
                    new Templates(
                            List.of(
                                    "turn the {o} to point {d}",
                                    "turn the {o} {d}",
                                    "make the {o} point {d}"),
                            List.of("rotate the {o} to point {d}", "rotate the {o} {d}"));
            case SYMBOL ->
                    new Templates(
                            List.of(
                                    "put the {o} on the {g}",
                                    "place the {o} on the {g}",
                                    "move the {o} to the {g}"),
                            List.of(
                                    "set the {o} down on the {g}",
                                    "pick up the {o} and put it on the {g}"));
        };
    }
}
