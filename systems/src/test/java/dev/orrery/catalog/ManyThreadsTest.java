package dev.orrery.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Recipe;
import dev.orrery.run.Run;
import dev.orrery.tensor.Engine;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Policies train on machines with more threads than a step has examples.
class ManyThreadsTest {

    private static final List<String> FEW =
            List.of(
                    "demonstrations.families=[\"pick\"]",
                    "demonstrations.perFamily=1",
                    "evaluation.episodes=1");

    @TempDir Path folder;

    @Test
    void pi0() {
        trains(
                "pi0",
                "grounding.steps=1",
                "grounding.batch=3",
                "training.steps=1",
                "training.batch=2");
    }

    @Test
    void openvla() {
        trains(
                "openvla",
                "school.steps=1",
                "school.batch=4",
                "grounding.steps=1",
                "grounding.batch=4",
                "training.steps=1",
                "training.batch=2");
    }

    @Test
    void rt2() {
        trains(
                "rt-2",
                "web.steps=1",
                "web.batch=3",
                "training.steps=1",
                "training.batch=2",
                "evaluation.questions=1");
    }

    @Test
    void internVlaM1() {
        trains(
                "internvla-m1",
                "spatial.steps=1",
                "spatial.batch=3",
                "acting.steps=1",
                "acting.batch=3",
                "acting.coTraining.batch=1",
                "evaluation.questions=1");
    }

    private void trains(String system, String... sets) {
        int before = Engine.threads();
        Engine.threads(5);
        try {
            trains(Catalog.ready(system).recipe(), List.of(sets));
        } finally {
            Engine.threads(before);
        }
    }

    private <C extends Record> void trains(Recipe<C> recipe, List<String> sets) {
        var all = Stream.of(FEW, sets).flatMap(List::stream).toList();
        var request = new ConfigBinder.Request(Optional.of("smoke"), List.of(), all);
        var config = ConfigBinder.resolve(recipe, request).config();
        try (var run = Run.create(folder.resolve("run"), recipe.name(), config, 3)) {
            recipe.run(config, run);
            assertThat(run.checkpoints().all()).isNotEmpty();
        }
    }
}
