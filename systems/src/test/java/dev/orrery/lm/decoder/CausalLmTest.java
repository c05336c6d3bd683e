package dev.orrery.lm.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Trace;
import dev.orrery.nn.KvCache;
import dev.orrery.nn.Rotary;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CausalLmTest {

    private static final String SIZES =
            "\"vocab_size\":40,\"hidden_size\":32,\"intermediate_size\":48,\"num_hidden_layers\":3,"
                    + "\"num_attention_heads\":4,\"num_key_value_heads\":2,\"head_dim\":8,"
                    + "\"max_position_embeddings\":64,\"sliding_window\":4,"
                    + "\"query_pre_attn_scalar\":8,\"attn_logit_softcapping\":5,"
                    + "\"final_logit_softcapping\":3";

    @TempDir Path folder;
    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    private PublicConfig config(String family) throws IOException {
        return json("{\"model_type\":\"%s\",%s}".formatted(family, SIZES));
    }

    private PublicConfig json(String text) throws IOException {
        var file = folder.resolve("config.json");
        Files.writeString(file, text);
        return PublicConfig.read(file);
    }

    private CausalLm lm(String family) throws IOException {
        var lm = new CausalLm(DecoderFamily.read(config(family)), Seed.of(3));
        try (var _ = Grad.disabled()) {
            // fresh weights are too small for positions to decide anything
            lm.namedParameters()
                    .forEach((name, p) -> p.add_(Seed.of(4).split(name).normal(p.shape()), 0.3));
        }
        return lm;
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text"})
    void aBatchPaddedOnTheLeftContinuesAsEachPromptAlone(String family) throws IOException {
        try (var lm = lm(family)) {
            var longer = Seed.of(1).integers(40, 1, 7);
            var shorter = Seed.of(2).integers(40, 1, 4);
            var padding = Tensor.zeros(DType.I64, 1, 3);
            var both = Tensor.cat(List.of(longer, cat(padding, shorter)), 0);
            var mask = Tensor.ones(DType.I64, 2, 7);
            mask.select(0, 1).narrow(0, 0, 3).mul_(0);
            var together = Greedy.of(lm, both, mask, 9).ids();
            assertThat(together.select(0, 0).toLongs()).isEqualTo(alone(lm, longer).toLongs());
            assertThat(together.select(0, 1).toLongs()).isEqualTo(alone(lm, shorter).toLongs());
        }
    }

    @Test
    void writingEndsWhereEveryRowHasEnded() throws IOException {
        try (var lm = lm("gemma");
                var _ = TensorScope.open()) {
            var prompt = Seed.of(1).integers(40, 2, 7);
            var mask = Tensor.ones(DType.I64, 2, 7);
            var start = new Greedy.Start(lm.model().embed(prompt), mask, 7);
            var all = Greedy.of(lm, start, 9).ids();
            long[] first = all.select(0, 0).toLongs(), second = all.select(0, 1).toLongs();
            var ends = new HashSet<>(List.of(first[2], second[5]));
            int last = 0;
            for (var row : List.of(first, second)) {
                int at = 0;
                while (!ends.contains(row[at])) at++;
                last = Math.max(last, at);
            }
            assertThat(last).isBetween(1, 7);
            var likeliest = Greedy.Choice.likeliest();
            var written = Greedy.until(lm, start, 9, ends, likeliest);
            assertThat(written.toLongs())
                    .isEqualTo(all.narrow(1, 0, last + 1).flatten(0, 1).toLongs());
            assertThat(Greedy.until(lm, start, 4, Set.of(-1L), likeliest).size(1)).isEqualTo(4);
        }
    }

    @Test
    void tokensAreDrawnAtATemperatureFromASeedOfEachRow() {
        int rows = 2000;
        var logits = Tensor.of(new float[] {0, (float) Math.log(3)}, 1, 1, 2).expand(rows, 1, 2);
        var seeds = IntStream.range(0, rows).mapToObj(Seed.of(5)::split).toList();
        for (var at : Map.of(1.0, .75, .5, .9, 2.0, .634).entrySet()) {
            var drawn = Greedy.Choice.drawn(Sampler.at(at.getKey()), seeds).of(0, logits);
            assertThat(drawn.shape()).containsExactly(rows, 1);
            assertThat(drawn.to(DType.F32).mean().item()).isCloseTo(at.getValue(), within(.04));
        }
        var warm = Sampler.at(1);
        var all = Greedy.Choice.drawn(warm, seeds).of(3, logits).toLongs();
        for (int b = 0; b < 20; b++) {
            var own =
                    Greedy.Choice.drawn(warm, List.of(seeds.get(b))).of(3, logits.narrow(0, b, 1));
            assertThat(own.toLongs()).as("row by itself").containsExactly(all[b]);
        }
        assertThat(Greedy.Choice.drawn(warm, seeds).of(4, logits).toLongs()).isNotEqualTo(all);
    }

    private static Tensor alone(CausalLm lm, Tensor prompt) {
        return Greedy.of(lm, prompt, Tensor.ones(DType.I64, prompt.shape()), 9).ids().flatten(0, 1);
    }

    private static Tensor cat(Tensor a, Tensor b) {
        return Tensor.cat(List.of(a, b), 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gemma2", "gemma3_text"})
    void aCacheAndTheFusedKernelChangeNothing(String family) throws IOException {
        try (var lm = lm(family);
                var _ = Grad.disabled()) {
            var ids = Seed.of(1).integers(40, 2, 9);
            var whole = lm.forward(ids, DecoderPass.whole(9));
            var shown = lm.forward(ids, DecoderPass.whole(9).shown(Trace.recording()));
            assertThat(whole.sub(shown).abs().max().item()).isLessThan(1e-4);
            var caches = lm.model().caches(9);
            lm.forward(ids.narrow(1, 0, 5), DecoderPass.whole(5).after(caches));
            var rest =
                    lm.forward(
                            ids.narrow(1, 5, 4),
                            DecoderPass.whole(4).at(Tensor.arange(5, 9)).after(caches));
            assertThat(rest.sub(whole.narrow(1, 5, 4)).abs().max().item()).isLessThan(1e-4);
            caches.forEach(KvCache::close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gemma2", "gemma3_text"})
    void whoAsksForTheLastTokensOnlyGetsTheSameOfThem(String family) throws IOException {
        try (var lm = lm(family)) {
            var ids = Seed.of(1).integers(40, 2, 9);
            var there = Tensor.ones(DType.I64, 2, 9);
            there.select(0, 1).narrow(0, 0, 3).fill_(0.0);
            var padded = DecoderPass.whole(9).at(there.cumsum(1).sub(1).clampMin(0)).padded(there);
            for (var pass :
                    List.of(DecoderPass.whole(9), DecoderPass.whole(9).slotted(3), padded)) {
                var all = lm.forward(ids, pass).narrow(1, 7, 2);
                all.square().sum().backward();
                var gradients = gradients(lm);
                var asked = lm.forward(ids, pass.asking(2));
                assertThat(asked.shape()).containsExactly(2, 2, 40);
                asked.square().sum().backward();
                assertThat(asked.sub(all).abs().max().item()).isLessThan(1e-5);
                assertThat(gradients(lm).sub(gradients).abs().max().item()).isLessThan(1e-3);
            }
            try (var _ = Grad.disabled()) {
                var caches = lm.model().caches(9);
                lm.forward(ids.narrow(1, 0, 5), DecoderPass.whole(5).asking(1).after(caches));
                var rest =
                        lm.forward(
                                ids.narrow(1, 5, 4),
                                DecoderPass.whole(4)
                                        .at(Tensor.arange(5, 9))
                                        .asking(2)
                                        .after(caches));
                var whole = lm.forward(ids, DecoderPass.whole(9)).narrow(1, 7, 2);
                assertThat(rest.sub(whole).abs().max().item()).isLessThan(1e-4);
                caches.forEach(KvCache::close);
            }
        }
    }

    /// All of them in one row, which leaves none behind.
    private static Tensor gradients(CausalLm lm) {
        var rows = lm.parameters().stream().map(p -> p.grad().flatten().copy());
        var all = Tensor.cat(rows.toList(), 0);
        lm.clearGradients();
        return all;
    }

    @Test
    void aWindowHidesWhatIsFartherBack() throws IOException {
        var config =
                json(
                        "{\"model_type\":\"mistral\",%s}"
                                .formatted(
                                        SIZES.replace(
                                                "\"num_hidden_layers\":3",
                                                "\"num_hidden_layers\":1")));
        try (var lm = new CausalLm(DecoderFamily.read(config), Seed.of(3));
                var _ = Grad.disabled()) {
            var ids = Seed.of(1).integers(40, 1, 9);
            var other = ids.copy();
            other.select(1, 0).copy_(ids.select(1, 0).add(1L).remainder(40L));
            var a = lm.forward(ids, DecoderPass.whole(9));
            var b = lm.forward(other, DecoderPass.whole(9));
            var change = a.sub(b).abs().amax(new long[] {0, 2}, false);
            assertThat(change.narrow(0, 0, 4).min().item()).isPositive();
            assertThat(change.narrow(0, 4, 5).max().item()).isZero();
        }
    }

    @Test
    void aFileThatRepeatsTheTiedEmbeddingLoads() throws IOException {
        try (var lm = lm("gemma")) {
            var state = new LinkedHashMap<>(lm.stateDict());
            state.put("lm_head.weight", lm.model().embedding().weight());
            var file = folder.resolve("model.safetensors");
            Safetensors.write(file, state);
            try (var again = CausalLm.open(config("gemma"), file)) {
                assertThat(again.parameterCount()).isEqualTo(lm.parameterCount());
            }
        }
    }

    @Test
    void anUnknownKindOfPositionsIsNamed() {
        assertThatThrownBy(() ->
                        DecoderFamily.read(
                                json(
                                        "{\"model_type\":\"llama\",%s,\"rope_scaling\":{\"rope_type\":\"spiral\"}}"
                                                .formatted(SIZES))))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("rope_scaling")
                .hasMessageContaining("'spiral'");
    }

    @Test
    void anUnknownFamilyIsNamedWithThoseThatAreKnown() {
        assertThatThrownBy(() -> DecoderFamily.read(json("{\"model_type\":\"gpt2\"}")))
                .hasMessageContaining("'gpt2'")
                .hasMessageContaining("qwen3");
    }

    @Test
    void aMissingSizeIsNamed() {
        assertThatThrownBy(() -> DecoderFamily.read(json("{\"model_type\":\"llama\"}")))
                .hasMessageContaining("vocab_size")
                .hasMessageContaining("is missing");
    }

    /// Yarn as in its paper's example: the fastest pairs are kept, the slowest divided.
    @Test
    void yarnKeepsFastPairsAndDividesSlowOnes() {
        var plain = Rotary.halves(64, 10_000).frequencies();
        var yarn =
                new Rotary(
                                64,
                                10_000,
                                Rotary.Layout.HALVES,
                                new Rotary.Scaling.Yarn(4, 2048, 32, 1, 1.1386, true))
                        .frequencies();
        assertThat(yarn[0]).isEqualTo(plain[0]);
        assertThat(yarn[31]).isEqualTo(plain[31] / 4);
        assertThat(yarn[16]).isStrictlyBetween(plain[16] / 4, plain[16]);
    }

    @Test
    void dynamicPositionsStretchOnlyWhatIsLonger() {
        var dynamic =
                new Rotary(8, 10_000, Rotary.Layout.HALVES, new Rotary.Scaling.Dynamic(2, 16));
        var plain = Rotary.halves(8, 10_000);
        assertThat(dynamic.upTo(16).cos().toFloats()).isEqualTo(plain.upTo(16).cos().toFloats());
        assertThat(dynamic.upTo(32).cos().toFloats()).isNotEqualTo(plain.upTo(32).cos().toFloats());
    }
}
