package dev.orrery.system.rt2;

import dev.orrery.policy.tabletop.LessonSheet;
import dev.orrery.tensor.Tensor;

/// Gathers an [RtBatch] row by row; rows without an action are questions.
final class RtSheet {

    private final RtTwoWords words;
    private final LessonSheet lesson;
    private final int[][] integers;
    private final int[] at;
    private int robots, clipped;

    RtSheet(RtTwoWords words, int size, int promptTokens) {
        this.words = words;
        lesson = new LessonSheet(words.lexicon(), size, promptTokens);
        integers = new int[size][0];
        at = new int[size];
    }

    /// Pictures, words and answers.
    LessonSheet lesson() {
        return lesson;
    }

    /// What the robot of row `b` is told and does.
    ///
    /// @param plan what is about to be done, or empty
    /// @param outside values that lay outside their bounds
    void act(int b, String instruction, String plan, ActionString.Said said, int outside) {
        lesson.prompt(b, RtTwoWords.prompt(instruction));
        var ids = words.answer(plan, said);
        lesson.answer(b, ids);
        integers[b] = said.integers();
        at[b] = ids.length - 1 - integers[b].length;
        robots++;
        clipped += outside;
    }

    /// All of it.
    RtBatch batch() {
        var made = lesson.lesson();
        int size = integers.length, length = (int) made.answer().size(1);
        var slots = new long[size * length];
        var values = new long[slots.length];
        for (int b = 0; b < size; b++) {
            for (int i = 0; i < integers[b].length; i++) {
                int place = b * length + at[b] + i;
                slots[place] = i == 0 ? RtBatch.FLAG : RtBatch.VALUE;
                values[place] = integers[b][i];
            }
        }
        return new RtBatch(
                made,
                Tensor.of(slots, size, length),
                Tensor.of(values, size, length),
                robots,
                clipped);
    }
}
