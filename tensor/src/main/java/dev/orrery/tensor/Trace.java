package dev.orrery.tensor;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Remembers where tensors and scopes were made, for errors and for finding leaks.
///
/// Off unless the JVM runs with `-Dorrery.tensor.trace=true` or [#enable] was called, because every
/// allocation then records its call stack. When it is on, errors about closed tensors and scopes
/// name where these were made, and [#leaks] lists the tensors that were made outside every scope
/// and never closed, kept or released.
public final class Trace {

    private static final int FRAMES = 5;
    private static final String HOME = Trace.class.getPackageName() + ".";
    private static final StackWalker WALKER = StackWalker.getInstance();
    private static final Set<Trace> UNOWNED = ConcurrentHashMap.newKeySet();
    private static volatile boolean enabled = Boolean.getBoolean("orrery.tensor.trace");

    private final String what;
    private final String where;

    private Trace(String what, String where) {
        this.what = what;
        this.where = where;
    }

    /// Switches tracing of later allocations on or off, for the whole process.
    public static void enable(boolean on) {
        enabled = on;
    }

    /// Whether allocations are traced now.
    public static boolean isEnabled() {
        return enabled;
    }

    /// What was made outside every scope while tracing was on and has not been closed, kept or
    /// released since, each with the place that made it.
    public static List<String> leaks() {
        return UNOWNED.stream().map(Trace::toString).sorted().toList();
    }

    /// Forgets the leaks so far.
    public static void clear() {
        UNOWNED.clear();
    }

    static @Nullable Trace here(String what) {
        return enabled ? new Trace(what, site()) : null;
    }

    static void unowned(@Nullable Trace trace) {
        if (trace != null) UNOWNED.add(trace);
    }

    static void owned(@Nullable Trace trace) {
        if (trace != null) UNOWNED.remove(trace);
    }

    static IllegalStateException fault(String message, @Nullable Trace... traces) {
        var known =
                Stream.of(traces)
                        .filter(trace -> trace != null)
                        .map(Trace::toString)
                        .collect(Collectors.joining("; "));
        var hint = "run with -Dorrery.tensor.trace=true to see where it was made";
        return new IllegalStateException(
                "%s (%s)".formatted(message, known.isEmpty() ? hint : known));
    }

    private static String site() {
        return WALKER.walk(frames ->
                frames.filter(frame ->
                                !frame.getClassName().startsWith(HOME)
                                        || frame.getClassName().endsWith("Test"))
                        .limit(FRAMES)
                        .map(frame ->
                                "%s(%s:%d)"
                                        .formatted(
                                                frame.getMethodName(),
                                                frame.getFileName(),
                                                frame.getLineNumber()))
                        .collect(Collectors.joining(" < ")));
    }

    @Override
    public String toString() {
        return "%s at %s".formatted(what, where);
    }
}
