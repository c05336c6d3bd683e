package dev.orrery.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/// Starts the native engine once, with the settings that make it quick in a JVM.
///
/// - OpenMP's threads, which run every operation, sleep rather than spin while they wait, and there
///   is one for each core, or as many as `ORRERY_THREADS` says.
/// - OpenBLAS gets a single thread. Its own pool waits by spinning, so that beside any other busy
///   process two threads are many times slower than one, and inside attention it would be entered
///   by several OpenMP threads at once. Large products are shared out by oneDNN over OpenMP
///   instead, see [Functional#linear].
/// - Freed memory is kept for the next step instead of being given back to the system and asked for
///   again page by page (glibc).
/// - JavaCPP neither asks for the process size at every allocation nor registers every native
///   object with the garbage collector: [TensorScope] and [Tensor] see to that.
///
/// Every tensor operation starts the engine by itself; calling [#start()] early only moves the
/// second that loading takes. A program that uses other JavaCPP libraries starts the engine first,
/// so that the settings are read.
public final class Engine {

    private static final int THREADS = boot();

    /// Multiplications in a square layer from which two threads are quicker than one.
    private static final long SHARED = 1L << 21;

    private Engine() {}

    /// Makes sure that the engine is loaded. Further calls cost nothing.
    public static void start() {
        if (THREADS < 1) throw new IllegalStateException("the tensor engine has no threads");
    }

    /// Threads that one operation may use.
    public static int threads() {
        start();
        return torch.get_num_threads();
    }

    /// Changes the number of threads that one operation may use, for the whole process.
    public static void threads(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("thread count %d is below 1".formatted(count));
        }
        start();
        torch.set_num_threads(count);
    }

    /// Runs work with operations that use no thread but this one; other threads are left as they
    /// are.
    ///
    /// For chains of small operations, such as the layers of one short text: each would be shared
    /// out and met for again, which takes longer than the half that the other core does. Gives what
    /// `ORRERY_THREADS=1` gives, to the bit.
    public static <T> T alone(Supplier<T> work) {
        int before = threads();
        if (before == 1) return work.get();
        OwnThreads.set(1);
        try {
            return work.get();
        } finally {
            OwnThreads.set(before);
        }
    }

    /// As [#alone(Supplier)], for work without a result.
    public static void alone(Runnable work) {
        alone(() -> {
            work.run();
            return true;
        });
    }

    /// As [#alone(Supplier)] where the layers of a network on `rows` vectors of `width` numbers are
    /// too small to be worth sharing out, else with all threads.
    public static <T> T aloneIfSmall(long rows, long width, Supplier<T> work) {
        return rows * width * width < SHARED ? alone(work) : work.get();
    }

    private static int boot() {
        int threads = wantedThreads();
        putEnv("OMP_WAIT_POLICY", "PASSIVE");
        putEnv("OMP_NUM_THREADS", Integer.toString(threads));
        putEnv("OPENBLAS_NUM_THREADS", hasOneDnn() ? "1" : Integer.toString(threads));
        Allocator.keepFreed();
        setUnlessGiven("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        setUnlessGiven("org.bytedeco.javacpp.nopointergc", "true");
        Loader.load(torch.class);
        torch.set_num_threads(threads);
        withoutNnpack();
        return threads;
    }

    /// NNPACK knows few processors and says so again at every convolution that it is asked about;
    /// oneDNN computes nearly all of them everywhere.
    private static void withoutNnpack() {
        try (var context = torch.globalContext()) {
            context.setUserEnabledNNPACK(false);
        }
    }

    /// libtorch can tell only once it has loaded, when the variable has been read.
    private static boolean hasOneDnn() {
        return List.of("amd64", "x86_64").contains(System.getProperty("os.arch"));
    }

    private static void setUnlessGiven(String property, String value) {
        if (System.getProperty(property) == null) System.setProperty(property, value);
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
}
