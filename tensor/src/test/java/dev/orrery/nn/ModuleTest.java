package dev.orrery.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Device;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleTest {

    @TempDir Path folder;

    private static final class Tower extends Module implements Layer {
        private final List<Mlp> layers;
        private final RmsNorm norm;

        Tower(int depth, Seed seed) {
            var built = new java.util.ArrayList<Mlp>();
            for (int i = 0; i < depth; i++) built.add(new Mlp(4, 8, seed.split("layers." + i)));
            layers = children("layers", built);
            norm = child("norm", new RmsNorm(4, 1e-6));
            buffer("steps", Tensor.of(new long[] {7}, 1));
        }

        @Override
        public Tensor forward(Tensor x) {
            for (var layer : layers) x = layer.forward(x);
            return norm.forward(x);
        }
    }

    @Test
    void namesJoinWithDots() {
        try (var tower = new Tower(2, Seed.of(1))) {
            assertThat(tower.stateDict().keySet())
                    .containsExactly(
                            "steps",
                            "layers.0.fc1.weight",
                            "layers.0.fc1.bias",
                            "layers.0.fc2.weight",
                            "layers.0.fc2.bias",
                            "layers.1.fc1.weight",
                            "layers.1.fc1.bias",
                            "layers.1.fc2.weight",
                            "layers.1.fc2.bias",
                            "norm.weight");
            assertThat(tower.namedParameters()).hasSize(9);
            assertThat(tower.parameterCount()).isEqualTo(2 * (4 * 8 * 2 + 12) + 4);
        }
    }

    @Test
    void aDeeperModelStartsWithTheSameFirstLayers() {
        try (var two = new Tower(2, Seed.of(1));
                var three = new Tower(3, Seed.of(1));
                var other = new Tower(2, Seed.of(2))) {
            two.namedParameters()
                    .forEach((name, tensor) ->
                            assertThat(three.namedParameters().get(name).equal(tensor))
                                    .as(name)
                                    .isTrue());
            var name = "layers.0.fc1.weight";
            assertThat(two.namedParameters().get(name).equal(other.namedParameters().get(name)))
                    .isFalse();
        }
    }

    @Test
    void siblingsFromOneSeedAreRefused() {
        assertThatThrownBy(() ->
                        Sequential.of(new Linear(3, 3, Seed.of(5)), new Linear(3, 3, Seed.of(5))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("same random values")
                .hasMessageContaining("1.weight");
    }

    @Test
    void savedWeightsLoadIntoAnotherModel() {
        var file = folder.resolve("model.safetensors");
        var x = Seed.of(3).normal(5, 4);
        try (var a = new Tower(2, Seed.of(1));
                var b = new Tower(2, Seed.of(2));
                var c = Module.unset(() -> new Tower(2, Seed.of(2)))) {
            a.save(file);
            b.load(file);
            c.adopt(folder);
            var expected = a.forward(x).toFloats();
            assertThat(b.forward(x).toFloats()).isEqualTo(expected);
            assertThat(c.forward(x).toFloats()).isEqualTo(expected);
        }
    }

    @Test
    void loadingListsEverythingThatDoesNotFit() {
        try (var a = new Tower(2, Seed.of(1))) {
            var state = new LinkedHashMap<>(a.stateDict());
            state.put("layers.0.fc1.wieght", state.remove("layers.0.fc1.weight"));
            state.put("norm.weight", Tensor.ones(5));
            var before = a.namedParameters().get("layers.1.fc1.bias").toFloats();
            assertThatThrownBy(() -> a.load(state))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                            "missing 1 [layers.0.fc1.weight (nearest: layers.0.fc1.wieght)]")
                    .hasMessageContaining("unexpected 1 [layers.0.fc1.wieght]")
                    .hasMessageContaining("misshapen 1 [norm.weight needs [4], got [5]]");
            assertThat(a.namedParameters().get("layers.1.fc1.bias").toFloats()).isEqualTo(before);

            var file = folder.resolve("bad.safetensors");
            Safetensors.write(file, state);
            assertThatThrownBy(() -> a.load(file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("bad.safetensors")
                    .hasMessageContaining("missing 1");
        }
    }

    @Test
    void weightsThatAreNotFiniteAreRefused() {
        try (var a = new RmsNorm(2, 1e-6)) {
            var bad = Map.of("weight", Tensor.of(new float[] {1, Float.NaN}, 2));
            assertThatThrownBy(() -> a.load(bad)).hasMessageContaining("not finite");
        }
    }

    @Test
    void anOutlineChecksShapesWithoutMemory() {
        try (var huge = Module.outline(() -> GatedMlp.geGlu(1_000_000, 4_000_000, Seed.of(1)));
                var _ = TensorScope.open()) {
            assertThat(huge.parameterCount()).isEqualTo(12_000_000_000_000L);
            var x = Tensor.empty(Device.META, DType.F32, 2, 7, 1_000_000);
            assertThat(huge.forward(x).shape()).containsExactly(2, 7, 1_000_000);
        }
    }

    @Test
    void frozenParametersGatherNoGradients() {
        try (var tower = new Tower(1, Seed.of(1))) {
            tower.freeze();
            assertThat(tower.trainableParameters()).isEmpty();
            assertThat(tower.forward(Tensor.ones(2, 4)).requiresGrad()).isFalse();
            tower.unfreeze();
            tower.forward(Tensor.ones(2, 4)).sum().backward();
            assertThat(tower.parameters()).allMatch(Tensor::hasGrad);
            tower.clearGradients();
            assertThat(tower.parameters()).noneMatch(Tensor::hasGrad);
        }
    }

    @Test
    void convertingKeepsNamesAndLeaves() {
        try (var tower = new Tower(1, Seed.of(1))) {
            tower.to(DType.BF16);
            assertThat(tower.stateDict().get("norm.weight").dtype()).isEqualTo(DType.BF16);
            assertThat(tower.stateDict().get("steps").dtype()).isEqualTo(DType.I64);
            tower.forward(Tensor.ones(2, 4).to(DType.BF16)).sum().backward();
            assertThat(tower.parameters()).allMatch(Tensor::hasGrad);
        }
    }

    @Test
    void parametersSurviveTheScopeTheyWereMadeIn() {
        Linear linear;
        try (var _ = TensorScope.open()) {
            linear = new Linear(3, 2, Seed.of(1));
        }
        assertThat(linear.forward(Tensor.ones(1, 3)).shape()).containsExactly(1, 2);
        linear.close();
    }
}
