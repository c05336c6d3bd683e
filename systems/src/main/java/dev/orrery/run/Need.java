package dev.orrery.run;

import dev.orrery.nn.Module;
import java.util.Locale;
import java.util.function.Supplier;

/// Something that a run holds in memory, counted low: what a machine cannot hold for sure is
/// refused before anything is recorded, and nothing else.
///
/// @param what a key of the configuration with its value, or a part of it
/// @param bytes how much that takes
/// @param each how much each takes of what the key counts; 0 for a part
public record Need(String what, double bytes, double each) {

    /// Bytes of a weight, its gradient and the optimiser's two moments.
    private static final int TRAINED = 16;

    /// So many bytes for each of what a key counts.
    public static Need of(String key, long count, double each) {
        return new Need("%s %d".formatted(key, count), count * each, each);
    }

    /// So many F32 numbers for each of what a key counts, such as every example of a batch.
    public static Need numbers(String key, long count, double each) {
        return of(key, count, Float.BYTES * each);
    }

    /// A network that is trained, whose weights are counted without being made.
    public static Need trained(String part, Supplier<? extends Module> network) {
        return new Need("training all weights of " + part, TRAINED * weights(network), 0);
    }

    private static double weights(Supplier<? extends Module> network) {
        try (var outline = Module.outline(network::get)) {
            return outline.parameterCount();
        } catch (ArithmeticException _) {
            return Double.POSITIVE_INFINITY; // more than can be counted
        }
    }

    /// Refuses a configuration that needs more than this machine has.
    ///
    /// @throws IllegalArgumentException naming the key, what it takes and what would fit
    public static <C extends Record> void check(Recipe<C> recipe, C config) {
        check(recipe, config, Machine.memory());
    }

    /// The same of a machine of so many bytes of memory.
    public static <C extends Record> void check(Recipe<C> recipe, C config, long memory) {
        recipe.needs(config).forEach(need -> need.check(memory));
    }

    private void check(long memory) {
        if (bytes > memory) {
            throw new IllegalArgumentException(
                    "%s takes at least %s of memory, this machine has %s; %s"
                            .formatted(
                                    what,
                                    gigabytes(bytes),
                                    gigabytes(memory),
                                    each > 0 && each <= memory
                                            ? "use at most %d".formatted((long) (memory / each))
                                            : "make it smaller"));
        }
    }

    private static String gigabytes(double bytes) {
        return String.format(Locale.ROOT, "%,.1f GB", bytes / 1e9);
    }
}
