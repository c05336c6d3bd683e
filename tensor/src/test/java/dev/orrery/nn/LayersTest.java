package dev.orrery.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LayersTest {

    private static final Seed SEED = Seed.of(11);
    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void layerNormGivesZeroMeanAndUnitVariance() {
        var y = new LayerNorm(64).forward(Seed.of(1).normal(3, 64).mul(5.0).add(2.0));
        assertThat(y.mean(-1).abs().max().item()).isLessThan(1e-5);
        assertThat(y.var(new long[] {-1}, false, false).sub(1.0).abs().max().item())
                .isLessThan(1e-4);
    }

    @Test
    void normsOfChannelsAgreeByPixelAndByPlaneWithTheirGradients() {
        var norm = new ChannelNorm(3, 1e-3);
        norm.load(Map.of("weight", Seed.of(1).normal(3), "bias", Seed.of(2).normal(3)));
        var x = Seed.of(3).normal(2, 3, 4, 5).requiresGrad_(true);
        var upstream = Seed.of(4).normal(2, 3, 4, 5);
        var pixel = norm.byPixel(x);
        pixel.backward(upstream);
        var wanted = List.of(x.grad().copy(), grad(norm, 0).copy(), grad(norm, 1).copy());
        x.clearGrad();
        norm.clearGradients();
        var plane = norm.byPlane(x);
        plane.backward(upstream);
        assertThat(plane.allclose(pixel, 1e-5, 1e-5)).isTrue();
        assertThat(x.grad().allclose(wanted.get(0), 1e-4, 1e-5)).isTrue();
        assertThat(grad(norm, 0).allclose(wanted.get(1), 1e-4, 1e-5)).isTrue();
        assertThat(grad(norm, 1).allclose(wanted.get(2), 1e-4, 1e-5)).isTrue();
    }

    private static Tensor grad(Module module, int parameter) {
        return module.parameters().get(parameter).grad();
    }

    @Test
    void rmsNormFollowsItsFormulaInBothForms() {
        var x = Tensor.of(new float[] {3, 4, 0, 0}, 1, 4);
        var plain = new RmsNorm(4, 0);
        plain.load(Map.of("weight", Tensor.of(new float[] {1, 2, 3, 4}, 4)));
        assertThat(plain.forward(x).toFloats())
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly(1.2f, 3.2f, 0, 0);
        var gemma = RmsNorm.onePlus(4, 0);
        gemma.load(Map.of("weight", Tensor.of(new float[] {0, 1, 2, 3}, 4)));
        assertThat(gemma.forward(x).toFloats())
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly(1.2f, 3.2f, 0, 0);
    }

    @Test
    void adaptiveNormsStartWithoutEffectAndTakeTheirPartsInOrder() {
        var x = Seed.of(1).normal(2, 3, 4);
        var condition = Seed.of(2).normal(2, 5);
        var rms = new AdaptiveRmsNorm(4, 5, 1e-6);
        var start = rms.forward(x, condition);
        assertThat(start.residual(x, x).equal(x)).isTrue();

        var bias = new float[] {1, 1, 1, 1, 7, 7, 7, 7, 2, 2, 2, 2};
        rms.load(Map.of("dense.weight", Tensor.zeros(12, 5), "dense.bias", Tensor.of(bias, 12)));
        var plain = Functional.rmsNorm(x, new long[] {4}, null, 1e-6);
        var out = rms.forward(x, condition);
        assertThat(out.x().allclose(plain.mul(2.0).add(7.0), 1e-6, 1e-6)).isTrue();
        assertThat(out.gate().toFloats()).containsOnly(2f);

        var layer = new AdaptiveLayerNorm(4, 5, 2, 1e-6);
        assertThat(layer.parameterCount()).isEqualTo(24 * 5 + 24);
        var second = layer.modulations(condition)[1];
        assertThat(second.residual(x, x).equal(x)).isTrue();
    }

    @Test
    void convolutionsHaveTheShapesOfTheirWindows() {
        var strided = Window.of(3).withStride(2).withPadding(1);
        assertShape(new Conv1d(4, 6, strided, SEED).forward(Tensor.ones(2, 4, 9)), 2, 6, 5);
        assertShape(
                new Conv2d(4, 6, strided.withGroups(2), SEED).forward(Tensor.ones(2, 4, 9, 7)),
                2,
                6,
                5,
                4);
        assertShape(
                new Conv3d(4, 6, Window.same(3), SEED).forward(Tensor.ones(2, 4, 3, 4, 5)),
                2,
                6,
                3,
                4,
                5);
        var up = Window.of(4).withStride(2).withPadding(1);
        assertShape(new ConvTranspose1d(4, 6, up, 0, SEED).forward(Tensor.ones(2, 4, 5)), 2, 6, 10);
        assertShape(
                new ConvTranspose2d(4, 6, strided, 1, SEED).forward(Tensor.ones(2, 4, 5, 4)),
                2,
                6,
                10,
                8);
        assertShape(
                new ConvTranspose3d(4, 6, up, 0, SEED).forward(Tensor.ones(1, 4, 2, 3, 4)),
                1,
                6,
                4,
                6,
                8);
        assertShape(
                new ResidualConvBlock(4, 8, 2, SEED).forward(Tensor.ones(1, 4, 5, 5)), 1, 8, 5, 5);
        assertThatThrownBy(() -> new Conv2d(3, 4, Window.of(1).withGroups(2), SEED))
                .hasMessageContaining("3 channels do not split over 2 groups");
        assertThatThrownBy(() -> Window.of(0)).hasMessageContaining("kernel 0");
    }

    @Test
    void aPatchConvolutionIsALinearLayerOnPatches() {
        var conv = new Conv2d(2, 3, Window.patches(2), SEED);
        var x = Seed.of(1).normal(1, 2, 4, 4);
        var patch = x.narrow(2, 2, 2).narrow(3, 0, 2).reshape(1, 8);
        var state = conv.stateDict();
        var expected =
                Functional.linear(patch, state.get("weight").reshape(3, 8), state.get("bias"));
        var got = conv.forward(x).select(3, 0).select(2, 1);
        assertThat(got.allclose(expected, 1e-5, 1e-5)).isTrue();
    }

    @Test
    void recurrentCellsFollowTheirFormulas() {
        var cell = new GruCell(2, 3, SEED);
        var w = cell.stateDict();
        var x = Seed.of(1).normal(4, 2);
        var h = Seed.of(2).normal(4, 3);
        var in = Functional.linear(x, w.get("weight_ih"), w.get("bias_ih")).chunk(3, -1);
        var st = Functional.linear(h, w.get("weight_hh"), w.get("bias_hh")).chunk(3, -1);
        var r = in.get(0).add(st.get(0)).sigmoid();
        var z = in.get(1).add(st.get(1)).sigmoid();
        var n = in.get(2).add(r.mul(st.get(2))).tanh();
        assertThat(cell.forward(x, h).allclose(n.mul(z.neg().add(1.0)).add(z.mul(h)), 1e-5, 1e-6))
                .isTrue();

        var dreamer = new NormGruCell(2, 3, SEED);
        var gates =
                new LayerNorm(9, 1e-3)
                        .forward(
                                Functional.linear(
                                        Tensor.cat(java.util.List.of(x, h), -1),
                                        dreamer.stateDict().get("GRU_linear.weight"),
                                        null))
                        .chunk(3, -1);
        var c = gates.get(0).sigmoid().mul(gates.get(1)).tanh();
        var u = gates.get(2).sub(1.0).sigmoid();
        assertThat(
                        dreamer.forward(x, h)
                                .allclose(u.mul(c).add(u.neg().add(1.0).mul(h)), 1e-5, 1e-6))
                .isTrue();
    }

    @Test
    void initialValuesHaveTheSpreadAsked() {
        var normal = Init.normal(0.02).draw(SEED, 200, 100);
        assertThat(normal.std(false).item()).isCloseTo(0.02, within(5e-4));
        var truncated = Init.truncatedNormal(0.5).draw(SEED, 200, 100);
        assertThat(truncated.abs().max().item()).isLessThanOrEqualTo(1.0);
        assertThat(truncated.std(false).item()).isCloseTo(0.5 * 0.8796, within(5e-3));
        var fan = Init.fanIn().draw(SEED, 50, 400);
        assertThat(fan.abs().max().item()).isCloseTo(0.05, within(1e-3));
        var glorot = Init.xavierUniform().draw(SEED, 200, 100);
        assertThat(glorot.std(false).item()).isCloseTo(Math.sqrt(2.0 / 300), within(1e-3));
    }

    @Test
    void activationsAreFoundByTheirPublicNames() {
        assertThat(Activation.named("gelu_pytorch_tanh")).isEqualTo(Activation.GELU_TANH);
        assertThat(Activation.named("swish")).isEqualTo(Activation.SILU);
        assertThatThrownBy(() -> Activation.named("gleu")).hasMessageContaining("gelu");
        var x = Tensor.of(new float[] {-1, 0.5f}, 2);
        for (var activation : Activation.values())
            assertThat(activation.forward(x).shape()).as("%s", activation).containsExactly(2);
        assertThat(Activation.QUICK_GELU.forward(x).toFloats()[1])
                .isCloseTo((float) (0.5 / (1 + Math.exp(-0.851))), within(1e-6f));
    }

    @Test
    void gradientsAgreeWithDifferenceQuotients() {
        check("linear", () -> new Linear(3, 4, SEED), 2, 3);
        check("mlp", () -> new Mlp(3, 5, SEED), 2, 3);
        check("gated", () -> GatedMlp.geGlu(3, 5, SEED), 2, 3);
        check("swiglu", () -> GatedMlp.swiGlu(3, 5, SEED), 2, 3);
        check("layerNorm", () -> new LayerNorm(5), 3, 5);
        check("rmsNorm", () -> RmsNorm.onePlus(5, 1e-6), 3, 5);
        check("groupNorm", () -> new GroupNorm(2, 4, 1e-5), 2, 4, 3);
        check("attention", () -> SelfAttention.causal(8, 2, SEED), 1, 4, 8);
        check("block", () -> TransformerBlock.of(8, 2, 2, Visibility.full(), SEED), 1, 3, 8);
        check("conv1d", () -> new Conv1d(2, 3, Window.same(3), SEED), 1, 2, 5);
        check("conv2d", () -> new Conv2d(2, 3, Window.same(3), SEED), 1, 2, 3, 4);
        check("conv3d", () -> new Conv3d(1, 2, Window.of(2), SEED), 1, 1, 3, 3, 3);
        check("up2d", () -> new ConvTranspose2d(2, 3, Window.patches(2), 0, SEED), 1, 2, 2, 3);
        check("resblock", () -> new ResidualConvBlock(2, 4, 2, SEED), 1, 2, 3, 3);
        check("residual", () -> Residual.of(4, new Linear(4, 4, SEED)), 2, 4);
    }

    /// Compares every parameter's and the input's derivative, in F64, along one random direction.
    private static <M extends Module & Layer> void check(
            String what, Supplier<M> build, long... shape) {
        try (var layer = build.get()) {
            layer.to(DType.F64);
            var x = Seed.of(5).normal(shape).to(DType.F64).requiresGrad_(true);
            loss(layer, x).backward();
            var leaves = new java.util.LinkedHashMap<>(layer.namedParameters());
            leaves.put("input", x);
            leaves.forEach((name, leaf) -> {
                var way = Seed.of(6).split(name).normal(leaf.shape()).to(DType.F64);
                double slope = leaf.grad().mul(way).sum().item();
                double step = 1e-6;
                double up = at(layer, x, leaf, way, step);
                double down = at(layer, x, leaf, way, -step);
                assertThat((up - down) / (2 * step))
                        .as("%s %s", what, name)
                        .isCloseTo(slope, within(1e-6 * Math.max(1, Math.abs(slope))));
            });
        }
    }

    private static Tensor loss(Layer layer, Tensor x) {
        var y = layer.forward(x);
        var weights = Seed.of(7).normal(y.shape()).to(DType.F64);
        return y.mul(weights).sum();
    }

    private static double at(Layer layer, Tensor x, Tensor leaf, Tensor way, double step) {
        try (var _ = dev.orrery.tensor.Grad.disabled()) {
            leaf.add_(way, step);
            double value = loss(layer, x).item();
            leaf.add_(way, -step);
            return value;
        }
    }

    private static void assertShape(Tensor x, long... shape) {
        assertThat(x.shape()).containsExactly(shape);
    }

    @Test
    void theRowOfPaddingLearnsNothingFromBeingRead() {
        assertThat(learned(OptionalLong.empty())).containsExactly(1, 1, 1, 0);
        assertThat(learned(OptionalLong.of(1))).containsExactly(1, 0, 1, 0);
        assertThat(learned(OptionalLong.of(-2))).containsExactly(1, 1, 0, 0);
        assertThat(learned(OptionalLong.of(4))).containsExactly(1, 1, 1, 0);
    }

    /// The gradient of each of four rows after the first three were read and summed.
    private static float[] learned(OptionalLong padding) {
        var rows = new Embedding(4, 1, 1, padding, Seed.of(1));
        rows.forward(Tensor.of(new long[] {0, 1, 2}, 3)).sum().backward();
        return rows.storedWeight().grad().toFloats();
    }
}
