package dev.orrery.policy;

import java.util.StringJoiner;

/// Writes instructions as the π0 family reads them.
///
/// Source: openpi's tokenizer and π0.5 (arXiv 2504.16054): the state is told in words.
public final class StatePrompt {

    /// What the answer of π0.5 and π0-FAST starts with.
    public static final String ANSWER = "Action: ";

    private static final int BINS = 256;

    private StatePrompt() {}

    /// The cleaned instruction: stripped, underscores and newlines as spaces.
    ///
    /// @throws IllegalArgumentException if nothing is left
    public static String clean(String instruction) {
        var text = instruction.strip().replace('_', ' ').replace('\n', ' ');
        if (text.isBlank()) {
            throw new IllegalArgumentException(
                    "the prompt is empty; say what to do, for example \"put the red star in the tray\"");
        }
        return text;
    }

    /// π0.5's prompt: `Task: …, State: 12 240 …;\nAction: ` with the normalised state in 256 bins
    /// over [-1, 1].
    public static String of(String instruction, float[] normalisedState) {
        return task(instruction, normalisedState) + ANSWER;
    }

    /// The part of the prompt before the answer.
    static String task(String instruction, float[] normalisedState) {
        var bins = new StringJoiner(" ");
        for (float value : normalisedState) {
            bins.add(Integer.toString(bin(value)));
        }
        return "Task: %s, State: %s;\n".formatted(clean(instruction), bins);
    }

    /// The bin of one normalised value: `floor((x + 1) * 128)`, -1 below the range and 255 above
    /// it, as `numpy.digitize(x, linspace(-1, 1, 257)[:-1]) - 1` gives.
    public static int bin(float value) {
        return (int) Math.clamp(Math.floor((value + 1.0) * (BINS / 2)), -1, BINS - 1);
    }
}
