package dev.orrery.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class SiglipTest {

    /// What `SiglipVisionModel` of transformers 5.18 makes of the same weights and pictures.
    private static final double[] REFERENCE = {
        -0.496859, 0.426319, 0.570772, -0.224908, -0.479375, 0.528369, 0.61991, 0.001401,
        -0.448374, 0.440716, 0.614861, -0.227408, -0.544462, 0.490285, 0.568157, -0.070473,
        -0.496804, 0.426372, 0.570857, -0.224875, -0.479264, 0.528426, 0.619978, 0.001544,
        -0.448262, 0.440777, 0.614972, -0.22735, -0.54442, 0.490329, 0.568204, -0.070396
    };

    @Test
    void rowsAndColumnsThatFillNoPatchAreLeftOut() {
        var config = new SiglipConfig(4, 1, 2, 8, 3, List.of(), List.of(7));
        try (var tower = Module.unset(() -> new Siglip(config, Seed.of(0)));
                var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var weights = new HashMap<String, Tensor>();
            tower.stateDict()
                    .forEach((name, like) ->
                            weights.put(name, waves(.7, name.length(), .5, like.shape())));
            tower.load(weights);
            var pictures = waves(.3, 0, 1, 2, 3, 7, 7);
            var read = tower.forward(pictures, 0).toFloats();
            assertThat(read).hasSize(REFERENCE.length);
            for (int i = 0; i < read.length; i++) {
                assertThat((double) read[i])
                        .as("number %d", i)
                        .isCloseTo(REFERENCE[i], within(1e-5));
            }
        }
    }

    @Test
    void picturesFillAtLeastOnePatchAndWholeOnesBehindAStem() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SiglipConfig(4, 1, 2, 8, 3, List.of(), List.of(2)))
                .withMessageContaining("imageSizes has 2, patches have 3 pixels a side");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SiglipConfig(8, 1, 2, 8, 8, List.of(8), List.of(20)))
                .withMessageContaining("use a multiple");
    }

    private static Tensor waves(double step, double start, double height, long... shape) {
        int count = 1;
        for (long size : shape) count *= (int) size;
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float) (Math.sin(i * step + start) * height);
        return Tensor.of(values, shape);
    }
}
