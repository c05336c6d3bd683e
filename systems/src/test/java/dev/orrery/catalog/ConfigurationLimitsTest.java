package dev.orrery.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What a run counts, and how far its steps reach, is checked when it is configured.
class ConfigurationLimitsTest {

    private static final Pattern COUNTED =
            Pattern.compile(".*\\.(steps|batch|draws|episodes|execute|perFamily|learningRate)");

    @Test
    void numbersThatNoRunCanUseAreRefusedInEverySystem() {
        for (var entry : Catalog.entries()) {
            if (entry instanceof Entry.Ready ready) {
                var accepted = new ArrayList<String>();
                examine(ready.recipe(), accepted);
                assertThat(accepted).as(ready.name()).isEmpty();
            }
        }
    }

    private static <C extends Record> void examine(Recipe<C> recipe, List<String> accepted) {
        var config = ConfigBinder.resolve(recipe, ConfigBinder.Request.defaults()).config();
        walk(recipe, ConfigBinder.tree(config), "", accepted);
    }

    private static void walk(Recipe<?> recipe, JsonNode node, String path, List<String> accepted) {
        for (var part : node.properties()) {
            walk(recipe, part.getValue(), path + "." + part.getKey(), accepted);
        }
        if (node.isNumber() && COUNTED.matcher(path).matches()) {
            for (var value : List.of("-1", "NaN")) {
                var set = path.substring(1) + "=" + value;
                if (accepts(recipe, set)) {
                    accepted.add(set);
                }
            }
        }
    }

    private static boolean accepts(Recipe<?> recipe, String set) {
        try {
            ConfigBinder.resolve(
                    recipe, new ConfigBinder.Request(Optional.empty(), List.of(), List.of(set)));
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
