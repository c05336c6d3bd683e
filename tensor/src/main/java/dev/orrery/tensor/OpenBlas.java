package dev.orrery.tensor;

import java.util.Set;
import org.bytedeco.openblas.global.openblas_full;
import org.bytedeco.openblas.global.openblas_nolapack;

/// The library of F32 products, and which of its kernels it uses here.
///
/// @param version as it calls itself
/// @param kernels named after a processor, such as `Haswell` (AVX2) or `Cooperlake` (AVX-512)
record OpenBlas(String version, String kernels) {

    private static final Set<String> AVX512 = Set.of("SkylakeX", "Cooperlake", "SapphireRapids");
    private static final Set<String> AVX2 = Set.of("Haswell", "Zen");

    /// What this process has loaded.
    static OpenBlas current() {
        return new OpenBlas(
                openblas_nolapack.OPENBLAS_VERSION.strip(),
                openblas_full.openblas_get_corename().getString());
    }

    /// Threads of its own pool. More than one wait in a loop between products.
    int threads() {
        return openblas_full.openblas_get_num_threads();
    }

    /// Whether the kernels leave vector instructions of the processor unused, as
    /// `OPENBLAS_CORETYPE` in the environment can make them.
    boolean isNarrow(Processor processor) {
        return switch (processor.widest()) {
            case "AVX-512" -> !AVX512.contains(kernels);
            case "AVX2" -> !AVX512.contains(kernels) && !AVX2.contains(kernels);
            default -> false;
        };
    }

    @Override
    public String toString() {
        return "%s, %s kernels".formatted(version, kernels);
    }
}
