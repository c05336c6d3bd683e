package dev.orrery.policy.tabletop;

import dev.orrery.data.text.PaddedTokens;
import dev.orrery.tensor.Tensor;
import dev.orrery.vlm.CompactVlm;

/// Gathers a [Lesson] row by row.
public final class LessonSheet {

    private final Lexicon lexicon;
    private final int size, promptTokens;
    private final PictureSheet pictures;
    private final SceneLabels.Sheet labels;
    private final long[] words;
    private final boolean[] real;
    private final long[][] answers;

    /// @param size rows B
    /// @param promptTokens tokens L of a prompt, the one after which answers begin included
    public LessonSheet(Lexicon lexicon, int size, int promptTokens) {
        this.lexicon = lexicon;
        this.size = size;
        this.promptTokens = promptTokens;
        pictures = new PictureSheet(size);
        labels = SceneLabels.Sheet.tellingSides(size);
        words = new long[size * promptTokens];
        real = new boolean[words.length];
        answers = new long[size][0];
    }

    /// The pictures.
    public PictureSheet pictures() {
        return pictures;
    }

    /// What they show; words for sides count.
    public SceneLabels.Sheet labels() {
        return labels;
    }

    /// What row `b` is asked or told.
    public void prompt(int b, String text) {
        var tokens = lexicon.prompt(text, promptTokens);
        System.arraycopy(tokens.ids(), 0, words, b * promptTokens, promptTokens);
        System.arraycopy(tokens.mask(), 0, real, b * promptTokens, promptTokens);
    }

    /// What row `b` is to answer, the end token included if there is one.
    public void answer(int b, long[] ids) {
        answers[b] = ids.clone();
    }

    /// Pictures and words only.
    public CompactVlm.Prompt prompts() {
        return new CompactVlm.Prompt(
                pictures.images(),
                pictures.seen(),
                Tensor.of(words, size, promptTokens),
                Tensor.of(real, size, promptTokens));
    }

    /// All of it; answers are padded to the longest of them.
    public Lesson lesson() {
        int longest = 1;
        for (var answer : answers) longest = Math.max(longest, answer.length);
        var ids = new long[size * longest];
        var counted = new boolean[ids.length];
        for (int b = 0; b < size; b++) {
            var padded = PaddedTokens.of(answers[b], longest);
            System.arraycopy(padded.ids(), 0, ids, b * longest, longest);
            System.arraycopy(padded.mask(), 0, counted, b * longest, longest);
        }
        return new Lesson(
                prompts(),
                Tensor.of(ids, size, longest),
                Tensor.of(counted, size, longest),
                labels.labels());
    }
}
