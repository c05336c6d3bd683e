package dev.orrery.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Engine;
import dev.orrery.tensor.EngineReport;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KernelsTest {

    private static EngineReport engine(String vectors, int threads, boolean oneDnn) {
        return new EngineReport(
                List.of(), vectors, false, 2, threads, "BLAS", false, 1, oneDnn, true, 0, 1, 1, 1,
                Map.of());
    }

    @Test
    void whatMultipliesFollowsFromTheProcessorAndTheThreads() {
        var wide = engine("AVX-512", 2, true);
        assertThat(Kernels.of(DType.F32, wide).line())
                .isEqualTo(
                        "weights f32, products by OpenBLAS, and oneDNN where the weight is large,"
                                + " 2 threads");
        assertThat(Kernels.of(DType.BF16, wide).products()).isEqualTo("oneDNN");
        assertThat(Kernels.of(DType.F32, engine("AVX-512", 1, true)).line()).endsWith(", 1 thread");
        assertThat(Kernels.of(DType.BF16, engine("AVX2", 2, true)).products()).contains("emulated");
        assertThat(Kernels.of(DType.F32, engine("NEON", 2, false)).products())
                .doesNotContain("oneDNN");
        assertThat(Kernels.int8(wide, Int8Product.WHOLE).products())
                .isEqualTo("oneDNN's sums of whole numbers, 256 rows at a time");
        assertThat(Kernels.int8(wide, Int8Product.PACKED).products())
                .isEqualTo(
                        "libtorch's int8pack operator up to 4 rows; more are unpacked to bf16 for"
                                + " oneDNN");
    }

    @Test
    void aModelIsAskedHowItsWeightsAreKept() {
        try (var _ = TensorScope.open();
                var layers =
                        Sequential.of(
                                new Linear(64, 32, Seed.of(1)), new Linear(32, 32, Seed.of(2)))) {
            assertThat(Kernels.of(layers)).isEqualTo(Kernels.of(DType.F32));
            assertThat(Kernels.of(layers).threads()).isEqualTo(Engine.threads());
            try (var _ = Int8Weights.of(layers)) {
                assertThat(Kernels.of(layers)).isEqualTo(Kernels.int8());
            }
            assertThat(Kernels.of(layers).weights()).isEqualTo("f32");
        }
    }

    @Test
    void aModelWithoutWeightsIsRefused() {
        try (var nothing = Sequential.of()) {
            assertThatThrownBy(() -> Kernels.of(nothing))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Sequential has no weights, so nothing multiplies them");
        }
    }
}
