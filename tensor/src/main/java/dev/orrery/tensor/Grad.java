package dev.orrery.tensor;

import java.util.List;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.global.torch;

/// Whether operations on the calling thread are recorded for gradients.
///
/// `try (var _ = Grad.disabled()) { ... }` switches recording off inside the block.
public final class Grad implements AutoCloseable {

    private final AutoGradMode guard;

    private Grad(boolean on) {
        Engine.start();
        guard = new AutoGradMode(on);
    }

    /// Recording off until the result is closed, on this thread.
    public static Grad disabled() {
        return new Grad(false);
    }

    /// Recording on until the result is closed, on this thread.
    public static Grad enabled() {
        return new Grad(true);
    }

    /// Whether operations are recorded now.
    public static boolean isEnabled() {
        Engine.start();
        return org.bytedeco.pytorch.GradMode.is_enabled();
    }

    /// The vector-Jacobian product `Jᵀ weight`, with J the derivative of `output` by `input`.
    ///
    /// Only `input` is differentiated: gradients that parameters hold stay as they are. The graph
    /// is kept, so that several products can be taken of one output.
    ///
    /// @param output recorded while gradients were on
    /// @param input a tensor that asked for gradients and that `output` depends on
    /// @param weight the shape of `output`
    /// @return the shape of `input`
    public static Tensor vjp(Tensor output, Tensor input, Tensor weight) {
        try (var outputs = Natives.vector(List.of(output));
                var inputs = Natives.vector(List.of(input));
                var weights = Natives.vector(List.of(weight));
                var keep = new BoolOptional(true)) {
            return Natives.tensors(() -> torch.grad(outputs, inputs, weights, keep, false, false))
                    .getFirst();
        }
    }

    @Override
    public void close() {
        guard.close();
    }
}
