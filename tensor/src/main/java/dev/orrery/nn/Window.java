package dev.orrery.nn;

/// How a convolution slides: the same along every axis.
///
/// @param kernel elements of the window
/// @param stride elements between windows
/// @param padding zeros before and after
/// @param dilation elements between taps
/// @param groups channel groups that do not mix
public record Window(long kernel, long stride, long padding, long dilation, long groups) {

    public Window {
        if (kernel < 1 || stride < 1 || padding < 0 || dilation < 1 || groups < 1)
            throw new IllegalArgumentException(
                    "window with kernel %d, stride %d, padding %d, dilation %d, groups %d; padding must be 0 or more, the others 1 or more"
                            .formatted(kernel, stride, padding, dilation, groups));
    }

    /// Stride 1, no padding.
    public static Window of(long kernel) {
        return new Window(kernel, 1, 0, 1, 1);
    }

    /// Stride 1, padded so that an odd kernel keeps the size.
    public static Window same(long kernel) {
        return new Window(kernel, 1, (kernel - 1) / 2, 1, 1);
    }

    /// Windows that touch and do not overlap: patches.
    public static Window patches(long size) {
        return new Window(size, size, 0, 1, 1);
    }

    public Window withStride(long stride) {
        return new Window(kernel, stride, padding, dilation, groups);
    }

    public Window withPadding(long padding) {
        return new Window(kernel, stride, padding, dilation, groups);
    }

    public Window withDilation(long dilation) {
        return new Window(kernel, stride, padding, dilation, groups);
    }

    public Window withGroups(long groups) {
        return new Window(kernel, stride, padding, dilation, groups);
    }

    /// Channels that go into each group, checked.
    long perGroup(long channels) {
        if (channels % groups != 0)
            throw new IllegalArgumentException(
                    "%d channels do not split over %d groups; use a multiple"
                            .formatted(channels, groups));
        return channels / groups;
    }
}
