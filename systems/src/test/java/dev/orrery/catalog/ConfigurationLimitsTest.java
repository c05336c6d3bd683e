package dev.orrery.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Need;
import dev.orrery.run.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Numbers that no run can use are refused before anything begins.
class ConfigurationLimitsTest {

    /// Bounds of an action may lie anywhere, as long as there is a pair for each dimension.
    private static final Set<String> ANY = Set.of("model.actions.low", "model.actions.high");

    static Stream<Recipe<?>> recipes() {
        return Catalog.entries().stream()
                .filter(Entry.Ready.class::isInstance)
                .map(entry -> Catalog.ready(entry.name()).recipe());
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void noNumberOfAnyPresetMayBeNegativeOrNone(Recipe<?> recipe) {
        for (var preset : recipe.presets().entrySet()) {
            var keys = new ArrayList<String>();
            collect(ConfigBinder.tree(preset.getValue()), "", keys);
            assertThat(keys).hasSizeGreaterThan(5);
            keys.removeAll(ANY);
            for (var key : keys) {
                refuses(recipe, preset.getKey(), key, "-1");
                refuses(recipe, preset.getKey(), key, "NaN");
            }
        }
    }

    @Test
    void whatHasToBeThereIsNotNothing() {
        refuses("genie", "smoke", "tokenizer.encoder.width", "0");
        refuses("genie", "smoke", "dynamics.network.blocks", "0");
        refuses("genie", "paper", "tokenizer.patch", "0");
        refuses("flow-matching", "smoke", "network.minPeriod", "0");
        refuses("rt-2", "smoke", "model.language.heads", "0");
        refuses("openvla", "smoke", "model.io.bins", "0");
        refuses("openvla", "smoke", "model.vision.heads", "0");
        refuses("pi0", "smoke", "model.vision.width", "0");
        refuses("internvla-m1", "smoke", "model.vlm.depth", "0");
        refuses("internvla-m1", "smoke", "model.io.chunk", "0");
        for (var system : List.of("pi0", "openvla", "rt-2", "internvla-m1", "lora")) {
            refuses(system, "smoke", "evaluation.episodes", "0");
        }
    }

    @Test
    void whatIsAShareOrSplitsHasAnUpperEnd() {
        refuses("genie", "smoke", "training.beta2", "1");
        refuses("genie", "smoke", "tokenizer.encoder.width", "66");
        refuses("genie", "smoke", "tokenizer.encoder.width", "2000000000");
        refuses("genie", "paper", "tokenizer.patch", "2000000000");
        refuses("flow-matching", "smoke", "training.ema", "1.5");
        refuses("internvla-m1", "smoke", "model.expert.heads", "2000000000");
        refuses("lora", "full", "way.dropout", "1");
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void noNumberOfAnyPresetMayBeAboveABillion(Recipe<?> recipe) {
        for (var preset : recipe.presets().entrySet()) {
            var keys = new ArrayList<String>();
            collect(ConfigBinder.tree(preset.getValue()), "", keys);
            keys.removeAll(ANY);
            keys.removeIf(key -> key.endsWith(".stem")); // counted with the weights
            for (var key : keys) {
                assertThat(refusal(recipe, preset.getKey(), key, "2000000000"))
                        .as(key)
                        .containsAnyOf("2000000000", "2.0E9");
            }
        }
    }

    @Test
    void learningRatesAndDepthsHaveASaneEnd() {
        refuses("genie", "smoke", "dynamics.budget.learningRate", "101");
        refuses("pi0", "smoke", "training.learningRate", "101");
        refuses("internvla-m1", "smoke", "acting.rates.rest", "101");
        refuses("openvla", "smoke", "training.lastRate", "101");
        refuses("pi0", "smoke", "model.vision.layers", "2001");
        refuses("dynalang", "smoke", "training.learningRate", "101");
    }

    @ParameterizedTest
    @MethodSource("recipes")
    <C extends Record> void smallPresetsFitAnyMachine(Recipe<C> recipe) {
        for (var preset : List.of("smoke", "laptop")) {
            Need.check(recipe, recipe.presets().get(preset), 2L << 30);
        }
    }

    @Test
    void whatFitsNoMachineIsRefusedByItsNeed() {
        exceeds("genie", "data.frames", 900_000_000);
        exceeds("genie", "tokenizer.budget.batch", 10_000_000);
        exceeds("pi0", "training.batch", 10_000_000);
        exceeds("pi0", "demonstrations.perFamily", 10_000_000);
        exceeds("lora", "training.perFamily", 10_000_000);
        exceeds("openvla", "grounding.batch", 10_000_000);
        exceeds("rt-2", "web.batch", 10_000_000);
        exceeds("internvla-m1", "acting.batch", 10_000_000);
        exceeds("dynalang", "training.batch", 10_000_000);
        exceeds("dreamerv3", "text.batch", 10_000_000);
        exceeds("flow-matching", "sampling.samples", 900_000_000);
        exceeds("delora", "task.samples", 900_000_000);
        assertThat(exceeds("genie", "dynamics.network.heads", 1 << 20)).contains("dynamics");
        assertThat(exceeds("pi0", "model.expert.width", 1 << 20)).contains("weights of model");
        assertThat(exceeds("delora", "task.width", 100_000_000)).contains("weights of task");
    }

    private static String exceeds(String system, String key, long value) {
        return exceeds(Catalog.ready(system).recipe(), key, value);
    }

    /// What is said of a value that is no fault by itself; where it counts something, what would
    /// fit is told, and fits.
    private static <C extends Record> String exceeds(Recipe<C> recipe, String key, long value) {
        long memory = 4_000_000_000L;
        var refused = catchThrowable(() -> Need.check(recipe, config(recipe, key, value), memory));
        assertThat(refused).as(key).isInstanceOf(IllegalArgumentException.class);
        var said = refused.getMessage();
        assertThat(said).contains("this machine has 4.0 GB").doesNotContain("\n");
        if (said.startsWith(key + " " + value)) {
            long most = Long.parseLong(said.substring(said.lastIndexOf(' ') + 1));
            Need.check(recipe, config(recipe, key, most), memory);
        } else {
            assertThat(said).contains("weights");
        }
        return said;
    }

    private static <C extends Record> C config(Recipe<C> recipe, String key, long value) {
        var set = List.of(key + "=" + value);
        var request = new ConfigBinder.Request(Optional.of("smoke"), List.of(), set);
        return ConfigBinder.resolve(recipe, request).config();
    }

    private static void collect(JsonNode node, String path, List<String> keys) {
        node.properties()
                .forEach(p -> {
                    var key = path.isEmpty() ? p.getKey() : path + "." + p.getKey();
                    var value = p.getValue();
                    if (value.isNumber() || value.isArray() && value.path(0).isNumber())
                        keys.add(key);
                    else collect(value, key, keys);
                });
    }

    private static void refuses(String system, String preset, String key, String value) {
        refuses(Catalog.ready(system).recipe(), preset, key, value);
    }

    private static void refuses(Recipe<?> recipe, String preset, String key, String value) {
        assertThat(refusal(recipe, preset, key, value))
                .contains(key.substring(key.lastIndexOf('.') + 1), value);
    }

    private static String refusal(Recipe<?> recipe, String preset, String key, String value) {
        boolean list =
                ConfigBinder.tree(recipe.presets().get(preset))
                        .at("/" + key.replace('.', '/'))
                        .isArray();
        var set = "%s=%s".formatted(key, list ? "[" + value + "]" : value);
        var request = new ConfigBinder.Request(Optional.of(preset), List.of(), List.of(set));
        var refused = catchThrowable(() -> ConfigBinder.resolve(recipe, request));
        var what = "%s --preset %s --set %s".formatted(recipe.name(), preset, set);
        assertThat(refused).as(what).isInstanceOf(IllegalArgumentException.class);
        assertThat(refused.getMessage()).as(what).doesNotContain("\n");
        return refused.getMessage();
    }
}
