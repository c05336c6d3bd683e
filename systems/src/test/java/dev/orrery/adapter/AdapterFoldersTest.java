package dev.orrery.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.adapter.AdapterConfig.Method;
import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.nn.Conv2d;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Window;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AdapterFoldersTest {

    private static final List<String> LAYERS = List.of("words", "eye", "body.up", "body.down");

    @TempDir Path folder;
    private final TensorScope scope = TensorScope.open();
    private final Several model = new Several();

    private static final class Several extends Module {
        Several() {
            child("words", new Embedding(11, 6, Seed.of(1)));
            child("eye", new Conv2d(4, 6, new Window(3, 1, 1, 1, 2), Seed.of(2)));
            child("body.up", new Linear(6, 8, Seed.of(3)));
            child("body.down", Linear.withoutBias(8, 6, Seed.of(4)));
            child("norm", new LayerNorm(6));
            child("head", new Linear(6, 3, Seed.of(5)));
        }
    }

    @BeforeEach
    void save() {
        model.save(folder.resolve("base.safetensors"));
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private Path base() {
        return folder.resolve("base.safetensors");
    }

    static Stream<AdapterConfig> configs() {
        var linear = new Targets.Named(List.of("body.up", "body.down"));
        var all = new Targets.Named(LAYERS);
        return Stream.of(
                new AdapterConfig(
                        new Method.Lora(2, 3, true),
                        all,
                        Map.of("eye", 4),
                        Map.of(),
                        List.of("head")),
                new AdapterConfig(new Method.Dora(2, 3, false), linear),
                new AdapterConfig(new Method.Delora(2, 3), linear),
                new AdapterConfig(new Method.Oft(2, false, 0), linear),
                new AdapterConfig(new Method.Lora(2, 3, false), new Targets.AllLinear())
                        .with(AdapterOptions.NONE.with(AdapterOptions.Biases.ALL)));
    }

    private Adapter adapter(AdapterConfig config, String name, long seed) {
        var adapter = Adapter.on(model, config, Seed.of(seed));
        try (var _ = Grad.disabled()) {
            adapter.namedParameters()
                    .forEach((n, p) -> p.add_(Seed.of(seed).split(n).normal(p.shape()), .3));
        }
        adapter.save(folder.resolve(name), "several");
        return adapter;
    }

    @ParameterizedTest
    @MethodSource("configs")
    void mergingFilesIsMergingTheModel(AdapterConfig config) {
        var adapter = adapter(config, "a", 7);
        adapter.merge();
        var expected = new LinkedHashMap<String, float[]>();
        model.stateDict().forEach((name, t) -> expected.put(name, t.toFloats()));
        adapter.detach();
        var out = folder.resolve("merged.safetensors");
        var merged = AdapterFolders.merge(base(), folder.resolve("a"), out, false);
        assertThat(merged.rounding()).isZero();
        assertThat(merged.layers()).isEqualTo(adapter.paths().size());
        var written = Safetensors.read(out);
        assertThat(written.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) ->
                assertThat(written.get(name).toFloats()).as(name).isEqualTo(values));
    }

    @Test
    void mergingIntoAnotherTypeTellsWhatRoundingCost() {
        var adapter =
                adapter(
                        new AdapterConfig(new Method.Lora(2, 3, false), new Targets.AllLinear()),
                        "a",
                        7);
        adapter.detach();
        var half = new LinkedHashMap<String, Tensor>();
        model.stateDict().forEach((name, t) -> half.put(name, t.detach().to(DType.BF16)));
        var file = folder.resolve("half.safetensors");
        Safetensors.write(file, half);
        var out = folder.resolve("merged.safetensors");
        assertThatThrownBy(() -> AdapterFolders.merge(file, folder.resolve("a"), out, false))
                .hasMessageContaining("fingerprint");
        var merged = AdapterFolders.merge(file, folder.resolve("a"), out, true);
        assertThat(merged.rounding()).isBetween(1e-5, 1e-2);
        assertThat(Safetensors.read(out).get("body.up.weight").dtype()).isEqualTo(DType.BF16);
    }

    @Test
    void whatIsExtractedIsTheChange() {
        var config = new AdapterConfig(new Method.Lora(2, 3, false), new Targets.AllLinear());
        var adapter = adapter(config, "a", 7);
        adapter.merge();
        model.save(folder.resolve("tuned.safetensors"));
        var tuned = folder.resolve("tuned.safetensors");
        var found = AdapterFolders.extract(base(), tuned, 2, folder.resolve("b"));
        assertThat(found)
                .hasSize(3)
                .allSatisfy(e -> assertThat(e.kept()).isCloseTo(1, within(1e-6)));
        var one = AdapterFolders.extract(base(), tuned, 1, folder.resolve("c"));
        assertThat(one).allSatisfy(e -> assertThat(e.kept()).isBetween(.3, .9999));
        var same = AdapterFolders.diff(base(), folder.resolve("a"), folder.resolve("b"));
        assertThat(same)
                .hasSize(3)
                .allSatisfy(d -> assertThat(d.cosine()).isCloseTo(1, within(1e-5)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AdapterFolders.extract(base(), base(), 2, folder.resolve("d")))
                .withMessageContaining("nothing to extract");
    }

    @Test
    void aFolderSaysWhatItHolds() {
        adapter(configs().findFirst().orElseThrow(), "a", 7);
        var view = AdapterFolders.inspect(folder.resolve("a"));
        assertThat(view.layers())
                .extracting(AdapterFolders.Layer::path)
                .containsExactlyInAnyOrderElementsOf(LAYERS);
        assertThat(view.whole()).hasSize(2).allMatch(n -> n.contains("head."));
        assertThat(view.base()).hasSize(64);
        assertThat(view.layers().getFirst().trained()).isPositive();
    }

    @Test
    void aBaseThatLacksALayerIsNamed() {
        adapter(configs().findFirst().orElseThrow(), "a", 7).detach();
        var less = new LinkedHashMap<>(model.stateDict());
        less.remove("body.up.weight");
        Safetensors.write(folder.resolve("less.safetensors"), less);
        assertThatThrownBy(() ->
                        AdapterFolders.merge(
                                folder.resolve("less.safetensors"),
                                folder.resolve("a"),
                                folder.resolve("out.safetensors"),
                                false))
                .hasMessageContaining("body.up.weight")
                .hasMessageContaining("missing");
    }
}
