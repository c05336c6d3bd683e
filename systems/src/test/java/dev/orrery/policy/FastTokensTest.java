package dev.orrery.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.data.DatasetException;
import dev.orrery.tensor.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FastTokensTest {

    private static final int HORIZON = 8, DIMS = 3;

    /// Smooth motions with a gripper that switches at most once.
    private static List<float[][]> chunks(int count) {
        var numbers = Seed.of(11).uniforms(4 * count);
        var chunks = new ArrayList<float[][]>();
        for (int i = 0; i < count; i++) {
            var chunk = new float[HORIZON][DIMS];
            for (int t = 0; t < HORIZON; t++) {
                chunk[t][0] = 2 * numbers[4 * i] - 1 + 0.05f * t;
                chunk[t][1] = (2 * numbers[4 * i + 1] - 1) * t / HORIZON;
                chunk[t][2] = t < 16 * numbers[4 * i + 2] ? 1 : -1;
            }
            chunks.add(chunk);
        }
        return chunks;
    }

    @Test
    void whatIsEncodedIsDecodedUpToRounding() {
        var chunks = chunks(300);
        try (var tokens = FastTraining.fit(chunks, 256, FastTraining.SCALE)) {
            assertThat(tokens.size()).isEqualTo(256);
            long all = 0;
            for (var chunk : chunks) {
                long[] ids = tokens.encode(chunk);
                all += ids.length;
                var back = tokens.decode(ids);
                for (int t = 0; t < HORIZON; t++) {
                    for (int d = 0; d < DIMS; d++) {
                        assertThat(back[t][d]).isCloseTo(chunk[t][d], within(.15f));
                    }
                }
            }
            assertThat((double) all / chunks.size())
                    .as("tokens a chunk of %d coefficients", HORIZON * DIMS)
                    .isLessThan(HORIZON * DIMS / 2.0);
        }
    }

    @Test
    void coefficientsThatAreMissingAreZero() {
        var chunks = chunks(300);
        try (var tokens = FastTraining.fit(chunks, 256, FastTraining.SCALE)) {
            var flat = new float[HORIZON][DIMS];
            for (var row : flat) Arrays.fill(row, .5f);
            long[] ids = tokens.encode(flat);
            long[] first = Arrays.copyOf(ids, 1);
            assertThatThrownBy(() -> tokens.decode(first)).hasMessageContaining("are not a chunk");
            var back = tokens.decodeAnyLength(first);
            assertThat(back[0][0]).isCloseTo(.5f, within(.05f));
            assertThat(tokens.decodeAnyLength()).isDeepEqualTo(new float[HORIZON][DIMS]);
            long[] twice = Arrays.copyOf(ids, 2 * ids.length);
            System.arraycopy(ids, 0, twice, ids.length, ids.length);
            assertThat(tokens.decodeAnyLength(twice)).isDeepEqualTo(tokens.decode(ids));
        }
    }

    @Test
    void lowFrequenciesComeFirst() {
        var still = new float[HORIZON][DIMS];
        Arrays.stream(still).forEach(row -> row[1] = 1);
        try (var tokens = FastTraining.fit(List.<float[][]>of(still), 64, FastTraining.SCALE)) {
            var wanted = new int[HORIZON * DIMS];
            wanted[1] = (int) Math.rint(10 * Math.sqrt(HORIZON));
            assertThat(tokens.coefficients(still)).isEqualTo(wanted);
        }
    }

    @Test
    void underTheGrammarEveryWayEndsInAChunk() {
        try (var tokens = FastTraining.fit(chunks(100), 200, FastTraining.SCALE)) {
            var grammar = tokens.grammar();
            for (int trial = 0; trial < 20; trial++) {
                var draws = Seed.of(trial).uniforms(200);
                var progress = grammar.start();
                var written = new ArrayList<Long>();
                while (!progress.complete()) {
                    int token = (int) (draws[written.size()] * grammar.size());
                    while (!progress.allows(token)) {
                        token = (token + 1) % grammar.size();
                    }
                    progress.take(token);
                    written.add((long) token);
                }
                long[] ids = written.stream().mapToLong(i -> i).toArray();
                assertThat(tokens.decode(ids)).hasDimensions(HORIZON, DIMS);
                assertThat(progress.allows(0)).isFalse();
            }
        }
    }

    @Test
    void whatIsNotAChunkIsRefused() {
        try (var tokens = FastTraining.fit(chunks(50), 128, FastTraining.SCALE)) {
            assertThatThrownBy(() -> tokens.decode(1, 2))
                    .hasMessageContaining("are not a chunk")
                    .hasMessageContaining("8 actions of 3 values need 24");
            assertThatThrownBy(() -> tokens.decode(4000)).hasMessageContaining("not in 0 to");
            assertThatThrownBy(() -> tokens.encode(new float[4][3]))
                    .hasMessageContaining("for 8 of 3");
            var loud = new float[][] {{0, 0, 0}, {1000, 0, 0}};
            assertThatThrownBy(() -> FastTraining.fit(List.<float[][]>of(loud), 64, 10))
                    .hasMessageContaining("normalise the actions");
        }
    }

    @Test
    void aSavedTokenizerIsTheSame(@TempDir Path folder) throws Exception {
        var chunks = chunks(60);
        try (var tokens = FastTraining.fit(chunks, 128, FastTraining.SCALE)) {
            tokens.save(folder);
            try (var opened = FastTokens.open(folder, HORIZON, DIMS)) {
                assertThat(opened.encode(chunks.get(7))).isEqualTo(tokens.encode(chunks.get(7)));
                assertThat(opened.decode(tokens.encode(chunks.get(3))))
                        .isDeepEqualTo(tokens.decode(tokens.encode(chunks.get(3))));
            }
            assertThatThrownBy(() -> FastTokens.open(folder, 4, DIMS))
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("time_horizon 8");
            Files.delete(folder.resolve("processor_config.json"));
            assertThatThrownBy(() -> FastTokens.open(folder, HORIZON, DIMS))
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("is missing");
        }
    }

    /// The public tokenizer's vocabulary writes UTF-8 bytes, so a coefficient can be two tokens.
    @Test
    void aByteLevelVocabularyWorksToo(@TempDir Path folder) throws Exception {
        Files.copy(
                Path.of(
                        "../data/src/test/resources/goldens/tokenizer-bytelevel-bpe/tokenizer.json"),
                folder.resolve("tokenizer.json"));
        Files.writeString(
                folder.resolve("processor_config.json"),
                "{\"action_dim\": null, \"min_token\": -354, \"scale\": 10, \"time_horizon\": null, \"vocab_size\": 2048}");
        var chunk = chunks(1).getFirst();
        try (var tokens = FastTokens.open(folder, HORIZON, DIMS)) {
            var ids = tokens.encode(chunk);
            assertThat(ids.length).isGreaterThan(HORIZON * DIMS);
            assertThat(tokens.decode(ids)[0][2]).isCloseTo(chunk[0][2], within(.15f));
            var progress = tokens.grammar().start();
            for (long id : ids) {
                progress.take((int) id);
            }
            assertThat(progress.complete()).isTrue();
            assertThatThrownBy(() -> tokens.decode(Arrays.copyOf(ids, ids.length - 1)))
                    .hasMessageContaining("not a chunk");
        }
    }
}
