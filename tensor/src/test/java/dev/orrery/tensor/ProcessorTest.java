package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProcessorTest {

    private static String widest(String... lines) {
        return Processor.parse(Stream.of(lines)).widest();
    }

    @Test
    void theWidestVectorsAreNamed() {
        assertThat(widest("flags\t\t: fma avx2 avx512f avx512bw avx512vl")).isEqualTo("AVX-512");
        assertThat(widest("flags\t\t: fma avx2 avx512f")).isEqualTo("AVX2");
        assertThat(widest("vendor_id\t: x", "Features\t: asimd sve")).isEqualTo("SVE");
        assertThat(widest("flags : sse2")).isEqualTo("unknown");
    }

    @Test
    void aSystemThatDoesNotTellHasNoFlags() {
        assertThat(Processor.parse(Stream.empty())).isEqualTo(new Processor("", Set.of()));
    }

    @Test
    void kernelsThatLeaveVectorsUnusedAreNarrow() {
        var wide = Processor.parse(Stream.of("flags : fma avx2 avx512f avx512bw avx512vl"));
        var older = Processor.parse(Stream.of("flags : fma avx2"));
        assertThat(kernels("Haswell").isNarrow(wide)).isTrue();
        assertThat(kernels("Cooperlake").isNarrow(wide)).isFalse();
        assertThat(kernels("Haswell").isNarrow(older)).isFalse();
        assertThat(kernels("Nehalem").isNarrow(older)).isTrue();
        assertThat(kernels("armv8").isNarrow(Processor.parse(Stream.empty()))).isFalse();
    }

    @Test
    void theReportNamesTheKernels() {
        var report = EngineReport.current();
        assertThat(report.blas()).contains(OpenBlas.current().kernels() + " kernels");
        assertThat(report.blasThreads()).isPositive();
        assertThat(report.blasNarrow()).isEqualTo(OpenBlas.current().isNarrow(Processor.current()));
    }

    private static OpenBlas kernels(String name) {
        return new OpenBlas("OpenBLAS", name);
    }
}
