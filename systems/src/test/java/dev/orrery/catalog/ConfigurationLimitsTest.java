package dev.orrery.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.orrery.run.ConfigBinder;
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
        boolean list =
                ConfigBinder.tree(recipe.presets().get(preset))
                        .at("/" + key.replace('.', '/'))
                        .isArray();
        var set = "%s=%s".formatted(key, list ? "[" + value + "]" : value);
        var request = new ConfigBinder.Request(Optional.of(preset), List.of(), List.of(set));
        var refused = catchThrowable(() -> ConfigBinder.resolve(recipe, request));
        var what = "%s --preset %s --set %s".formatted(recipe.name(), preset, set);
        assertThat(refused).as(what).isInstanceOf(IllegalArgumentException.class);
        assertThat(refused.getMessage())
                .as(what)
                .contains(key.substring(key.lastIndexOf('.') + 1), value)
                .doesNotContain("\n");
    }
}
