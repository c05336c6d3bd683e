package dev.orrery.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the system tells of the processor; both are empty where it does not tell (Linux does).
///
/// @param vendor such as `AuthenticAMD`
/// @param flags the instruction sets, as the system names them
record Processor(String vendor, Set<String> flags) {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    /// This machine's first processor.
    static Processor current() {
        if (!Files.isReadable(CPU_INFO)) return new Processor("", Set.of());
        try (var lines = Files.lines(CPU_INFO)) {
            return parse(lines.takeWhile(line -> !line.isBlank()));
        } catch (IOException _) {
            return new Processor("", Set.of());
        }
    }

    /// @param lines one processor's lines `name : value`
    static Processor parse(Stream<String> lines) {
        var values =
                lines.map(line -> line.split(":", 2))
                        .filter(pair -> pair.length == 2)
                        .collect(
                                Collectors.toMap(
                                        pair -> pair[0].strip(),
                                        pair -> pair[1].strip(),
                                        (first, _) -> first));
        var flags = values.getOrDefault("flags", values.getOrDefault("Features", ""));
        return new Processor(
                values.getOrDefault("vendor_id", ""),
                Stream.of(flags.split("\\s+"))
                        .filter(flag -> !flag.isBlank())
                        .collect(Collectors.toUnmodifiableSet()));
    }

    /// The widest vector instructions, such as `AVX-512`, or `unknown`.
    String widest() {
        if (flags.containsAll(Set.of("avx512f", "avx512bw", "avx512vl"))) return "AVX-512";
        if (flags.containsAll(Set.of("avx2", "fma"))) return "AVX2";
        if (flags.contains("sve")) return "SVE";
        if (flags.contains("asimd")) return "NEON";
        return "unknown";
    }
}
