package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DispatcherTest {

    @Test
    void defaultsFillInWhatIsLeftOut() {
        var x = Tensor.of(new float[] {1, 2}, 2);
        assertThat(Dispatcher.call("aten::add.Tensor", x, x).tensor(0).toFloats())
                .containsExactly(2, 4);
        assertThat(Dispatcher.call("aten::add.Tensor", x, x, 2).tensor(0).toFloats())
                .containsExactly(3, 6);
        assertThat(Dispatcher.operator("aten::add.Tensor").schema())
                .contains("alpha=1")
                .startsWith("aten::add.Tensor(");
    }

    @Test
    void fusedAdamWTakesOneStepOfTheFormula() {
        var weight = Tensor.of(new float[] {1, -2}, 2);
        var gradient = Tensor.of(new float[] {0.5f, 0.25f}, 2);
        var mean = Tensor.zeros(2);
        var square = Tensor.zeros(2);
        Dispatcher.call(
                "aten::_fused_adamw_",
                List.of(weight),
                List.of(gradient),
                List.of(mean),
                List.of(square),
                List.of(),
                List.of(Tensor.ones()),
                0.1,
                0.9,
                0.999,
                0.01,
                1e-8,
                false,
                false);
        // The first step moves by the learning rate against the sign, after decay by lr * 0.01.
        assertThat(weight.toFloats()[0]).isCloseTo(1 * 0.999f - 0.1f, within(1e-5f));
        assertThat(weight.toFloats()[1]).isCloseTo(-2 * 0.999f - 0.1f, within(1e-5f));
        assertThat(mean.toFloats()[0]).isCloseTo(0.05f, within(1e-6f));
    }

    @Test
    void foreachAddsEveryPair() {
        var a = List.of(Tensor.ones(2), Tensor.ones(3));
        Dispatcher.call("aten::_foreach_add_.List", a, List.of(Tensor.ones(2), Tensor.ones(3)), 2);
        assertThat(a.get(1).toFloats()).containsExactly(3, 3, 3);
        var sums = Dispatcher.call("aten::_foreach_add.Scalar", a, 1.5).tensors(0);
        assertThat(sums).hasSize(2);
        assertThat(sums.getFirst().toFloats()).containsExactly(4.5f, 4.5f);
    }

    @Test
    void packedInt8ProductMatchesTheFloatOne() {
        var x = Seed.of(1).normal(3, 64).to(DType.BF16);
        var weight = Seed.of(2).integers(255, 32, 64).sub(127).to(DType.I8);
        var scales = Seed.of(3).uniform(32).to(DType.BF16);
        var packed = Dispatcher.call("aten::_weight_int8pack_mm", x, weight, scales).tensor(0);
        var plain = x.to(DType.F32).matmul(weight.to(DType.F32).t()).mul(scales.to(DType.F32));
        assertThat(packed.to(DType.F32).allclose(plain, 2e-2, 2)).isTrue();
    }

    @Test
    void packedInt4ProductMatchesTheFloatOne() {
        var x = Seed.of(4).normal(2, 64);
        var weight = Seed.of(5).integers(16, 32, 64).to(DType.I32);
        var scaleAndZero = Tensor.cat(List.of(Tensor.ones(2, 32, 1), Tensor.zeros(2, 32, 1)), 2);
        var packed =
                Dispatcher.call("aten::_convert_weight_to_int4pack_for_cpu", weight, 8).tensor(0);
        var product =
                Dispatcher.call("aten::_weight_int4pack_mm_for_cpu", x, packed, 32, scaleAndZero)
                        .tensor(0);
        var plain = x.matmul(weight.to(DType.F32).sub(8).t());
        assertThat(product.allclose(plain, 1e-3, 1e-2)).isTrue();
    }

    @Test
    void flashAttentionReturnsItsLogarithmsToo() {
        var q = Seed.of(6).normal(1, 2, 5, 8);
        var outputs =
                Dispatcher.call(
                        "aten::_scaled_dot_product_flash_attention_for_cpu", q, q, q, 0.0, true);
        var expected = Functional.scaledDotProductAttention(q, q, q, null, true, Double.NaN, false);
        assertThat(outputs.values()).hasSize(2);
        assertThat(outputs.tensor(0).allclose(expected, 1e-5, 1e-5)).isTrue();
        assertThat(outputs.tensor(1).numel()).isEqualTo(10);
    }

    @Test
    void everyKindOfArgumentAndResultPasses() {
        var x = Tensor.of(new float[] {3, 1, 2}, 3);
        assertThat(Dispatcher.call("aten::is_nonzero", Tensor.ones(1)).values())
                .containsExactly(true);
        assertThat(Dispatcher.call("aten::item", Tensor.full(2.5)).values()).containsExactly(2.5);
        assertThat(Dispatcher.call("aten::sum.dim_IntList", x, new long[] {0}, true).tensor(0))
                .hasToString("F32[1]");
        assertThat(
                        Dispatcher.call(
                                        "aten::index.Tensor",
                                        x,
                                        List.of(Tensor.of(new long[] {2}, 1)))
                                .tensor(0)
                                .toFloats())
                .containsExactly(2);
        assertThat(Dispatcher.call("aten::to.device", x, Device.CPU, DType.F64).tensor(0).dtype())
                .isEqualTo(DType.F64);
        assertThat(Dispatcher.call("aten::clamp", x, Optional.empty(), 2).tensor(0).toFloats())
                .containsExactly(2, 1, 2);
        assertThat(Dispatcher.call("aten::gelu", x, "tanh").tensor(0).numel()).isEqualTo(3);
    }

    @Test
    void mistakesQuoteTheSchemaOrTheOverloads() {
        var x = Tensor.ones(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dispatcher.call("aten::add.Tensr", x, x))
                .withMessageContaining("aten::add.Tensor")
                .withMessageContaining("aten::add.Scalar");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dispatcher.call("aten::no_such_thing", x))
                .withMessageContaining("no operator 'aten::no_such_thing'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dispatcher.call("add", x))
                .withMessageContaining("namespace");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dispatcher.call("aten::add.Tensor", x))
                .withMessageContaining("needs the argument 'other'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dispatcher.call("aten::add.Tensor", x, "two"))
                .withMessageContaining("takes Tensor for 'other', got String two");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dispatcher.call("aten::relu", x, 1, 2))
                .withMessageContaining("takes 1 arguments, got 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dispatcher.call("aten::mm", x, x))
                .withMessageContaining("must be a matrix");
    }
}
