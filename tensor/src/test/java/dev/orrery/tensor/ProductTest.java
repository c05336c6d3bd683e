package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProductTest {

    private final int before = Engine.threads();
    private TensorScope scope;

    @BeforeEach
    void twoThreads() {
        Engine.threads(2);
        scope = TensorScope.open();
    }

    @AfterEach
    void asBefore() {
        scope.close();
        Engine.threads(before);
    }

    @Test
    void sharedProductsAgreeWithSingleOnesToRounding() {
        agree(4, 160, 96, 128);
    }

    @Test
    void tallProductsOfOneThreadAgreeWithOpenBlasToRounding() {
        Engine.threads(1);
        agree(2, 1024, 192, 256);
    }

    @Test
    void fewRowsOfALargeWeightAgreeWithOpenBlasToRounding() {
        agree(3, 7, 512, 768);
        Engine.threads(1);
        agree(1, 40, 768, 512);
        // so many outputs are no images for one thread
        agree(2, 8, 600, 601);
    }

    @Test
    void aRowThatNothingDerivesIsStreamed() {
        var x = Seed.of(1).normal(1, 1, 1024);
        var weight = Seed.of(2).normal(1024, 1024);
        var bias = Seed.of(3).normal(1024);
        for (var type : List.of(DType.F32, DType.BF16)) {
            var row = x.to(type);
            var streamed = Functional.linear(row, weight.to(type), bias.to(type));
            var plain = Functional.linear(x, weight.copy().requiresGrad_(true), bias).detach();
            double error = streamed.to(DType.F32).sub(plain).abs().max().item();
            assertThat(streamed.shape()).containsExactly(1, 1, 1024);
            assertThat(streamed.dtype()).isEqualTo(type);
            assertThat(error / plain.abs().max().item())
                    .isLessThan(type == DType.F32 ? 1e-5 : 0.02);
        }
    }

    @Test
    void widenedProductsAreThoseOfTheRoundedNumbers() {
        var x = Seed.of(1).normal(2, 3, 640).to(DType.BF16);
        // two pieces and a rest
        var weight = Seed.of(2).normal(3500, 640).to(DType.BF16);
        var bias = Seed.of(3).normal(3500).to(DType.BF16);
        var wanted = Functional.linear(x.to(DType.F32), weight.to(DType.F32), bias.to(DType.F32));
        var widened = Product.widened(x, weight, bias);
        assertThat(widened.dtype()).isEqualTo(DType.BF16);
        assertThat(widened.to(DType.F32).allclose(wanted, 1 / 128.0, 1e-2)).isTrue();
        assertThat(Product.widened(x, weight, null).shape()).containsExactly(2, 3, 3500);
    }

    @Test
    void weightsThatDoNotLieInOnePieceAreMultipliedToo() {
        for (int rows : new int[] {1, 9}) {
            for (var type : List.of(DType.F32, DType.BF16)) {
                var x = Seed.of(1).normal(rows, 1024).to(type);
                var whole = Seed.of(2).normal(1100, 1200).to(type);
                var part = whole.narrow(1, 100, 1024);
                var turned = Seed.of(3).normal(1024, 1100).to(type).t();
                for (var weight : List.of(part, turned)) {
                    var plain = Dispatcher.call("aten::linear", x, weight).tensor(0);
                    var error = Functional.linear(x, weight, null).sub(plain).to(DType.F32);
                    double largest = plain.to(DType.F32).abs().max().item();
                    assertThat(error.abs().max().item() / largest)
                            .isLessThan(type == DType.F32 ? 1e-5 : 0.02);
                }
            }
        }
    }

    private static void agree(long batch, long rows, long in, long out) {
        var x = Seed.of(1).normal(batch, rows, in).requiresGrad_(true);
        var weight = Seed.of(2).normal(out, in).requiresGrad_(true);
        var bias = Seed.of(3).normal(out).requiresGrad_(true);
        var upstream = Seed.of(4).normal(batch, rows, out);

        var shared = Functional.linear(x, weight, bias);
        shared.backward(upstream);
        var gradients = new Tensor[] {x.grad().copy(), weight.grad().copy(), bias.grad().copy()};

        for (var leaf : new Tensor[] {x, weight, bias}) leaf.clearGrad();
        var plain = Dispatcher.call("aten::linear", x, weight, bias).tensor(0);
        plain.backward(upstream);

        assertThat(shared.allclose(plain, 1e-4, 1e-4)).isTrue();
        assertThat(gradients[0].allclose(x.grad(), 1e-4, 1e-4)).isTrue();
        assertThat(gradients[1].allclose(weight.grad(), 1e-4, 2e-3)).isTrue();
        assertThat(gradients[2].allclose(bias.grad(), 1e-4, 2e-3)).isTrue();
    }

    @Test
    void matmulTakesTheSamePathForStridedOperands() {
        var x = Seed.of(5).normal(96, 640).t();
        var other = Seed.of(6).normal(96, 128);
        var plain = Dispatcher.call("aten::matmul", x, other).tensor(0);
        assertThat(x.matmul(other).allclose(plain, 1e-4, 1e-4)).isTrue();
        assertThat(x.matmul(other).shape()).containsExactly(640, 128);
    }

    @Test
    void oddShapesKeepWorking() {
        assertThat(Tensor.ones(3).matmul(Tensor.ones(3)).item()).isEqualTo(3);
        assertThat(Tensor.ones(0, 4).matmul(Tensor.ones(4, 2)).shape()).containsExactly(0, 2);
        assertThat(Tensor.ones(2, 70, 300).matmul(Tensor.ones(2, 300, 300)).shape())
                .containsExactly(2, 70, 300);
    }
}
