package dev.orrery.env.tabletop;

import java.util.List;

/// The wordings of one family, with slots: `{o}` the block to act on, `{p}` and `{q}` references,
/// `{c}` a colour, `{d}` a direction, `{r}` a side, `{g}` a sign.
///
/// Held-out wordings use only words that training wordings use somewhere, in new combinations.
///
/// @param training at least three, for demonstrations
/// @param heldOut two, for split L1
record Templates(List<String> training, List<String> heldOut) {

    List<String> of(Grammar.Wording wording) {
        return wording == Grammar.Wording.TRAINING ? training : heldOut;
    }

    /// Reads wordings separated by `|`.
    private static Templates of(String training, String heldOut) {
        return new Templates(List.of(training.split("\\|")), List.of(heldOut.split("\\|")));
    }

    static Templates of(Family family) {
        return switch (family) {
            case REACH ->
                    of(
                            "move to the {o}|go to the {o}|reach the {o}",
                            "go over to the {o}|move over to the {o}");
            case BUTTON ->
                    of(
                            "press the button|push the button down|go and press the button",
                            "move to the button and press it|reach the button and push it down");
            case PUSH_DIR ->
                    of(
                            "push the {o} {d}|slide the {o} {d}|shove the {o} over {d}",
                            "shove the {o} {d}|push the {o} over {d}");
            case PUSH_ZONE ->
                    of(
                            "push the {o} to the {c} zone|slide the {o} into the {c} zone"
                                    + "|shove the {o} over to the {c} area",
                            "slide the {o} over to the {c} zone|push the {o} into the {c} area");
            case PUSH_TO ->
                    of(
                            "push the {o} to the {p}|slide the {o} over to the {p}"
                                    + "|shove the {o} to the {p}",
                            "slide the {o} to the {p}|push the {o} over to the {p}");
            case PICK ->
                    of(
                            "pick up the {o}|lift the {o}|grasp the {o} and lift it",
                            "pick the {o} up|grasp and lift the {o}");
            case PUT_ZONE ->
                    of(
                            "put the {o} on the {c} zone|place the {o} in the {c} zone"
                                    + "|set the {o} down on the {c} area",
                            "place the {o} on the {c} area"
                                    + "|pick up the {o} and put it on the {c} zone");
            case PUT_TRAY ->
                    of(
                            "put the {o} in the tray|place the {o} into the tray"
                                    + "|drop the {o} in the tray",
                            "set the {o} down in the tray|pick up the {o} and put it into the tray");
            case STACK ->
                    of(
                            "stack the {o} on the {p}|put the {o} on the {p}"
                                    + "|place the {o} on top of the {p}",
                            "set the {o} on top of the {p}|pick up the {o} and stack it on the {p}");
            case BESIDE ->
                    of(
                            "put the {o} {r} the {p}|place the {o} {r} the {p}"
                                    + "|set the {o} down {r} the {p}",
                            "move the {o} {r} the {p}|pick up the {o} and put it {r} the {p}");
            case TAKE_OUT ->
                    of(
                            "take the {o} out of the tray|remove the {o} from the tray"
                                    + "|lift the {o} out of the tray",
                            "pick the {o} out of the tray|take the {o} from the tray");
            case UNSTACK ->
                    of(
                            "take the {o} off the {p}|remove the {o} from the {p}"
                                    + "|lift the {o} off the {p}",
                            "pick the {o} off the {p}|take the {o} from the top of the {p}");
            case SEQ2 -> of("{a}, then {b}", "{a} and then {b}");
            case SORT ->
                    of(
                            "put all the {c} blocks in the tray|place every {c} block in the tray"
                                    + "|sort the {c} blocks into the tray",
                            "set all the {c} blocks down in the tray"
                                    + "|put every {c} block into the tray");
            case SWAP ->
                    of(
                            "swap the {o} and the {p}|exchange the {o} and the {p}"
                                    + "|swap the places of the {o} and the {p}",
                            "exchange the places of the {o} and the {p}"
                                    + "|make the {o} and the {p} swap places");
            case TOWER3 ->
                    of(
                            "stack the {o} on the {p} on the {q}"
                                    + "|build a tower of the {o} on the {p} on the {q}"
                                    + "|put the {o} on top of the {p} on top of the {q}",
                            "place the {o} on the {p} on the {q}"
                                    + "|make a tower of the {o} on the {p} on the {q}");
            case CLEAR ->
                    of(
                            "empty the {c} zone|clear the {c} zone"
                                    + "|take all blocks out of the {c} zone",
                            "clear the {c} area|remove all blocks from the {c} zone");
            case ALIGN ->
                    of(
                            "turn the {o} to point {d}|turn the {o} {d}|make the {o} point {d}",
                            "point the {o} {d}|make the {o} turn to point {d}");
            case SYMBOL ->
                    of(
                            "put the {o} on the {g}|place the {o} on the {g}|move the {o} to the {g}",
                            "set the {o} down on the {g}|pick up the {o} and put it on the {g}");
            case AROUND ->
                    of(
                            "push the {o} around the {p} to the {c} zone"
                                    + "|slide the {o} around the {p} into the {c} zone"
                                    + "|shove the {o} around the {p} to the {c} area",
                            "push the {o} around the {p} into the {c} area"
                                    + "|slide the {o} around the {p} over to the {c} zone");
        };
    }
}
