package dev.orrery.tensor;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Matrix products and convolutions in BF16 on the calling thread, while weights, sums and losses
/// stay F32.
///
/// `try (var _ = Autocast.bf16()) { loss = model.loss(batch); }` around the forward pass; the
/// backward pass follows the types of the forward one and stands outside. Worth it only where the
/// processor multiplies BF16 in hardware and products are large, see docs/adr/0001-engine.md; F32
/// is the default.
public final class Autocast implements AutoCloseable {

    private final boolean before;

    private Autocast() {
        Engine.start();
        before = torch.is_autocast_enabled(DeviceType.CPU);
        torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
        torch.set_autocast_enabled(DeviceType.CPU, true);
        torch.increment_nesting();
    }

    /// BF16 on the host until the result is closed, on this thread.
    public static Autocast bf16() {
        return new Autocast();
    }

    @Override
    public void close() {
        if (torch.decrement_nesting() == 0) torch.clear_cache();
        torch.set_autocast_enabled(DeviceType.CPU, before);
    }
}
