package dev.orrery.tensor;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/// The C library's allocator, from which tensors get their memory.
///
/// A training step frees hundreds of megabytes and asks for them again at once. As it comes, glibc
/// gives them back to the system in between, which then hands out zeroed pages one fault at a time.
final class Allocator {

    /// Parameters of `mallopt`, from glibc's `malloc.h`.
    private static final int TRIM_THRESHOLD = -1, TOP_PAD = -2, MMAP_THRESHOLD = -3;

    /// glibc takes no higher one; larger tensors still get a mapping of their own.
    private static final int OWN_MAPPING = 32 << 20;

    private static final int KEPT = 1 << 30, GROWTH = 64 << 20;

    private Allocator() {}

    /// Keeps up to a gigabyte of freed memory for later. Does nothing where the C library is
    /// another, or where the user has set glibc's own variables.
    @SuppressWarnings("restricted")
    static void keepFreed() {
        if (isTuned() || !System.getProperty("os.name").equals("Linux")) return;
        var linker = Linker.nativeLinker();
        var address = linker.defaultLookup().find("mallopt").orElse(null);
        if (address == null) return;
        var mallopt =
                linker.downcallHandle(address, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        set(mallopt, MMAP_THRESHOLD, OWN_MAPPING);
        set(mallopt, TRIM_THRESHOLD, KEPT);
        set(mallopt, TOP_PAD, GROWTH);
    }

    private static boolean isTuned() {
        return System.getenv().keySet().stream()
                .anyMatch(name ->
                        name.startsWith("MALLOC_")
                                && (name.endsWith("THRESHOLD_") || name.equals("MALLOC_TOP_PAD_")));
    }

    private static void set(MethodHandle mallopt, int parameter, int value) {
        try {
            int _ = (int) mallopt.invokeExact(parameter, value);
        } catch (Throwable e) {
            throw new IllegalStateException("cannot set the allocator up", e);
        }
    }
}
