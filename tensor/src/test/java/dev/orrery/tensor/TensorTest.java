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
    void scopesFreeAllButWhatIsKept() {
        Tensor kept;
        Tensor lost;
        try (var scope = TensorScope.open()) {
            lost = Tensor.ones(2);
            kept = scope.keep(lost.add(1));
        }
        assertThat(kept.toFloats()).containsExactly(2, 2);
        assertThatThrownBy(() -> lost.add(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void rearrangeSplitsMergesAndReorders() {
        var x = Tensor.arange(24).reshape(2, 3, 4);
        assertThat(x.rearrange("b t d -> (b t) d").shape()).containsExactly(6, 4);
        assertThat(x.rearrange("b t d -> b d t").equal(x.transpose(1, 2))).isTrue();
        assertThat(x.rearrange("b t (n d) -> b n t d", Axis.axis("n", 2)).shape())
                .containsExactly(2, 2, 3, 2);
        assertThatThrownBy(() -> x.rearrange("b t (n d) -> b n t d", Axis.axis("n", 3)))
                .hasMessageContaining("b t (n d)")
                .hasMessageContaining("[2, 3, 4]");
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
    void philoxGivesThePublishedBits() {
        assertThat(Seed.of(7).normals(5)).isEqualTo(Seed.of(7).normals(5));
        assertThat(Seed.of(7).split(1)).isNotEqualTo(Seed.of(7).split(2));
        assertThat(Seed.of(9).permutation(100)).doesNotHaveDuplicates().hasSize(100);
        var sample = Seed.of(5).normal(10000);
        assertThat(sample.mean().item()).isBetween(-0.05, 0.05);
        assertThat(sample.std(true).item()).isBetween(0.97, 1.03);
    }
}
