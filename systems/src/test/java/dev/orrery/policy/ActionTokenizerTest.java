package dev.orrery.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.policy.ActionTokenizer.Mode;
import dev.orrery.tensor.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ActionTokenizerTest {

    private static final Path GOLDEN = Path.of("src/test/resources/openvla/action-tokens.tsv");

    private static ActionTokenizer llama() {
        return ActionTokenizer.of(
                Mode.LAST_IDS, ActionVocabulary.of(32_000, kept(0, "<unk>")), 256);
    }

    private static SortedMap<Long, String> kept(long id, String text) {
        return new TreeMap<>(Map.of(id, text));
    }

    @Test
    void idsAndValuesAreThoseOfThePublishedCode() throws Exception {
        var tokens = llama();
        var lines = Files.readAllLines(GOLDEN).stream().filter(l -> !l.startsWith("#")).toList();
        assertThat(lines).hasSizeGreaterThan(150);
        for (var line : lines) {
            var columns = line.split("\t");
            double value = Double.parseDouble(columns[0].equals("nan") ? "NaN" : columns[0]);
            long id = Long.parseLong(columns[1]);
            double decoded = Double.parseDouble(columns[2]);
            assertThat(tokens.valueAsPublished(id)).as(line).isEqualTo(decoded);
            if (!Double.isNaN(value)) {
                assertThat(tokens.id(value)).as(line).isEqualTo(id);
                assertThat(tokens.value(id)).as(line).isEqualTo(decoded);
            }
        }
    }

    @Test
    void minusOneIsTheLastIdAndPlusOneReadsLikeTheBinBelowIt() {
        var tokens = llama();
        assertThat(tokens.id(-1)).isEqualTo(31_999);
        assertThat(tokens.id(1)).isEqualTo(31_744);
        assertThat(tokens.id(-7)).isEqualTo(31_999);
        assertThat(tokens.value(31_744)).isEqualTo(tokens.value(31_745));
        assertThat(tokens.rows()).isEqualTo(32_000);
        assertThat(tokens.ids()).hasSize(256).startsWith(31_999).endsWith(31_744);
    }

    @Test
    void aRoundTripMovesNoValueByMoreThanHalfABin() {
        for (var bins : List.of(2, 16, 64, 256, 1024)) {
            var tokens =
                    ActionTokenizer.of(
                            Mode.LAST_IDS, ActionVocabulary.of(2000, new TreeMap<>()), bins);
            for (float value : Seed.of(bins).uniforms(500)) {
                double a = 2 * value - 1;
                assertThat(tokens.value(tokens.id(a)))
                        .as("%s in %s bins", a, bins)
                        .isCloseTo(a, within(1.0 / (bins - 1) + 1e-12));
            }
            assertThat(tokens.value(tokens.id(1))).isCloseTo(1, within(1.0 / (bins - 1) + 1e-12));
            for (int k = 0; k + 1 < bins; k++) {
                long id = tokens.ids()[k];
                assertThat(tokens.id(tokens.value(id))).as("bin %s of %s", k, bins).isEqualTo(id);
            }
        }
    }

    @Test
    void idsThatMeanSomethingAreNotOverwrittenSilently() {
        // as if somebody had counted the padding token into the vocabulary
        assertThatThrownBy(() ->
                        ActionTokenizer.of(
                                Mode.LAST_IDS,
                                ActionVocabulary.of(32_001, kept(32_000, "<PAD>")),
                                256))
                .hasMessageContaining("32000 is '<PAD>'")
                .hasMessageContaining("EXTRA");
        assertThatThrownBy(() ->
                        ActionTokenizer.of(
                                Mode.LAST_IDS, ActionVocabulary.of(200, new TreeMap<>()), 256))
                .hasMessageContaining("there are not so many");
        assertThatThrownBy(() ->
                        ActionTokenizer.of(
                                Mode.LEAST_USED, ActionVocabulary.of(10, kept(3, "x")), 10))
                .hasMessageContaining("only 9 of 10");
        assertThatThrownBy(() ->
                        ActionTokenizer.of(
                                Mode.NUMBER_WORDS, ActionVocabulary.of(99, kept(3, "x")), 10))
                .hasMessageContaining("has 0 words for numbers");
        assertThatThrownBy(() ->
                        ActionTokenizer.of(Mode.EXTRA, ActionVocabulary.of(99, new TreeMap<>()), 1))
                .hasMessageContaining("at least 2");
    }

    @Test
    void theLeastUsedIdsAreTakenAndWhatIsLostIsTold() {
        var vocabulary =
                new ActionVocabulary(
                        10,
                        kept(9, "<end>"),
                        Map.of(0L, 5L, 1L, 4L, 2L, 3L, 3L, 2L, 4L, 1L, 5L, 9L, 6L, 9L, 7L, 9L),
                        List.of());
        var tokens = ActionTokenizer.of(Mode.LEAST_USED, vocabulary, 3);
        assertThat(tokens.ids()).containsExactly(8, 4, 3);
        assertThat(tokens.displaced()).containsExactly(Map.entry(3L, 2L), Map.entry(4L, 1L));
        assertThat(tokens.id(-1)).isEqualTo(8);
        assertThat(llama().displaced()).isEmpty();
    }

    @Test
    void newIdsNeedNewRowsAndNumberWordsCountUpwards() {
        var extra = ActionTokenizer.of(Mode.EXTRA, ActionVocabulary.of(100, kept(99, "<end>")), 16);
        assertThat(extra.rows()).isEqualTo(116);
        assertThat(extra.id(-1)).isEqualTo(115);
        assertThat(extra.id(1)).isEqualTo(100);
        var numbers = LongStream.range(40, 50).boxed().toList();
        var words =
                ActionTokenizer.of(
                        Mode.NUMBER_WORDS,
                        new ActionVocabulary(60, new TreeMap<>(), Map.of(), numbers),
                        10);
        assertThat(words.id(-1)).isEqualTo(40);
        assertThat(words.id(1)).isEqualTo(49);
        assertThat(words.rows()).isEqualTo(60);
    }

    @Test
    void whatIsNoActionIsNoAction() {
        var tokens = llama();
        assertThat(tokens.bin(31_743)).isEmpty();
        assertThatThrownBy(() -> tokens.value(29_871)).hasMessageContaining("29871");
        assertThatThrownBy(() -> tokens.id(Double.NaN)).hasMessageContaining("NaN");
        var all = new HashSet<Integer>();
        for (long id : tokens.ids()) all.add(tokens.bin(id).orElseThrow());
        assertThat(all).hasSize(256);
        assertThatThrownBy(() ->
                        ActionTokenizer.of(Mode.EXTRA, ActionVocabulary.of(9, new TreeMap<>()), 4)
                                .valueAsPublished(3))
                .isInstanceOf(IllegalStateException.class);
        assertThat(tokens.encode(new float[] {-1, 0, 1})).containsExactly(31_999, 31_872, 31_744);
        assertThat(tokens.decode(new long[] {31_872})).containsExactly(tokens.value(31_872));
    }
}
