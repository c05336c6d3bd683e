package dev.orrery.nn;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Device;
import dev.orrery.tensor.EngineReport;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// What multiplies a model's weights on this machine, said before it is used: a choice that is made
/// by the processor, the number of threads and how weights are kept.
///
/// @param weights how most of the weights of products are kept: `f32`, `bf16`, `int8` and so on
/// @param products what multiplies them, by how many rows meet a weight
/// @param threads threads of one operation
public record Kernels(String weights, String products, int threads) {

    private static final String INT8 = "int8";

    /// What multiplies weights of a type, on this machine and with as many threads as there are
    /// now.
    public static Kernels of(DType weights) {
        return of(weights, EngineReport.current());
    }

    static Kernels of(DType weights, EngineReport engine) {
        return new Kernels(
                weights.name().toLowerCase(Locale.ROOT),
                engine.products(weights),
                engine.threads());
    }

    /// What multiplies [Int8Weights].
    public static Kernels int8() {
        return int8(EngineReport.current(), Int8Product.on(Device.CPU));
    }

    static Kernels int8(EngineReport engine, Int8Product product) {
        var words =
                switch (product) {
                    case WHOLE ->
                            "oneDNN's sums of whole numbers, %d rows at a time"
                                    .formatted(Int8Product.ROWS);
                    case PACKED ->
                            "libtorch's int8pack operator up to %d rows; more are unpacked to bf16 for %s"
                                    .formatted(
                                            Int8Product.PACKED_ROWS, engine.products(DType.BF16));
                };
        return new Kernels(INT8, words, engine.threads());
    }

    /// What multiplies the weights of a model as they are now: of how most numbers are kept.
    ///
    /// @throws IllegalArgumentException if the model has no parameter
    public static Kernels of(Module model) {
        var numbers = new EnumMap<DType, Long>(DType.class);
        model.parameters().forEach(p -> numbers.merge(p.dtype(), p.numel(), Long::sum));
        var most =
                numbers.entrySet().stream()
                        .max(Map.Entry.comparingByValue())
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "%s has no weights, so nothing multiplies them"
                                                .formatted(model.getClass().getSimpleName())));
        return rounded(model) > most.getValue() / 2 ? int8() : of(most.getKey());
    }

    /// Numbers that whole numbers of 8 bits stand in for.
    private static long rounded(Module module) {
        long own =
                module instanceof Adaptable layer && layer.change() instanceof Int8Weights.Rounded
                        ? layer.storedWeight().numel()
                        : 0;
        return own + module.children().values().stream().mapToLong(Kernels::rounded).sum();
    }

    /// One line: `weights bf16, products by oneDNN, 2 threads`.
    public String line() {
        return "weights %s, products by %s, %d thread%s"
                .formatted(weights, products, threads, threads == 1 ? "" : "s");
    }
}
