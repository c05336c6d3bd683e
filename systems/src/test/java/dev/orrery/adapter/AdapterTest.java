package dev.orrery.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.adapter.AdapterConfig.Method;
import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureRow;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.CausalLmFixture;
import dev.orrery.lm.encoder.EncoderFixture;
import dev.orrery.nn.Mlp;
import dev.orrery.optim.AdamW;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.vit.VisionFixture;
import dev.orrery.vlm.VlmFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterTest {

    private static final Path GOLDENS = Path.of("src/test/resources/goldens");
    private static final Targets BOTH = new Targets.Named(List.of("fc1", "fc2"));

    @TempDir Path folder;
    private final TensorScope scope = TensorScope.open();
    private final Mlp model = new Mlp(8, 12, Seed.of(1));
    private final Tensor x = Seed.of(2).normal(5, 8);

    @AfterEach
    void close() {
        scope.close();
    }

    static Stream<Method> methods() {
        return Stream.of(
                new Method.Lora(2, 4, false),
                new Method.Lora(2, 4, true),
                new Method.Dora(2, 4, false),
                new Method.Delora(2, 3),
                new Method.Oft(4, false, 0),
                new Method.Oft(4, true, 5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "peft-lora",
                "peft-dora",
                "peft-delora",
                "peft-oft",
                "peft-lora-llama",
                "peft-lora-layers",
                "peft-dora-layers",
                "peft-lora-words",
                "peft-lora-excluded",
                "peft-oft-blocks",
                "peft-delora-biases",
                "peft-lora-pissa",
                "peft-lora-olora",
                "peft-lora-all-biases",
                "peft-lora-high-rank",
                "peft-oft-uneven",
                "peft-lora-own-biases",
                "peft-lora-whole-biases",
                "peft-oft-constrained",
                "peft-oft-picture",
                "peft-lora-single-words",
                "peft-lora-single-words-untied",
                "peft-lora-parameters",
                "peft-lora-tied",
                "peft-lora-tied-ensured",
                "peft-dora-tied",
                "peft-lora-tied-whole",
                "peft-lora-tied-both-whole",
                "peft-lora-tied-ensured-whole",
                "peft-lora-roberta",
                "peft-dora-dinov2",
                "peft-lora-paligemma"
            })
    void computesWhatTheReferenceDoes(String name) {
        var fixture = Fixture.read(GOLDENS.resolve(name));
        var runner =
                new AdapterFixture(
                        List.of(
                                new CausalLmFixture(),
                                new EncoderFixture(),
                                new VisionFixture(),
                                new VlmFixture()));
        assertThat(runner.runs(fixture)).isTrue();
        assertThat(fixture.compare(runner.run(fixture)))
                .isNotEmpty()
                .allMatch(FixtureRow::passed, "agrees with the reference");
    }

    @ParameterizedTest
    @MethodSource("methods")
    void nothingChangesBeforeTraining(Method method) {
        var before = output();
        Adapter.on(model, new AdapterConfig(method, BOTH), Seed.of(3));
        assertThat(output().sub(before).abs().max().item()).isLessThan(1e-6);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void onlyTheAdapterLearns(Method method) {
        var weights = model.stateDict().get("fc1.weight").copy();
        var adapter = Adapter.on(model, new AdapterConfig(method, BOTH), Seed.of(3));
        double first = train(adapter, 1), last = train(adapter, 60);
        assertThat(last).isLessThan(first);
        assertThat(model.parameters()).noneMatch(Tensor::hasGrad);
        assertThat(model.stateDict().get("fc1.weight").toFloats()).isEqualTo(weights.toFloats());
    }

    @ParameterizedTest
    @MethodSource("methods")
    void mergingKeepsTheOutputAndIsTakenBackToTheBit(Method method) {
        var before = output();
        var adapter = Adapter.on(model, new AdapterConfig(method, BOTH), Seed.of(3));
        train(adapter, 5);
        var adapted = output();
        adapter.merge();
        assertThat(output().sub(adapted).abs().max().item()).isLessThan(1e-5);
        adapter.unmerge();
        assertThat(output().toFloats()).isEqualTo(adapted.toFloats());
        adapter.detach();
        assertThat(output().toFloats()).isEqualTo(before.toFloats());
    }

    @ParameterizedTest
    @MethodSource("methods")
    void whatIsSavedOpensAgain(Method method) {
        Map<String, Integer> ranks = method instanceof Method.Oft ? Map.of() : Map.of("fc2", 1);
        var adapter =
                Adapter.on(
                        model,
                        new AdapterConfig(method, BOTH, ranks, Map.of(), List.of()),
                        Seed.of(3));
        train(adapter, 3);
        var adapted = output();
        adapter.save(folder, "a model");
        adapter.detach();
        var again = Adapter.open(model, folder);
        assertThat(output().toFloats()).isEqualTo(adapted.toFloats());
        assertThat(again.config()).isEqualTo(adapter.config());
    }

    @Test
    void aPatternThatMatchesNothingListsTheLayers() {
        var none = new AdapterConfig(new Method.Lora(2, 4, false), new Targets.Named(List.of("q")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Adapter.on(model, none, Seed.of(3)))
                .withMessageContaining("[fc1, fc2]");
    }

    @Test
    void aRankThatDoesNotFitIsNamed() {
        var big = new AdapterConfig(new Method.Lora(9, 4, false), BOTH);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Adapter.on(model, big, Seed.of(3)))
                .withMessageContaining("rank 9")
                .withMessageContaining("fc1");
    }

    @Test
    void mergingTwiceAndASecondAdapterAreRefused() {
        var config = new AdapterConfig(new Method.Lora(2, 4, false), BOTH);
        var adapter = Adapter.on(model, config, Seed.of(3));
        assertThatIllegalStateException()
                .isThrownBy(() -> Adapter.on(model, config, Seed.of(4)))
                .withMessageContaining("already");
        adapter.merge();
        assertThatIllegalStateException().isThrownBy(adapter::merge);
        adapter.unmerge();
        assertThatIllegalStateException().isThrownBy(adapter::unmerge);
    }

    @Test
    void aSwitchThatIsNotKnownIsRefusedByName() throws IOException {
        var config = Files.readString(GOLDENS.resolve("peft-lora/adapter_config.json"));
        Files.writeString(
                folder.resolve("adapter_config.json"),
                config.replace("\"velora_config\": null", "\"velora_config\": {\"scale\": 1}"));
        assertThatThrownBy(() -> Adapter.open(model, folder))
                .hasMessageContaining("velora_config")
                .hasMessageContaining("not read");
        Files.writeString(
                folder.resolve("adapter_config.json"),
                config.replace(
                        "\"layer_replication\": null", "\"layer_replication\": [[0, 2], [1, 3]]"));
        assertThatThrownBy(() -> Adapter.open(model, folder))
                .hasMessageContaining("'layer_replication': is [[0,2],[1,3]]");
    }

    @Test
    void wordsInAnAdaptersFileMustBeTheModelsOwn() throws IOException {
        var golden = GOLDENS.resolve("peft-lora-words");
        var config = PublicConfig.read(golden.resolve("config.json"));
        var lm = CausalLm.open(config, golden.resolve("weights.safetensors"));
        var state =
                new LinkedHashMap<>(Safetensors.read(golden.resolve("adapter_model.safetensors")));
        var words = "base_model.model.model.embed_tokens.base_layer.weight";
        state.put(words, state.get(words).add(1e-3));
        Safetensors.write(folder.resolve("adapter_model.safetensors"), state, Map.of());
        Files.copy(golden.resolve("adapter_config.json"), folder.resolve("adapter_config.json"));
        assertThatThrownBy(() -> Adapter.open(lm, folder))
                .hasMessageContaining("differs from the model's own weight of 'model.embed_tokens'")
                .hasMessageContaining("load the base that it was trained on");
    }

    @Test
    void whatPeftCanSayOfLayersAndBiasesIsWrittenAsItSaysIt() throws IOException {
        var some =
                AdapterOptions.NONE
                        .with(AdapterOptions.Biases.ADAPTED)
                        .without(new Targets.Matching(".*2"));
        for (var method :
                List.of(
                        new Method.Lora(2, 4, false),
                        new Method.Delora(2, 3),
                        new Method.Oft(0, 4, false, 5))) {
            var config = new AdapterConfig(method, new Targets.Matching("fc.")).with(some);
            var adapter = Adapter.on(model, config, Seed.of(3));
            assertThat(adapter.paths()).containsExactly("fc1");
            var into = folder.resolve(method.getClass().getSimpleName());
            adapter.save(into, "a model");
            adapter.detach();
            var written = PeftFiles.json(into.resolve("adapter_config.json"));
            assertThat(written.get("exclude_modules").asString()).isEqualTo(".*2");
            assertThat(written.get("bias").asString())
                    .isEqualTo(
                            method.getClass().getSimpleName().toLowerCase(Locale.ROOT) + "_only");
            var again = Adapter.open(model, into);
            assertThat(again.config()).isEqualTo(config);
            again.detach();
        }
    }

    @Test
    void wholeModulesAreNamedByAnyEndOfTheirPaths() {
        var config =
                new AdapterConfig(new Method.Lora(2, 4, false), new Targets.Named(List.of("fc1")))
                        .saving(List.of("c2"));
        var adapter = Adapter.on(model, config, Seed.of(3));
        assertThat(adapter.savedPaths()).containsExactly("fc2");
        adapter.detach();
    }

    @Test
    void aStartThatCannotBeWorkedOutIsRefused() throws IOException {
        var file = folder.resolve("adapter_config.json");
        Files.writeString(
                file,
                "{\"peft_type\": \"LORA\", \"r\": 2, \"target_modules\": [\"fc1\"], \"init_lora_weights\": \"pissa_niter_4\"}");
        assertThatThrownBy(() -> PeftFiles.read(file)).hasMessageContaining("'pissa_niter_4'");
    }

    @Test
    void anAdapterOfOrthogonalFactorsIsSavedAsPlainLora() {
        var config =
                new AdapterConfig(new Method.Lora(2, 4, false), BOTH)
                        .with(AdapterOptions.NONE.with(AdapterOptions.Start.OLORA));
        var before = output();
        var adapter = Adapter.on(model, config, Seed.of(3));
        assertThat(output().sub(before).abs().max().item()).isLessThan(1e-6);
        train(adapter, 5);
        var adapted = output();
        adapter.save(folder, "a model");
        adapter.detach();
        var again = Adapter.open(model, folder);
        assertThat(again.config().options().start()).isEqualTo(AdapterOptions.Start.KAIMING);
        assertThat(output().sub(adapted).abs().max().item()).isLessThan(1e-5);
        again.detach();
    }

    @Test
    void blocksOfInputsMustDivideThem() {
        var thirds = new AdapterConfig(new Method.Oft(0, 3, false, 0), BOTH);
        assertThatThrownBy(() -> Adapter.on(model, thirds, Seed.of(3)))
                .hasMessageContaining("do not split into 3 blocks");
        assertThatThrownBy(() -> new Method.Oft(4, 3, false, 0))
                .hasMessageContaining("give one of both");
    }

    private Tensor output() {
        try (var _ = Grad.disabled()) {
            return model.forward(x).copy();
        }
    }

    private double train(Adapter adapter, int steps) {
        var optimizer = new AdamW(adapter.parameters(), 1e-2);
        var target = Seed.of(5).normal(5, 8);
        double loss = 0;
        for (int step = 0; step < steps; step++) {
            try (var _ = TensorScope.open()) {
                var error = model.forward(x).sub(target).square().mean();
                optimizer.clearGradients();
                error.backward();
                optimizer.step();
                loss = error.item();
            }
        }
        return loss;
    }
}
