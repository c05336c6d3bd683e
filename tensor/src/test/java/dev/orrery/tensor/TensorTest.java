package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TensorTest {

    @Test
    void valuesComeBackAsTheyWentIn() {
        var x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        assertThat(x.shape()).containsExactly(2, 3);
        assertThat(x.dtype()).isEqualTo(DType.F32);
        assertThat(x.t().toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(x.to(DType.I64).toLongs()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void wholeNumbersKeepIntegerTensorsWhole() {
        var ids = Tensor.of(new long[] {1, 2}, 2);
        assertThat(ids.add(1).dtype()).isEqualTo(DType.I64);
        assertThat(ids.add(0.5).toFloats()).containsExactly(1.5f, 2.5f);
    }

    @Test
    void gradientsReachTheLeaves() {
        var x = Tensor.of(new float[] {1, 2, 3}, 3).requiresGrad_(true);
        x.mul(x).sum().backward();
        assertThat(x.grad().toFloats()).containsExactly(2, 4, 6);
        x.clearGrad();
        assertThat(x.hasGrad()).isFalse();
        try (var _ = Grad.disabled()) {
            assertThat(x.mul(2).requiresGrad()).isFalse();
        }
    }

    @Test
    void pairsAndListsOwnTheirTensors() {
        var x = Tensor.of(new float[] {3, 1, 2}, 3);
        var top = x.topk(2, 0, true);
        assertThat(top.values().toFloats()).containsExactly(3, 2);
        assertThat(top.indices().toLongs()).containsExactly(0, 2);
        assertThat(x.chunk(3, 0)).hasSize(3);
        assertThat(x.split(new long[] {1, 2}, 0).getLast().toFloats()).containsExactly(1, 2);
        assertThat(x.sort(0, false).values().toFloats()).containsExactly(1, 2, 3);
    }

    @Test
    void gradientsCanBeSetAndForgotten() {
        var x = Tensor.ones(2).requiresGrad_(true);
        x.sum().backward();
        var gradient = x.grad();
        x.clearGrad();
        assertThat(gradient.toFloats()).containsExactly(1, 1);
        assertThat(x.hasGrad()).isFalse();
        x.setGrad(gradient);
        assertThat(x.grad().toFloats()).containsExactly(1, 1);
    }

    @Test
    void attentionMatchesItsFormula() {
        var seed = Seed.of(3);
        var q = seed.split("q").normal(2, 4, 5, 8);
        var k = seed.split("k").normal(2, 4, 5, 8);
        var v = seed.split("v").normal(2, 4, 5, 8);
        var expected = q.matmul(k.mT()).div(Math.sqrt(8)).softmax(-1).matmul(v);
        var fused = Functional.scaledDotProductAttention(q, k, v);
        assertThat(fused.allclose(expected, 1e-4, 1e-5)).isTrue();
    }

    @Test
    void mistakesNameTheCallAndQuoteTheLibrary() {
        var x = Tensor.ones(2, 3);
        assertThatThrownBy(() -> x.add(Tensor.ones(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("add: ")
                .hasMessageContaining("size of tensor a (3) must match the size of tensor b (4)")
                .hasMessageNotContaining("frame #");
        assertThatThrownBy(() -> x.view(5)).hasMessageStartingWith("view: ");
        assertThatThrownBy(() -> Tensor.of(new float[3], 2, 2))
                .hasMessageContaining("12 bytes do not fill F32[2, 2]");
        assertThatThrownBy(x::item).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(x::grad).hasMessageContaining("has no gradient");
    }

    @Test
    void everyTypeComesBackAsItWentIn() {
        assertThat(Tensor.of(new byte[] {-1, 2}, 2).toInts()).containsExactly(255, 2);
        assertThat(Tensor.of(new boolean[] {true, false}, 2).toBooleans())
                .containsExactly(true, false);
        assertThat(Tensor.of(new double[] {0.1}, 1).toDoubles()).containsExactly(0.1);
        assertThat(Tensor.of(new int[] {7}, 1).dtype()).isEqualTo(DType.I32);
        assertThat(Tensor.ones(DType.BF16, 2).toFloats()).containsExactly(1, 1);
        assertThat(Tensor.zeros(0).toFloats()).isEmpty();
        assertThat(Tensor.of(new float[0], 0, 3).shape()).containsExactly(0, 3);
    }

    @Test
    void clampKeepsToItsRange() {
        var x = Tensor.of(new float[] {-2, 0.5f, 3}, 3);
        assertThat(x.clamp(-1, 1).toFloats()).containsExactly(-1, 0.5f, 1);
        assertThat(x.clamp_(0, 1).toFloats()).containsExactly(0, 0.5f, 1);
    }
}
