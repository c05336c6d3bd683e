package dev.orrery.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ProcessorTest {

    private static Processor of(String vendor, String flags) {
        return Processor.parse(Stream.of("vendor_id\t: " + vendor, "flags\t\t: " + flags));
    }

    @Test
    void anAmdProcessorWithWideVectorsGetsWideKernels() {
        var zen5 = of("AuthenticAMD", "fma avx2 avx512f avx512bw avx512vl avx512_bf16");
        assertThat(zen5.widest()).isEqualTo("AVX-512");
        assertThat(zen5.openBlasCore()).isEqualTo("SKYLAKEX");
    }

    @Test
    void otherProcessorsKeepTheLibrarysChoice() {
        assertThat(of("AuthenticAMD", "fma avx2").openBlasCore()).isEmpty();
        assertThat(of("GenuineIntel", "fma avx2 avx512f avx512bw avx512vl").openBlasCore())
                .isEmpty();
        assertThat(Processor.parse(Stream.of("Features\t: asimd sve")).widest()).isEqualTo("SVE");
        assertThat(Processor.parse(Stream.empty())).isEqualTo(new Processor("", Set.of()));
    }

    @Test
    void theEngineUsesTheKernelsThatWereChosen() {
        Engine.start();
        var wanted = Processor.current().openBlasCore();
        Assumptions.assumeFalse(wanted.isEmpty() || System.getenv("OPENBLAS_CORETYPE") != null);
        assertThat(EngineReport.current().blas()).containsIgnoringCase(wanted);
    }
}
