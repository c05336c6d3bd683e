package dev.orrery.tensor;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// How many of OpenMP's threads operations use that one thread of the program starts.
///
/// OpenMP keeps the number for each thread. libtorch's own setting would change it for threads that
/// come later, too.
final class OwnThreads {

    private static final Optional<MethodHandle> SET = find();

    private OwnThreads() {}

    @SuppressWarnings("restricted")
    private static Optional<MethodHandle> find() {
        Engine.start();
        return SymbolLookup.loaderLookup()
                .find("omp_set_num_threads")
                .map(function ->
                        Linker.nativeLinker()
                                .downcallHandle(function, FunctionDescriptor.ofVoid(JAVA_INT)));
    }

    /// Sets the calling thread's number. Does nothing where the engine's OpenMP is not to be found
    /// among the program's libraries: operations are shared out as before, then.
    static void set(int count) {
        if (SET.isEmpty()) return;
        try {
            SET.get().invokeExact(count);
        } catch (Throwable e) {
            throw new IllegalStateException("cannot set this thread's share of the engine", e);
        }
    }
}
