package dev.orrery.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionTest {

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static Tensor textbook(Tensor q, Tensor k, Tensor v, Tensor allowed) {
        long group = q.size(1) / k.size(1);
        var keys = k.repeatInterleave(group, 1);
        var values = v.repeatInterleave(group, 1);
        var scores = q.matmul(keys.transpose(-2, -1)).div(Math.sqrt(q.size(-1)));
        return scores.maskedFill(allowed.logicalNot(), -1e30).softmax(-1).matmul(values);
    }

    @ParameterizedTest
    @CsvSource({"4,4,5,5", "4,2,5,5", "4,1,5,5", "4,2,1,7", "4,1,3,7", "6,2,3,7"})
    void everyVisibilityEqualsTheTextbookFormula(int heads, int keyHeads, int queries, int keys) {
        var q = Seed.of(1).normal(2, heads, queries, 8);
        var k = Seed.of(2).normal(2, keyHeads, keys, 8);
        var v = Seed.of(3).normal(2, keyHeads, keys, 8);
        var all = Tensor.ones(DType.BOOL, queries, keys);
        var lower = all.tril(keys - queries);
        var some = Seed.of(4).uniform(2, 1, queries, keys).gt(0.3).logicalOr(lower);
        var perHead = Seed.of(5).uniform(2, heads, queries, keys).gt(0.3).logicalOr(lower);
        close(Attention.attend(q, k, v, Visibility.full()), textbook(q, k, v, all));
        close(Attention.attend(q, k, v, Visibility.causal()), textbook(q, k, v, lower));
        close(Attention.attend(q, k, v, Visibility.masked(some)), textbook(q, k, v, some));
        close(Attention.attend(q, k, v, Visibility.masked(perHead)), textbook(q, k, v, perHead));
        close(Attention.attend(q, k, v, Visibility.masked(lower)), textbook(q, k, v, lower));
    }

    @Test
    void projectionsJoinedInOneProductEqualThoseApartWithTheirGradients() {
        try (var attention = clip(8, 2)) {
            var layers = attention.projections();
            var x = Seed.of(2).normal(2, 20, 8).requiresGrad_(true);
            var upstream = Seed.of(3).normal(2, 20, 24);
            assertThat(JoinedLinear.pays(layers, x)).isTrue();
            JoinedLinear.forward(layers, x).backward(upstream);
            var joined = gradients(attention, x);
            Tensor.cat(layers.stream().map(layer -> layer.forward(x)).toList(), -1)
                    .backward(upstream);
            var apart = gradients(attention, x);
            for (int i = 0; i < joined.size(); i++) close(joined.get(i), apart.get(i));
        }
    }

    @Test
    void projectionsStayApartWhereTheInputIsShortOrOneIsChanged() {
        try (var attention = clip(8, 2)) {
            var layers = attention.projections();
            assertThat(JoinedLinear.pays(layers, Tensor.ones(1, 31, 8))).isFalse();
            assertThat(JoinedLinear.pays(layers, Tensor.ones(1, 32, 8))).isTrue();
            layers.get(1).change(stored -> stored);
            assertThat(JoinedLinear.pays(layers, Tensor.ones(1, 32, 8))).isFalse();
        }
    }

    private static SelfAttention clip(int width, int heads) {
        var config =
                new AttentionConfig(
                        width,
                        heads,
                        heads,
                        width / heads,
                        AttentionConfig.Biases.ALL,
                        new AttentionConfig.HeadNorm.None(),
                        AttentionConfig.CLIP);
        return new SelfAttention(config, Visibility.full(), Init.normal(0.5), Seed.of(1));
    }

    private static List<Tensor> gradients(SelfAttention attention, Tensor x) {
        var found = new ArrayList<Tensor>();
        for (var layer : attention.projections()) {
            found.add(layer.storedWeight().grad().copy());
            found.add(layer.bias().grad().copy());
        }
        found.add(x.grad().copy());
        attention.clearGradients();
        x.clearGrad();
        return found;
    }

    @Test
    void causalAttentionNeverSeesTheFuture() {
        try (var attention = SelfAttention.causal(16, 4, Seed.of(1))) {
            var x = Seed.of(2).normal(1, 6, 16);
            var later = x.copy();
            later.narrow(1, 4, 2).fill_(9);
            close(attention.forward(x).narrow(1, 0, 4), attention.forward(later).narrow(1, 0, 4));
            assertThat(
                            attention
                                    .forward(x)
                                    .narrow(1, 4, 2)
                                    .allclose(attention.forward(later).narrow(1, 4, 2), 1e-3, 1e-3))
                    .isFalse();
        }
    }

    @Test
    void blocksSeeEarlierBlocksAndTheirOwnButNoPadding() {
        var starts = Tensor.of(new long[] {0, 0, 0, 1, 1, 0}, 1, 6);
        var valid = Tensor.of(new boolean[] {true, true, false, true, true, true}, 1, 6);
        var mask = ((Visibility.Masked) Visibility.blocks(starts, valid)).mask();
        assertThat(mask.shape()).containsExactly(1, 1, 6, 6);
        assertThat(mask.to(DType.I64).toLongs())
                .containsExactly(
                        1, 1, 0, 0, 0, 0, //
                        1, 1, 0, 0, 0, 0, //
                        0, 0, 0, 0, 0, 0, //
                        1, 1, 0, 1, 0, 0, //
                        1, 1, 0, 1, 1, 1, //
                        1, 1, 0, 1, 1, 1);
    }

    @Test
    void aPrefixIsReadAgainAndAgainWithoutChange() {
        try (var cache = new KvCache(8)) {
            var k = Seed.of(1).normal(1, 2, 4, 3);
            var v = Seed.of(2).normal(1, 2, 4, 3);
            try (var _ = TensorScope.open()) {
                cache.append(k, v);
            }
            for (int i = 3; i < 6; i++) {
                var suffix = Seed.of(i).normal(1, 2, 2, 3);
                var all = cache.joined(suffix, suffix);
                assertThat(all.keys().equal(Tensor.cat(List.of(k, suffix), 2))).isTrue();
                assertThat(all.values().equal(Tensor.cat(List.of(v, suffix), 2))).isTrue();
                assertThat(cache.length()).isEqualTo(4);
            }
            cache.truncate(1);
            assertThat(cache.append(k, v).keys().size(2)).isEqualTo(5);
            assertThatThrownBy(() -> cache.append(k, v))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("5 of 8");
        }
    }

    @Test
    void crossAttentionReadsItsSource() {
        try (var cross = CrossAttention.of(8, 2, 5, Seed.of(1))) {
            var x = Seed.of(2).normal(2, 3, 8);
            var source = Seed.of(3).normal(2, 4, 5);
            var valid =
                    Tensor.of(
                            new boolean[] {true, true, false, false, true, true, true, true}, 2, 4);
            var y = cross.forward(x, source, Visibility.unpadded(valid));
            assertThat(y.shape()).containsExactly(2, 3, 8);
            var other = source.copy();
            other.select(0, 0).narrow(0, 2, 2).fill_(7);
            close(cross.forward(x, other, Visibility.unpadded(valid)), y);
            assertThat(cross.stateDict()).containsKeys("q_proj.weight", "out_proj.bias");
        }
    }

    @Test
    void rotationDependsOnDistanceOnly() {
        for (var rotary : List.of(Rotary.halves(8, 100), Rotary.interleaved(8, 100))) {
            var q = Seed.of(1).normal(1, 1, 1, 8);
            var k = Seed.of(2).normal(1, 1, 1, 8);
            double near = score(rotary, q, k, 3, 1);
            assertThat(score(rotary, q, k, 40, 38)).isCloseTo(near, within());
            assertThat(Math.abs(score(rotary, q, k, 5, 1) - near)).isGreaterThan(1e-3);
        }
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.api.Assertions.within(1e-4);
    }

    private static double score(Rotary rotary, Tensor q, Tensor k, long i, long j) {
        var turnedQuery = rotary.at(Tensor.of(new long[] {i}, 1)).apply(q);
        var turnedKey = rotary.at(Tensor.of(new long[] {j}, 1)).apply(k);
        return turnedQuery.mul(turnedKey).sum().item();
    }

    @Test
    void interleavedRotationTurnsNeighbours() {
        var x = Tensor.of(new float[] {1, 0, 0, 1}, 1, 1, 1, 4);
        var turned = Rotary.interleaved(4, 100).at(Tensor.of(new long[] {1}, 1)).apply(x);
        float c = (float) Math.cos(1), s = (float) Math.sin(1);
        float c2 = (float) Math.cos(0.1), s2 = (float) Math.sin(0.1);
        close(turned, Tensor.of(new float[] {c, s, -s2, c2}, 1, 1, 1, 4));
        var partly = Rotary.halves(2, 100).at(Tensor.of(new long[] {1}, 1)).apply(x);
        close(partly, Tensor.of(new float[] {c, s, 0, 1}, 1, 1, 1, 4));
    }

    @Test
    void impossibleHeadsAreRefused() {
        assertThatThrownBy(() -> SelfAttention.full(10, 3, Seed.of(1)))
                .hasMessageContaining("width 10 does not split over 3 heads");
        assertThatThrownBy(() -> AttentionConfig.llama(8, 3, 2, 4))
                .hasMessageContaining("3 query heads do not share 2");
        assertThatThrownBy(() -> Rotary.halves(7, 100)).hasMessageContaining("even");
    }

    private static void close(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.sub(expected).abs().max().item()).isLessThan(1e-5);
    }
}
