package dev.orrery.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Progress;
import dev.orrery.run.Recipe;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunStopped;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The switch `training.precision` of the recipes that have one, in a few steps of a few examples
/// each: bf16 is slow where the processor does not know it.
class PrecisionSwitchTest {

    @TempDir Path folder;

    private record Few(String system, List<String> sets) {
        @Override
        public String toString() {
            return system;
        }
    }

    static Stream<Few> recipes() {
        var table =
                List.of(
                        "demonstrations.families=[\"pick\"]",
                        "demonstrations.perFamily=2",
                        "evaluation.episodes=1",
                        "training.steps=2",
                        "training.batch=2",
                        "grounding.steps=1",
                        "grounding.batch=2");
        return Stream.of(
                new Few("pi0", table),
                new Few("openvla", with(with(table, "school.steps=1"), "school.batch=2")),
                new Few(
                        "genie",
                        List.of(
                                "data.frames=200",
                                "tokenizer.budget.steps=2",
                                "tokenizer.budget.batch=2",
                                "latentActions.budget.steps=1",
                                "latentActions.budget.batch=2",
                                "dynamics.budget.steps=1",
                                "dynamics.budget.batch=2",
                                "evaluation.clips=2")),
                new Few(
                        "dynalang",
                        List.of(
                                "training.steps=24",
                                "training.batch=2",
                                "training.length=8",
                                "training.ratio=4",
                                "text.updates=1",
                                "evaluation.episodes=1")));
    }

    private static List<String> with(List<String> sets, String more) {
        return Stream.concat(sets.stream(), Stream.of(more)).toList();
    }

    /// Keeps what a training says, and may stop it after its first step.
    private static final class Heard implements Progress {
        private final List<String> notes = new ArrayList<>();
        private final boolean stops;
        private Optional<Run> run = Optional.empty();

        Heard(boolean stops) {
            this.stops = stops;
        }

        @Override
        public void stage(String name, long total) {
            if (stops && name.startsWith("training")) {
                run.orElseThrow().requestStop();
            }
        }

        @Override
        public void at(long done, String detail) {}

        @Override
        public void note(String line) {
            notes.add(line);
        }
    }

    private Path place(String name) {
        return folder.resolve(name);
    }

    private <C extends Record> Heard train(
            Recipe<C> recipe, List<String> sets, String name, boolean stops) {
        var request = new ConfigBinder.Request(Optional.of("smoke"), List.of(), sets);
        var config = ConfigBinder.resolve(recipe, request).config();
        var heard = new Heard(stops);
        var info = RunInfo.now(recipe.name(), "smoke", 3, config);
        try (var run = Run.create(place(name), info, heard)) {
            heard.run = Optional.of(run);
            if (stops) {
                assertThatThrownBy(() -> recipe.run(config, run)).isInstanceOf(RunStopped.class);
            } else {
                recipe.run(config, run);
            }
        }
        if (stops) {
            try (var run = Run.reopen(place(name), Progress.silent())) {
                recipe.run(config, run);
            }
        }
        return heard;
    }

    /// The newest state that a run saved.
    private Map<String, Tensor> saved(String name) {
        try (var run = Run.reopen(place(name), Progress.silent())) {
            return Safetensors.read(run.checkpoints().all().getFirst());
        }
    }

    private static boolean same(Map<String, Tensor> a, Map<String, Tensor> b) {
        assertThat(a.keySet()).isEqualTo(b.keySet());
        return a.entrySet().stream().allMatch(e -> e.getValue().equal(b.get(e.getKey())));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void aTrainingWithBf16ProductsIsFiniteAndGoesOnToTheBit(Few few) {
        var recipe = Catalog.ready(few.system()).recipe();
        var plain = train(recipe, few.sets(), "plain", false);
        var rounded = with(few.sets(), "training.precision=BF16");
        var heard = train(recipe, rounded, "bf16", false);
        train(recipe, rounded, "stopped", true);
        assertThat(plain.notes).anyMatch(note -> note.startsWith("linear layers multiply in F32"));
        assertThat(heard.notes).anyMatch(note -> note.contains("linear layers multiply in bf16"));
        try (var _ = TensorScope.open()) {
            var before = saved("plain");
            var bf16 = saved("bf16");
            assertThat(same(before, bf16)).as("the switch does something").isFalse();
            assertThat(same(bf16, saved("stopped"))).as("goes on to the bit").isTrue();
            bf16.forEach((name, t) -> {
                if (t.dtype().isFloating()) {
                    assertThat(t.isfinite().all().item()).as(name).isEqualTo(1);
                }
            });
        }
    }

    @Test
    void anUnknownPrecisionIsNamed() {
        var recipe = Catalog.ready("pi0").recipe();
        assertThatThrownBy(() -> train(recipe, List.of("training.precision=FP16"), "other", false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("FP16");
    }
}
