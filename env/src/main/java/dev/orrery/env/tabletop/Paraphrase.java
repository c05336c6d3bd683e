package dev.orrery.env.tabletop;

import dev.orrery.env.tabletop.Question.Type;
import java.util.List;

/// Questions in other words: three wordings of each type, of which the first is the corpus's own.
final class Paraphrase {

    private static final String SLOT = "{}";

    private Paraphrase() {}

    /// A question of the corpus in another wording.
    ///
    /// @throws IllegalArgumentException if there is no such wording, or the text is not of the type
    static String of(Type type, String text, int wording) {
        var all = wordings(type);
        if (wording < 0 || wording >= all.size()) {
            throw new IllegalArgumentException(
                    "wording %d of a question; there are 0 to %d"
                            .formatted(wording, all.size() - 1));
        }
        return all.get(wording).replace(SLOT, slot(all.getFirst(), text));
    }

    /// What fills the slot of the first wording.
    private static String slot(String first, String text) {
        int at = first.indexOf(SLOT);
        if (at < 0 && text.equals(first)) return "";
        int after = first.length() - at - SLOT.length();
        boolean fits =
                at >= 0
                        && text.length() > at + after
                        && text.startsWith(first.substring(0, at))
                        && text.endsWith(first.substring(at + SLOT.length()));
        if (!fits) {
            throw new IllegalArgumentException(
                    "the question '%s' is not of the form '%s'".formatted(text, first));
        }
        return text.substring(at, text.length() - after);
    }

    private static List<String> wordings(Type type) {
        return switch (type) {
            case POINT -> List.of("point to the {}", "where is the {}", "show where the {} is");
            case BOX -> List.of("box the {}", "make a box around the {}", "show the box of the {}");
            case COLOUR ->
                    List.of(
                            "what colour is the {}",
                            "which colour has the {}",
                            "what is the colour of the {}");
            case SHAPE ->
                    List.of(
                            "what shape is the {}",
                            "which shape has the {}",
                            "what is the shape of the {}");
            case COUNT ->
                    List.of(
                            "how many {} there",
                            "what number of {} there",
                            "how many {} on the table");
            case RELATION ->
                    List.of("is the {}", "in the scene is the {}", "on the table is the {}");
            case TRAY ->
                    List.of(
                            "what is in the tray",
                            "what has the tray",
                            "which blocks are in the tray");
            case HELD -> List.of("what is held", "what has the gripper", "which block is held");
            case SYMBOL ->
                    List.of("what does the {} show", "what is on the {}", "which sign has the {}");
            case CAPTION ->
                    List.of("describe the table", "describe the scene", "what is on the table");
            case PATH -> List.of("path for {}", "show the path for {}", "describe the path for {}");
        };
    }
}
