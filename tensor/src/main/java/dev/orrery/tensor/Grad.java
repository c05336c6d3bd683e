package dev.orrery.tensor;

import org.bytedeco.pytorch.AutoGradMode;

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

    @Override
    public void close() {
        guard.close();
    }
}
