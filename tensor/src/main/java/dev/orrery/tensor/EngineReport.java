package dev.orrery.tensor;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;

/// What the engine found on this machine and chose.
///
/// @param cpu features of the processor that matter here, as the system names them; empty where it
///   does not tell
/// @param vectors the widest vector instructions, such as `AVX-512`, or `unknown`
/// @param bf16 whether the processor multiplies bf16 in hardware
/// @param cores processors that this process may use
/// @param threads threads of libtorch's pool, which runs every operation
/// @param blas the library of F32 products, with its own description
/// @param blasNarrow whether its kernels leave vector instructions of the processor unused
/// @param blasThreads threads of that library's own pool
/// @param oneDnn whether oneDNN is there to share out large products
/// @param convolves whether oneDNN gets every convolution right here; if not, some are computed in
///   F64
/// @param gpus CUDA devices that the engine can use; 0 without the `gpu` build profile
/// @param memoryBytes the machine's memory
/// @param freeBytes memory that nothing uses
/// @param residentBytes memory that this process uses
/// @param versions library versions by name
public record EngineReport(
        List<String> cpu,
        String vectors,
        boolean bf16,
        int cores,
        int threads,
        String blas,
        boolean blasNarrow,
        int blasThreads,
        boolean oneDnn,
        boolean convolves,
        int gpus,
        long memoryBytes,
        long freeBytes,
        long residentBytes,
        Map<String, String> versions) {

    private static final Set<String> NOTABLE =
            Set.of(
                    "avx",
                    "avx2",
                    "fma",
                    "avx512f",
                    "avx512bw",
                    "avx512vl",
                    "avx512_vnni",
                    "avx512_bf16",
                    "avx_vnni",
                    "amx_bf16",
                    "amx_tile",
                    "asimd",
                    "bf16",
                    "i8mm",
                    "sve");

    /// This machine and this process, now.
    public static EngineReport current() {
        Engine.start();
        var processor = Processor.current();
        var flags = processor.flags();
        var blas = OpenBlas.current();
        var system =
                (com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean();
        return new EngineReport(
                flags.stream().filter(NOTABLE::contains).sorted().toList(),
                processor.widest(),
                Stream.of("avx512_bf16", "amx_bf16", "bf16").anyMatch(flags::contains),
                Runtime.getRuntime().availableProcessors(),
                Engine.threads(),
                blas.toString(),
                blas.isNarrow(processor),
                blas.threads(),
                torch.hasMKLDNN(),
                Convolution.isSound(),
                torch.cuda_is_available() ? (int) torch.cuda_device_count() : 0,
                system.getTotalMemorySize(),
                system.getFreeMemorySize(),
                Pointer.physicalBytes(),
                libraryVersions());
    }

    /// Whether the processor sums products of 8-bit numbers in 32 bits at once.
    public boolean sumsInt8() {
        return oneDnn && cpu.contains("avx512_vnni");
    }

    /// What multiplies matrices of a type here, in words. Which kernels libtorch has for bf16
    /// depends on the processor: oneDNN's need AVX-512, else its own emulate them.
    public String products(DType type) {
        return switch (type) {
            case F32 -> oneDnn ? "OpenBLAS, and oneDNN where the weight is large" : "OpenBLAS";
            case BF16 -> bf16Products();
            case F64 -> "OpenBLAS";
            case F16, I8, I16, I32, I64, U8, BOOL -> "libtorch's own kernels";
        };
    }

    private String bf16Products() {
        if (oneDnn && vectors.equals("AVX-512")) return "oneDNN";
        var emulated = "libtorch's own kernels, bf16 being emulated";
        return oneDnn && vectors.equals("AVX2") ? emulated + ", several rows in f32" : emulated;
    }

    private static Map<String, String> libraryVersions() {
        var versions = new TreeMap<String, String>();
        versions.put("java", Runtime.version().toString());
        for (var library : List.of("pytorch", "javacpp", "openblas")) {
            versions.put(library, version(library));
        }
        return Map.copyOf(versions);
    }

    private static String version(String library) {
        var path = "/META-INF/maven/org.bytedeco/%s/pom.properties".formatted(library);
        try (var in = torch.class.getResourceAsStream(path)) {
            if (in == null) return "unknown";
            var properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "unknown");
        } catch (IOException _) {
            return "unknown";
        }
    }
}
