package dev.orrery.fidelity;

import dev.orrery.env.Image;
import dev.orrery.vision.Resample;
import java.util.Arrays;
import java.util.List;

/// A short video of RGB bytes.
///
/// @param frames T
/// @param height rows H
/// @param width columns W
/// @param rgb `T * H * W * 3` bytes, not copied
public record Clip(int frames, int height, int width, byte[] rgb) {

    public Clip {
        if (frames < 1
                || height < 1
                || width < 1
                || rgb.length != (long) frames * height * width * 3) {
            throw new IllegalArgumentException(
                    "clip %d x %d x %d needs as many pixels of 3 bytes, got %d bytes"
                            .formatted(frames, height, width, rgb.length));
        }
    }

    /// A clip of pictures of one size.
    ///
    /// @throws IllegalArgumentException without pictures, or if their sizes differ
    public static Clip of(List<Image> pictures) {
        if (pictures.isEmpty()) {
            throw new IllegalArgumentException("a clip needs a picture; give at least one");
        }
        var first = pictures.getFirst();
        int size = first.rgb().length;
        var rgb = new byte[pictures.size() * size];
        for (int t = 0; t < pictures.size(); t++) {
            var picture = pictures.get(t);
            if (picture.height() != first.height() || picture.width() != first.width()) {
                throw new IllegalArgumentException(
                        "picture %d of a clip is %d x %d, the first %d x %d; resize it"
                                .formatted(
                                        t,
                                        picture.height(),
                                        picture.width(),
                                        first.height(),
                                        first.width()));
            }
            System.arraycopy(picture.rgb(), 0, rgb, t * size, size);
        }
        return new Clip(pictures.size(), first.height(), first.width(), rgb);
    }

    /// Bytes of one frame.
    public int frameBytes() {
        return height * width * 3;
    }

    /// A copy of one frame.
    public Image frame(int t) {
        return new Image(
                height, width, Arrays.copyOfRange(rgb, t * frameBytes(), (t + 1) * frameBytes()));
    }

    /// Copies of all frames.
    public List<Image> pictures() {
        return java.util.stream.IntStream.range(0, frames).mapToObj(this::frame).toList();
    }

    /// A copy of some frames.
    ///
    /// @param from first frame
    /// @param to frame after the last
    public Clip slice(int from, int to) {
        return new Clip(
                to - from,
                height,
                width,
                Arrays.copyOfRange(rgb, from * frameBytes(), to * frameBytes()));
    }

    /// The clip at another size, each pixel the mean of those it covers.
    public Clip resized(int toHeight, int toWidth) {
        return toHeight == height && toWidth == width
                ? this
                : of(
                        pictures().stream()
                                .map(p -> Resample.BOX.resize(p, toHeight, toWidth))
                                .toList());
    }

    /// Red, green or blue (channel 0, 1, 2) of a pixel, 0 to 255.
    public int at(int t, int row, int column, int channel) {
        return rgb[((t * height + row) * width + column) * 3 + channel] & 0xff;
    }

    /// Checks that two clips have frames of one size.
    static void sameSize(String what, Clip a, Clip b) {
        if (a.height != b.height || a.width != b.width) {
            throw new IllegalArgumentException(
                    "%s compares frames of one size, got %d x %d and %d x %d; resize one"
                            .formatted(what, a.height, a.width, b.height, b.width));
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Clip(int t, int h, int w, byte[] bytes)
                && t == frames
                && h == height
                && w == width
                && Arrays.equals(bytes, rgb);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * (31 * frames + height) + width) + Arrays.hashCode(rgb);
    }

    @Override
    public String toString() {
        return "Clip[%d frames of %d x %d]".formatted(frames, height, width);
    }
}
