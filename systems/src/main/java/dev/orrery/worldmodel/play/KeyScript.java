package dev.orrery.worldmodel.play;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// What is pressed, frame by frame, as text: `right*12, jump right*3, idle*5, 4`.
///
/// Parts are divided by commas or lines; each is a code, or an action in words that the calibration
/// knows, and may be repeated with `*N`.
public final class KeyScript {

    /// Frames that a script may have.
    public static final int LONGEST = 10_000;

    private KeyScript() {}

    /// The codes that a script presses.
    ///
    /// @throws IllegalArgumentException if a part cannot be read; the message names it and what
    ///   there is
    public static List<Integer> codes(String script, DreamControls controls) {
        var codes = new ArrayList<Integer>();
        for (var part : script.split("[,\\n]")) {
            if (!part.isBlank()) {
                add(part.strip(), controls, codes);
            }
        }
        if (codes.isEmpty()) {
            throw new IllegalArgumentException(
                    "the key script is empty; write for example: %s".formatted(example(controls)));
        }
        return List.copyOf(codes);
    }

    private static void add(String part, DreamControls controls, List<Integer> codes) {
        int star = part.lastIndexOf('*');
        int times = star < 0 ? 1 : number(part.substring(star + 1).strip(), part);
        int code = code(star < 0 ? part : part.substring(0, star).strip(), controls);
        if (times < 1 || codes.size() + (long) times > LONGEST) {
            throw new IllegalArgumentException(
                    "'%s' makes %d frames; a key script has 1 to %,d"
                            .formatted(part, codes.size() + (long) times, LONGEST));
        }
        IntStream.range(0, times).forEach(_ -> codes.add(code));
    }

    private static int number(String text, String part) {
        if (!text.matches("\\d{1,6}")) {
            throw new IllegalArgumentException(
                    "'%s' in the key script: after * stands how often, such as *12"
                            .formatted(part));
        }
        return Integer.parseInt(text);
    }

    /// The code that a key means: its number, or an action in words.
    ///
    /// @throws IllegalArgumentException if it means none; the message lists what there is
    public static int code(String key, DreamControls controls) {
        if (key.matches("\\d{1,6}") && Integer.parseInt(key) < controls.codes()) {
            return Integer.parseInt(key);
        }
        var code = controls.actions().get(key);
        if (code != null) {
            return code;
        }
        if (key.equals("idle")) {
            return controls.idle();
        }
        throw new IllegalArgumentException(
                "there is no key '%s'; keys are the codes 0 to %d%s"
                        .formatted(key, controls.codes() - 1, names(controls)));
    }

    private static String names(DreamControls controls) {
        return controls.actions().isEmpty()
                ? " and idle; this model's codes are not calibrated, so actions have no names"
                : " and " + String.join(", ", controls.actions().keySet());
    }

    private static String example(DreamControls controls) {
        var names = controls.actions().keySet().stream().limit(2).map(n -> n + "*10").toList();
        return names.isEmpty() ? "0*10, 1*10" : String.join(", ", names);
    }
}
