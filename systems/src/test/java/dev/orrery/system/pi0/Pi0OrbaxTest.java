package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.Norms;
import dev.orrery.policy.Statistics;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// openpi's own folder of a tiny π0: `params` as Orbax 0.12.4 wrote it from JAX, on four simulated
/// devices, under NNX's names; statistics in `assets`. Its weights are the golden ones in eighths.
class Pi0OrbaxTest {

    private static final Path TOKENIZER =
            Path.of("../data/src/test/resources/goldens/tokenizer-sp-bpe/tokenizer.json");

    @TempDir Path temp;
    private Path openpi;

    private static Path resource(String name) throws Exception {
        return Path.of(Pi0OrbaxTest.class.getResource(name).toURI());
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    @BeforeEach
    void publish() throws Exception {
        openpi = Files.createDirectories(temp.resolve("openpi"));
        copy(resource("/orbax-pi0/params"), openpi.resolve("params"));
        Files.copy(resource("/goldens/pi0/config.json"), openpi.resolve("config.json"));
        // openpi's own files have no type
        var config = Files.readString(openpi.resolve("config.json"));
        Files.writeString(
                openpi.resolve("config.json"), config.replace("\"type\":", "\"openpi_type\":"));
        var statistics = Statistics.of(List.of(new float[8], new float[] {1, 2, 3, 4, 5, 6, 7, 8}));
        var rule = Norms.Rule.MEAN_STD;
        var norms = new Norms(statistics, rule, statistics, rule, 1e-8);
        NormFiles.writeOpenpi(norms, openpi.resolve("assets/robot/norm_stats.json"));
        Files.copy(TOKENIZER, openpi.resolve("tokenizer.json"));
    }

    private static Map<String, Tensor> golden() throws Exception {
        var own = new LinkedHashMap<String, Tensor>();
        Pi0Weights.read(resource("/goldens/pi0/weights.safetensors"))
                .forEach((name, t) -> own.put(name, t.mul(8).round().div(8)));
        // as many words as the tokenizer has
        own.computeIfPresent(Pi0Weights.WORDS, (_, words) -> words.repeat(6, 1));
        return own;
    }

    private static void requireEqual(Map<String, Tensor> got, Map<String, Tensor> wanted) {
        assertThat(got.keySet()).isEqualTo(wanted.keySet());
        wanted.forEach((n, t) -> assertThat(got.get(n).equal(t)).as(n).isTrue());
    }

    @Test
    void everyWeightIsReadAsItWasSaved() throws Exception {
        try (var _ = TensorScope.open();
                var pi0 =
                        Pi0Weights.load(
                                openpi, ConfigBinder.readObject(openpi.resolve("config.json")))) {
            requireEqual(Pi0Weights.read(openpi), golden());
            requireEqual(pi0.stateDict(), golden());
            assertThat(pi0.parameters()).allMatch(Tensor::requiresGrad);
        }
    }

    @ParameterizedTest
    @EnumSource(Pi0Convert.Layout.class)
    void itConvertsAsItsFlatExportDoes(Pi0Convert.Layout layout) throws Exception {
        var flat = Files.createDirectories(temp.resolve("flat"));
        try (var _ = TensorScope.open()) {
            Safetensors.write(flat.resolve("model.safetensors"), Pi0JaxTest.jax(golden(), false));
        }
        Files.copy(openpi.resolve("config.json"), flat.resolve("config.json"));
        Files.copy(TOKENIZER, flat.resolve("tokenizer.json"));
        copy(openpi.resolve("assets"), flat.resolve("assets"));
        for (var type : List.of(Optional.<DType>empty(), Optional.of(DType.BF16))) {
            var wanted = temp.resolve("wanted" + type.isPresent());
            var got = temp.resolve("got" + type.isPresent());
            Pi0Convert.run(flat, wanted, layout, type);
            var result = Pi0Convert.run(openpi, got, layout, type);
            assertThat(result.warnings()).isEmpty();
            try (var files = Files.walk(wanted)) {
                for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                    assertThat(got.resolve(wanted.relativize(file).toString()))
                            .hasSameBinaryContentAs(file);
                }
            }
        }
    }

