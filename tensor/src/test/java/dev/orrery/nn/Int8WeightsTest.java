package dev.orrery.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Device;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class Int8WeightsTest {

    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 16, 64, 65, 257})
    void productsAreThoseOfTheRoundedWeight(long rows) {
        var layer = new Linear(96, 40, Seed.of(1));
        var x = Seed.of(2).normal(rows, 96).to(DType.BF16).to(DType.F32);
        try (var int8 = Int8Weights.of(layer);
                var _ = Grad.disabled()) {
            var wanted = Functional.linear(x, layer.weight(), layer.bias());
            var error = layer.forward(x).sub(wanted).abs().max().item();
            // what comes out of a kernel may be rounded to bf16
            assertThat(error).isLessThan(wanted.abs().max().item() / 128);
            assertThat(int8.bytes()).isBetween(96L * 40 + 2 * 40, 96L * 40 + 4 * 40);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyKernelGivesTheProduct(Int8Product product) {
        assumeTrue(product == Int8Product.PACKED || Int8Product.on(Device.CPU) == product);
        var weight = Seed.of(1).integers(255, 40, 96).sub(127).to(DType.I8);
        var scale = Seed.of(2).uniform(40).to(DType.BF16);
        var x = Seed.of(3).normal(3, 96).mul(Tensor.of(new float[] {1, 0, 1000}, 3, 1));
        var rounded = weight.to(DType.F32).mul(scale.to(DType.F32).unsqueeze(1));
        var wanted = x.matmul(rounded.transpose(0, 1));
        var error = product.of(x, product.keep(weight, scale)).to(DType.F32).sub(wanted).abs();
        var largest = wanted.abs().amax(new long[] {1}, true).clampMin(1);
        // whole numbers keep 15 bits of a row's largest number, bf16 8 of every one
        assertThat(error.div(largest).max().item())
                .isLessThan(product == Int8Product.WHOLE ? 2e-4 : 0.02);
    }

    @Test
    void weightsAreRoundedToTheNearestOf255Steps() {
        var layer = Linear.withoutBias(64, 8, Seed.of(1));
        try (var _ = Int8Weights.of(layer);
                var _ = Grad.disabled()) {
            var largest = layer.storedWeight().abs().amax(new long[] {1}, true);
            var error = layer.weight().sub(layer.storedWeight()).abs();
            // half a step, and the scale's own rounding at the ends
            assertThat(error.div(largest).max().item()).isBetween(1e-4, 0.5 / 127 + 1.0 / 256);
        }
    }

    @Test
    void closingGivesTheWeightsBack() {
        var layer = new Linear(64, 8, Seed.of(1));
        var x = Seed.of(2).normal(3, 64);
        var before = layer.forward(x).toFloats();
        try (var _ = Int8Weights.of(layer)) {
            assertThat(layer.forward(x.detach()).toFloats()).isNotEqualTo(before);
        }
        assertThat(layer.forward(x).toFloats()).isEqualTo(before);
    }

    @Test
    void aRowOfZerosStaysZero() {
        var layer = Linear.zero(32, 4);
        try (var _ = Int8Weights.of(layer);
                var _ = Grad.disabled()) {
            assertThat(layer.forward(Seed.of(1).normal(1, 32)).toFloats()).containsOnly(0);
        }
    }

    @Test
    void gradientsStillReachTheInput() {
        var layer = new Linear(32, 4, Seed.of(1));
        layer.freeze();
        try (var _ = Int8Weights.of(layer)) {
            var x = Seed.of(1).normal(1, 32).requiresGrad_(true);
            layer.forward(x).sum().backward();
            assertThat(x.grad().abs().max().item()).isPositive();
        }
    }

    @Test
    void layersThatDoNotFitAreKeptAndAModelOfSuchIsRefused() {
        assertThatThrownBy(() -> Int8Weights.of(new Linear(33, 8, Seed.of(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no linear layer whose inputs are a multiple of 32");
        var both = Sequential.of(new Linear(32, 33, Seed.of(1)), new Linear(33, 32, Seed.of(2)));
        try (var int8 = Int8Weights.of(both)) {
            assertThat(int8.layers()).isEqualTo(1);
        }
    }

    @Test
    void aSingleRowIsMultipliedAsManyAre() {
        // one row of a large matrix goes another way than several
        var weight = Seed.of(1).normal(1024, 1024);
        var bias = Seed.of(2).normal(1024);
        var rows = Seed.of(3).normal(3, 1024);
        var several = Functional.linear(rows, weight, bias).narrow(0, 1, 1);
        var one = Functional.linear(rows.narrow(0, 1, 1).unsqueeze(0), weight, bias);
        assertThat(one.shape()).containsExactly(1, 1, 1024);
        assertThat(one.flatten(0, 1).sub(several).abs().max().item()).isLessThan(1e-3);
        var plain = Functional.linear(rows.select(0, 1), weight, null);
        assertThat(plain.shape()).containsExactly(1024);
        assertThat(plain.add(bias).sub(several.flatten(0, 1)).abs().max().item()).isLessThan(1e-3);
    }

    @Test
    void aSingleRowHasTheGradientsOfAProduct() {
        var weight = Seed.of(1).normal(1024, 1024).requiresGrad_(true);
        var row = Seed.of(3).normal(1, 1024).requiresGrad_(true);
        Functional.linear(row, weight, null).square().sum().backward();
        var one = weight.grad().detach().copy();
        var ofRow = row.grad().detach().copy();
        weight.clearGrad();
        row.clearGrad();
        // a second row of zeros adds nothing to any gradient
        var two = Tensor.cat(java.util.List.of(row, Tensor.zeros(1, 1024)), 0);
        Functional.linear(two, weight, null).square().sum().backward();
        assertThat(one.sub(weight.grad()).abs().max().item()).isLessThan(1e-2);
        assertThat(ofRow.sub(row.grad()).abs().max().item()).isLessThan(1e-1);
    }
}
