package dev.orrery.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.text.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PaligemmaPromptTest {

    private static final float[] STATE = {-1f, 0f, 0.999f, 2f};

    /// A tokenizer of PaliGemma's kind (BPE with byte fallback), of another vocabulary.
    private static Tokenizer tokenizer() {
        return Tokenizer.open(Path.of("../data/src/test/resources/goldens/tokenizer-sp-bpe"));
    }

    @Test
    void aPromptIsBeginTextAndNewlineAndPadding() {
        try (var tokenizer = tokenizer()) {
            var padded =
                    PaligemmaPrompt.pi0(tokenizer, 48).tokens(" pick_up the\nred block ", STATE);
            long[] text = tokenizer.encode("pick up the red block").ids();
            long[] line = tokenizer.encode("\n").ids();
            assertThat(padded.ids()[0]).isEqualTo(1);
            assertThat(Arrays.copyOfRange(padded.ids(), 1, 1 + text.length)).isEqualTo(text);
            int end = 1 + text.length + line.length;
            assertThat(Arrays.copyOfRange(padded.ids(), 1 + text.length, end)).isEqualTo(line);
            assertThat(padded.ids()).hasSize(48).endsWith(0, 0);
            assertThat(padded.mask()[end - 1]).isTrue();
            assertThat(padded.mask()[end]).isFalse();
        }
    }

    @Test
    void aLongPromptIsCutAndSaysSo() {
        try (var tokenizer = tokenizer()) {
            var padded = PaligemmaPrompt.pi0(tokenizer, 8).tokens("block ".repeat(30), STATE);
            assertThat(padded.cut()).isPositive();
            assertThat(padded.ids()).hasSize(8).doesNotContain(0);
        }
    }

    @Test
    void theStateIsToldInBins() {
        try (var tokenizer = tokenizer()) {
            var pi05 = PaligemmaPrompt.pi05(tokenizer, 200).tokens("Pick it up", STATE);
            assertThat(read(tokenizer, pi05.ids()))
                    .isEqualTo("Task: Pick it up, State: 0 128 255 255;\nAction: ");
            var fast = PaligemmaPrompt.fast(tokenizer, 200).tokens("Pick it up", STATE);
            assertThat(read(tokenizer, fast.ids()))
                    .isEqualTo("Task: Pick it up, State: 0 128 255 255;\n");
        }
    }

    private static String read(Tokenizer tokenizer, long[] ids) {
        return tokenizer.decode(Arrays.stream(ids).filter(id -> id != 0).toArray());
    }

    @Test
    void anEmptyInstructionIsRefused() {
        try (var tokenizer = tokenizer()) {
            assertThatThrownBy(() -> PaligemmaPrompt.pi0(tokenizer, 48).tokens(" _\n", STATE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("prompt is empty");
        }
    }
}
