package dev.orrery.spacetime;

import dev.orrery.tensor.Tensor;
import java.util.List;

/// Video cut into square patches, one token each.
///
/// @param size edge p of a patch in pixels
/// @param height H of a frame in pixels, a multiple of p
/// @param width W of a frame in pixels, a multiple of p
/// @param channels C of a pixel
public record Patches(int size, int height, int width, int channels) {

    public Patches {
        if (size < 1 || height < 1 || width < 1 || channels < 1) {
            throw new IllegalArgumentException(
                    "patches of %d of frames %d x %d with %d channels; each must be 1 or more"
                            .formatted(size, width, height, channels));
        }
        check("height", height, size);
        check("width", width, size);
    }

    private static void check(String side, int pixels, int size) {
        if (pixels % size != 0) {
            int cropped = pixels - pixels % size;
            throw new IllegalArgumentException(
                    "video %s %d is not a multiple of patch %d; %spad to %d or use patch %d"
                            .formatted(
                                    side,
                                    pixels,
                                    size,
                                    cropped > 0 ? "crop to %d, ".formatted(cropped) : "",
                                    cropped + size,
                                    divisor(pixels, size)));
        }
    }

    /// The divisor of a length that is nearest to the one that was asked for.
    private static int divisor(int pixels, int size) {
        int best = 1;
        for (int d = 1; d <= pixels; d++) {
            if (pixels % d == 0 && Math.abs(d - size) < Math.abs(best - size)) {
                best = d;
            }
        }
        return best;
    }

    /// The grid of tokens.
    public TokenGrid grid() {
        return TokenGrid.of(height / size, width / size);
    }

    /// Patches of a frame, N.
    public int count() {
        return grid().tokens();
    }

    /// Numbers in a patch, p·p·C.
    public int values() {
        return size * size * channels;
    }

    /// Smaller video `(B, T, h, w, C)` with its last row and column repeated up to `(B, T, H, W,
    /// C)`.
    public Tensor pad(Tensor video) {
        return repeatLast(repeatLast(video, 2, height), 3, width);
    }

    private static Tensor repeatLast(Tensor video, int axis, int length) {
        int missing = length - (int) video.size(axis);
        if (missing == 0) {
            return video;
        }
        var last = video.narrow(axis, video.size(axis) - 1, 1);
        return Tensor.cat(List.of(video, last.repeatInterleave(missing, axis)), axis);
    }

    /// `(B, T, H, W, C)` to `(B, T, N, p·p·C)`, patches row by row.
    public Tensor split(Tensor video) {
        if (video.rank() != 5
                || video.size(2) != height
                || video.size(3) != width
                || video.size(4) != channels) {
            throw new IllegalArgumentException(
                    "video is %s; needs (B, T, %d, %d, %d)"
                            .formatted(video, height, width, channels));
        }
        long b = video.size(0), t = video.size(1);
        return video.reshape(b, t, height / size, size, width / size, size, channels)
                .permute(0, 1, 2, 4, 3, 5, 6)
                .reshape(b, t, count(), values());
    }

    /// `(B, T, N, p·p·C)` to `(B, T, H, W, C)`: undoes [#split].
    public Tensor join(Tensor patches) {
        if (patches.rank() != 4 || patches.size(2) != count() || patches.size(3) != values()) {
            throw new IllegalArgumentException(
                    "patches are %s; needs (B, T, %d, %d)".formatted(patches, count(), values()));
        }
        long b = patches.size(0), t = patches.size(1);
        return patches.reshape(b, t, height / size, width / size, size, size, channels)
                .permute(0, 1, 2, 4, 3, 5, 6)
                .reshape(b, t, height, width, channels);
    }
}