    @Test
    void itIsKnownWithoutAConfigurationAndByItsParameters() throws Exception {
        var described = Pi0Published.describe(openpi).orElseThrow();
        assertThat(described)
                .containsEntry("variant", "PI0")
                .containsEntry("parameters", "148,680")
                .containsEntry("chunk", "6 actions of 8")
                .containsEntry("tokenizer", "tokenizer.json");
        var to = temp.resolve("to");
        assertThat(Pi0Published.describe(openpi.resolve("params"))).contains(described);
        Pi0Convert.run(openpi.resolve("params"), to, Pi0Convert.Layout.ORRERY, Optional.empty());
        assertThat(to.resolve("norm_stats.json")).exists();
        Files.delete(openpi.resolve("config.json"));
        assertThat(Pi0Published.is(openpi)).isTrue();
        assertThat(Pi0AdapterFolder.canBe(openpi)).isTrue();
    }

    private static float[][] chunk(Path folder) {
        var policy =
                Pi0Published.open(
                        folder,
                        new CameraMap(CameraMap.PI0, Map.of("base_0_rgb", "front")),
                        Pi0Published.Choice.NONE,
                        3);
        policy.reset(4);
        var seen = new Image(20, 30, new byte[3 * 20 * 30]);
        var images = new LinkedHashMap<>(Map.of("front", seen));
        return policy.chunk(
                new Observation(images, new float[8], "pick up the red block"),
                ChunkPolicy.Held.NONE);
    }

    @Test
    void itActsAsTheConvertedFolderDoes() {
        var to = temp.resolve("to");
        Pi0Convert.run(openpi, to, Pi0Convert.Layout.ORRERY, Optional.empty());
        assertThat(chunk(openpi)).isDeepEqualTo(chunk(to)).hasNumberOfRows(6);
    }

    /// A tree of one array.
    private Path tree(String name) throws IOException {
        var tree = Files.createDirectories(temp.resolve("tree"));
        Files.writeString(
                tree.resolve("_METADATA"),
                """
                {"tree_metadata": {"a": {"key_metadata": [{"key": "%s", "key_type": 2}]}}}
                """
                        .formatted(name));
        Files.writeString(
                Files.createDirectories(tree.resolve(name)).resolve(".zarray"),
                """
                {"zarr_format": 2, "shape": [1], "chunks": [1], "dtype": "<f4", "order": "C"}
                """);
        return tree;
    }

    private void requireRefused(Path from, String words) {
        var to = temp.resolve("to");
        assertThatThrownBy(
                        () -> Pi0Convert.run(from, to, Pi0Convert.Layout.ORRERY, Optional.empty()))
                .hasMessageContaining(words);
        assertThat(to).doesNotExist();
    }

    @Test
    void anotherTreeIsRefusedByItsNames() throws Exception {
        var other = tree("a");
        assertThat(Pi0Published.is(other)).isFalse();
        assertThat(Pi0Published.describe(other)).isEmpty();
        requireRefused(other, "holds no π0 weights: there are 1 arrays, the first [a]");
    }

    /// openpi's π0-FAST has PaliGemma's arrays only.
    @Test
    void aFastPolicyIsRefusedByItsName() throws Exception {
        var fast = tree("params.PaliGemma.llm.layers.attn.q_einsum.w.value");
        assertThat(Pi0Published.describe(fast).orElseThrow())
                .containsEntry("policy", "openpi's π0-FAST, which is not opened");
        requireRefused(fast, "is a π0-FAST of openpi");
    }

    @Test
    void numbersThatAreNotFiniteAreRefused() {
        try (var _ = TensorScope.open()) {
            assertThatThrownBy(() -> Pi0Weights.own("w", Tensor.of(new float[] {Float.NaN}, 1)))
                    .hasMessageContaining("w has values that are not finite");
        }
    }
}
