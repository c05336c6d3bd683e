package dev.orrery.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/// Starts the native engine once, with the settings that make it quick in a JVM.
///
/// Before any native library loads, OpenMP's threads are told to sleep rather than spin while they
/// wait, and JavaCPP is told not to ask for the process size at every allocation. Then both thread
/// pools, libtorch's and OpenBLAS's, get the same number of threads: `ORRERY_THREADS`, or one for
/// each core. Every tensor operation starts the engine by itself; calling [#start()] early only
/// moves the second that loading takes.
public final class Engine {

    private static final int THREADS = boot();

    private Engine() {}

    /// Makes sure that the engine is loaded. Further calls cost nothing.
    public static void start() {
        if (THREADS < 1) throw new IllegalStateException("the tensor engine has no threads");
    }

    /// Threads that one operation may use.
    public static int threads() {
        return torch.get_num_threads();
    }

    /// Changes the number of threads of both pools, for the whole process.
    public static void threads(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("thread count %d is below 1".formatted(count));
        }
        torch.set_num_threads(count);
        setBlasThreads(count);
    }

    private static int boot() {
        int threads = wantedThreads();
        putEnv("OMP_WAIT_POLICY", "PASSIVE");
        putEnv("OMP_NUM_THREADS", Integer.toString(threads));
        putEnv("OPENBLAS_NUM_THREADS", Integer.toString(threads));
        if (System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes") == null) {
            System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        }
        Loader.load(torch.class);
        torch.set_num_threads(threads);
        setBlasThreads(threads);
        return threads;
    }

    private static int wantedThreads() {
        var wanted = System.getenv("ORRERY_THREADS");
        if (wanted == null) return Runtime.getRuntime().availableProcessors();
        try {
            int threads = Integer.parseInt(wanted.strip());
            if (threads > 0) return threads;
        } catch (NumberFormatException _) {
            // answered below, together with zero and less
        }
        throw new IllegalArgumentException(
                "ORRERY_THREADS is '%s'; give a number of threads from 1 up".formatted(wanted));
    }

    /// Sets a variable in the native environment, unless the user has set it.
    @SuppressWarnings("restricted")
    private static void putEnv(String name, String value) {
        if (System.getenv(name) != null) return;
        var linker = Linker.nativeLinker();
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        try (var arena = Arena.ofConfined()) {
            if (windows) {
                var put = linker.defaultLookup().find("_putenv_s").orElse(null);
                if (put == null) return;
                var handle =
                        linker.downcallHandle(
                                put, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
                int _ =
                        (int)
                                handle.invokeExact(
                                        arena.allocateFrom(name), arena.allocateFrom(value));
            } else {
                var handle =
                        linker.downcallHandle(
                                linker.defaultLookup().findOrThrow("setenv"),
                                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
                int _ =
                        (int)
                                handle.invokeExact(
                                        arena.allocateFrom(name), arena.allocateFrom(value), 1);
            }
        } catch (Throwable e) {
            throw new IllegalStateException("cannot set %s for the engine".formatted(name), e);
        }
    }

    /// libtorch binds to the copy of OpenBLAS without LAPACK, so the count must be set on that one.
    @SuppressWarnings("restricted")
    private static void setBlasThreads(int count) {
        try {
            var library = Path.of(Loader.load(openblas_nolapack.class));
            var file =
                    library.resolveSibling(
                            System.mapLibraryName("openblas_nolapack")
                                    + (System.getProperty("os.name").equals("Linux") ? ".0" : ""));
            var lookup =
                    SymbolLookup.libraryLookup(
                            file.toFile().exists() ? file : library, Arena.global());
            var set = lookup.find("openblas_set_num_threads");
            if (set.isEmpty()) return;
            Linker.nativeLinker()
                    .downcallHandle(set.get(), FunctionDescriptor.ofVoid(JAVA_INT))
                    .invokeExact(count);
        } catch (Throwable e) {
            throw new IllegalStateException("cannot set OpenBLAS's threads to " + count, e);
        }
    }
}
