package dev.orrery.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/// What a result was measured on.
///
/// @param os operating system and architecture
/// @param cpu the processor's name where the system tells it
/// @param cores processors that this process may use
/// @param java version of the Java runtime
/// @param version version of Orrery
/// @param commit git commit that the code was built from, with `+changes` where the sources
///   differed from it; of classes that were not built by the launcher, the working tree's, with
///   `+worktree`; or `unknown`
public record Machine(
        String os, String cpu, int cores, String java, String version, String commit) {

    /// This machine, and the code that runs on it.
    public static Machine current() {
        return new Machine(
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                cpuName(),
                Runtime.getRuntime().availableProcessors(),
                Runtime.version().toString(),
                orreryVersion(),
                builtFrom());
    }

    /// The version of Orrery that is running.
    public static String orreryVersion() {
        return Optional.ofNullable(Machine.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    /// Bytes of memory that this process may see.
    public static long memory() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getTotalMemorySize();
    }

    private static String cpuName() {
        var info = Path.of("/proc/cpuinfo");
        try {
            if (Files.isReadable(info)) {
                return Files.readAllLines(info).stream()
                        .filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElse("unknown");
            }
        } catch (IOException _) {
            return "unknown";
        }
        return Optional.ofNullable(System.getenv("PROCESSOR_IDENTIFIER"))
                .or(() -> output("sysctl", "-n", "machdep.cpu.brand_string"))
                .orElse("unknown");
    }

    /// The launcher's build stamps the commit, because the sources may have moved on since.
    private static String builtFrom() {
        var stamp = stamp("commit");
        if (!stamp.isEmpty()) {
            return stamp;
        }
        var home = System.getProperty("orrery.home", ".");
        return output("git", "-C", home, "rev-parse", "--short=12", "HEAD")
                .map(hash -> hash + "+worktree")
                .orElse("unknown");
    }

    private static String stamp(String name) {
        try (var in = Machine.class.getResourceAsStream("build.properties")) {
            if (in == null) {
                return "";
            }
            var properties = new Properties();
            properties.load(in);
            return properties.getProperty(name, "").strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What a command prints, if it exists, ends well within five seconds and prints anything.
    private static Optional<String> output(String... command) {
        try {
            var process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean ended = process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0;
            return ended && !text.isBlank() ? Optional.of(text.strip()) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
