package dev.orrery.tensor;

import org.bytedeco.pytorch.global.torch;

/// Where a tensor's memory lies.
///
/// @param kind CPU, a CUDA graphics processor, or nowhere
/// @param index number of the graphics processor, else 0
public record Device(Kind kind, int index) {

    /// The kinds of device.
    public enum Kind {
        CPU,
        CUDA,
        META
    }

    /// The host's memory.
    public static final Device CPU = new Device(Kind.CPU, 0);

    /// Nowhere: tensors have a type and a shape but no elements, so models of any size can be laid
    /// out and their shapes checked.
    public static final Device META = new Device(Kind.META, 0);

    public Device {
        if (index < 0 || kind != Kind.CUDA && index != 0) {
            throw new IllegalArgumentException("no device %s:%d".formatted(kind, index));
        }
    }

    /// The CUDA device of this number. Needs the `gpu` build profile and a CUDA driver.
    public static Device cuda(int index) {
        return new Device(Kind.CUDA, index);
    }

    /// Whether tensors can be put here on this machine.
    public boolean isAvailable() {
        return switch (kind) {
            case CPU, META -> true;
            case CUDA -> {
                Engine.start();
                yield torch.cuda_is_available() && index < torch.cuda_device_count();
            }
        };
    }

    @Override
    public String toString() {
        return switch (kind) {
            case CPU -> "cpu";
            case CUDA -> "cuda:" + index;
            case META -> "meta";
        };
    }

    org.bytedeco.pytorch.Device at() {
        return new org.bytedeco.pytorch.Device(toString());
    }

    static Device of(org.bytedeco.pytorch.Device device) {
        if (device.is_meta()) return META;
        return device.is_cuda() ? cuda(Math.max(0, device.index())) : CPU;
    }
}
