package dev.orrery.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.lm.GemmaDecoder.KeyValue;
import dev.orrery.nn.Precision;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GemmaAttentionTest {

    private static final int BATCH = 3, TOKENS = 5, KEYS = 7, WIDTH = 8;
    private static final Seed SEED = Seed.of(20260722);

    @Test
    void pairsTurnAsHalvesOfAHeadDo() {
        try (var _ = TensorScope.open()) {
            int heads = 2, headDim = 6;
            var x = SEED.split("x").normal(BATCH, TOKENS, WIDTH);
            var weight = SEED.split("w").normal(heads * headDim, WIDTH).requiresGrad_(true);
            var twin = weight.detach().copy().requiresGrad_(true);
            var positions = Tensor.of(new long[] {0, 1, 2, 3, 9}, 1, TOKENS);

            var turned =
                    Rotary.of(positions, headDim)
                            .turn(heads(x.matmul(Rotary.pairs(weight, headDim).t()), heads));
            var expected = halves(heads(x.matmul(twin.t()), heads), positions);

            near(products(turned), products(expected));
            var mix = SEED.split("mix").normal(BATCH, heads, TOKENS, TOKENS);
            products(turned).mul(mix).sum().backward();
            products(expected).mul(mix).sum().backward();
            near(weight.grad(), twin.grad());
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 5", "2, 5", "4, 1"})
    void attentionIsTheTextbooks(int keyHeads, int rows) {
        try (var _ = TensorScope.open()) {
            int heads = 4;
            var query = leaf("q", BATCH, TOKENS, heads, WIDTH);
            var key = leaf("k", BATCH, KEYS, keyHeads, WIDTH);
            var value = leaf("v", BATCH, KEYS, keyHeads, WIDTH);
            var allowed = SEED.split("mask").uniform(BATCH, 1, rows, KEYS).lt(0.7);
            var mask = allowed.logicalNot().to(DType.F32).mul(-1e9);
            var weight = SEED.split("weight").normal(BATCH, TOKENS, heads * WIDTH);

            var attended = GemmaDecoder.attend(query, new KeyValue(key, value), mask);
            attended.mul(weight).sum().backward();
            var grads = List.of(query.grad().copy(), key.grad().copy(), value.grad().copy());
            List.of(query, key, value).forEach(Tensor::clearGrad);

            var each = heads / keyHeads;
            var scores =
                    query.transpose(1, 2)
                            .matmul(key.repeatInterleave(each, 2).permute(0, 2, 3, 1))
                            .mul(1 / Math.sqrt(WIDTH))
                            .add(mask);
            var looks = scores.softmax(-1);
            var textbook =
                    looks.matmul(value.repeatInterleave(each, 2).transpose(1, 2))
                            .transpose(1, 2)
                            .flatten(2, 3);
            textbook.mul(weight).sum().backward();

            near(attended, textbook);
            near(GemmaDecoder.probabilities(query, new KeyValue(key, value), mask), looks);
            near(grads.get(0), query.grad());
            near(grads.get(1), key.grad());
            near(grads.get(2), value.grad());
        }
    }

    @Test
    void aBlockMultipliesInBf16WhereAsked() {
        try (var _ = TensorScope.open()) {
            int width = 64, tokens = 48;
            var decoder =
                    new GemmaDecoder(
                            new GemmaConfig(width, 2, 128, 4, 1, 16), false, SEED.split("model"));
            var x = SEED.split("tokens").normal(2, tokens, width);
            var positions = Tensor.arange(tokens).unsqueeze(0);
            var context =
                    new GemmaDecoder.Context(
                            Rotary.of(positions, 16), Tensor.zeros(1, 1, 1, tokens));
            var exact = decoder.forward(x, context, List.of());
            var rounded = Precision.BF16.apply(() -> decoder.forward(x, context, List.of()));
            rounded.square().mean().backward();

            double error = rounded.detach().sub(exact.detach()).abs().max().item();
            assertThat(error).isBetween(1e-5, 0.1);
            assertThat(decoder.parameters())
                    .allSatisfy(p -> assertThat(p.grad().dtype()).isEqualTo(DType.F32));
        }
    }

    private static Tensor leaf(String name, long... shape) {
        return SEED.split(name).normal(shape).requiresGrad_(true);
    }

    private static Tensor heads(Tensor x, long heads) {
        return x.unflatten(-1, heads, x.size(-1) / heads);
    }

    /// Every query of a head with every key of it: what attention sees of a rotation.
    private static Tensor products(Tensor turned) {
        var byHead = turned.transpose(1, 2);
        return byHead.matmul(byHead.transpose(-2, -1));
    }

    private static Tensor halves(Tensor x, Tensor positions) {
        int half = (int) x.size(-1) / 2;
        var frequencies = new float[half];
        for (int i = 0; i < half; i++)
            frequencies[i] = (float) Math.pow(10_000, -i / (double) half);
        var angles =
                positions
                        .to(DType.F32)
                        .unsqueeze(-1)
                        .mul(Tensor.of(frequencies, half))
                        .unsqueeze(2);
        var a = x.narrow(-1, 0, half);
        var b = x.narrow(-1, half, half);
        var c = angles.cos();
        var s = angles.sin();
        return Tensor.cat(List.of(a.mul(c).sub(b.mul(s)), b.mul(c).add(a.mul(s))), -1);
    }

    private static void near(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        double scale = expected.detach().abs().max().item();
        assertThat(actual.detach().sub(expected.detach()).abs().max().item())
                .isCloseTo(0, within(2e-6 * (1 + scale)));
    }
}
