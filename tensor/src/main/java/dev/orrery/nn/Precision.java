package dev.orrery.nn;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// How linear layers multiply, forward and backward.
///
/// ```java
/// var loss = Precision.BF16.apply(() -> model.loss(batch));
/// optimizer.minimise(loss);
/// ```
///
/// Parameters, activations between layers, gradients of parameters and optimizer state stay F32 in
/// either case; norms, softmax, attention scores and losses are F32 too, so no loss scaling is
/// needed. With [#BF16] the factors of large products are rounded to 8 bits of mantissa and summed
/// in F32. On a processor with bf16 instructions (AVX512-BF16, AMX) a linear layer's forward and
/// backward then take about a third of the time; without them it is slower. See
/// `docs/howto/mixed-precision.md`.
public enum Precision {
    /// Products of F32 numbers: the default.
    F32,
    /// Large products of numbers rounded to BF16.
    BF16;
    private static final long ROWS = 32, MULTIPLICATIONS = 1L << 18;

    private static final ScopedValue<Precision> CURRENT = ScopedValue.newInstance();

    /// Runs work on this thread with linear layers multiplying this way.
    public <T> T apply(Supplier<T> work) {
        return ScopedValue.where(CURRENT, this).call(work::get);
    }

    /// As [#apply], for work without a result.
    public void run(Runnable work) {
        ScopedValue.where(CURRENT, this).run(work);
    }

    /// As [Functional#linear], multiplying the way that this thread was told to: for modules that
    /// join the weights of several layers in one product.
    public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
        if (CURRENT.orElse(F32) == F32 || !pays(x, weight))
            return Functional.linear(x, weight, bias);
        var rounded = bias == null ? null : bias.to(DType.BF16);
        return Functional.linear(x.to(DType.BF16), weight.to(DType.BF16), rounded).to(DType.F32);
    }

    /// Rounding costs a pass over both factors, which small products do not win back.
    private static boolean pays(Tensor x, Tensor weight) {
        long inputs = weight.size(1), rows = x.numel() / inputs;
        return rows >= ROWS
                && rows * weight.numel() >= MULTIPLICATIONS
                && x.dtype() == DType.F32
                && weight.dtype() == DType.F32;
    }
}
