package dev.orrery.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResidualQuantizerTest {

    private static final VectorQuantizer.Config LAYER = VectorQuantizer.Config.average(16, 4, 0.9);

    private static double distance(ResidualQuantizer quantizer, Tensor z, int depth) {
        return quantizer.forward(z, depth).embedding().sub(z).square().mean().item();
    }

    @Test
    void eachFurtherLayerComesNearerOnceTrained() {
        var quantizer = new ResidualQuantizer(ResidualQuantizer.Config.of(LAYER, 3), Seed.of(1));
        var z = Seed.of(2).normal(64, 4);
        for (int step = 0; step < 60; step++)
            try (var _ = TensorScope.open()) {
                quantizer.endStep(List.of(quantizer.forward(z)), Seed.of(step));
            }
        assertThat(distance(quantizer, z, 2)).isLessThan(distance(quantizer, z, 1));
        assertThat(distance(quantizer, z, 3)).isLessThan(distance(quantizer, z, 2));
        assertThat(distance(quantizer, z, 3)).isLessThan(0.25);
    }

    @Test
    void idsGiveTheEmbeddingBack() {
        var quantizer = new ResidualQuantizer(ResidualQuantizer.Config.of(LAYER, 3), Seed.of(1));
        var residual = quantizer.forward(Seed.of(2).normal(2, 5, 4));
        assertThat(residual.ids().shape()).containsExactly(2, 5, 3);
        assertThat(residual.losses().shape()).containsExactly(3);
        assertThat(quantizer.lookup(residual.ids()).allclose(residual.embedding(), 1e-5, 1e-6))
                .isTrue();
        var coarse = residual.ids().narrow(-1, 0, 1);
        assertThat(
                        quantizer
                                .lookup(coarse)
                                .equal(quantizer.layers().getFirst().lookup(coarse.squeeze(-1))))
                .isTrue();
    }

    @Test
    void aSharedCodebookIsOne() {
        var config = new ResidualQuantizer.Config(List.of(LAYER, LAYER), true, 0);
        var quantizer = new ResidualQuantizer(config, Seed.of(1));
        assertThat(quantizer.layers().get(0)).isSameAs(quantizer.layers().get(1));
        assertThat(quantizer.stateDict()).containsKeys("layers.0.codebook", "layers.1.codebook");
    }

    @Test
    void stepsOfFewLayersLeaveTheOthersAlone() {
        var quantizer = new ResidualQuantizer(ResidualQuantizer.Config.of(LAYER, 2), Seed.of(1));
        var before = quantizer.layers().get(1).codes().copy();
        quantizer.endStep(List.of(quantizer.forward(Seed.of(2).normal(9, 4), 1)), Seed.of(3));
        assertThat(quantizer.layers().get(1).codes().equal(before)).isTrue();
        assertThatThrownBy(() -> quantizer.forward(Tensor.zeros(1, 4), 3))
                .hasMessageContaining("depth 3 is not from 1 to 2");
    }

    @Test
    void layersThatDoNotFitAreNamed() {
        var wide = VectorQuantizer.Config.average(16, 5, 0.9);
        assertThatThrownBy(() -> new ResidualQuantizer.Config(List.of(LAYER, wide), false, 0))
                .hasMessageContaining("got [4, 5]");
        assertThatThrownBy(() -> new ResidualQuantizer.Config(List.of(), false, 0))
                .hasMessageContaining("at least one layer");
    }
}
