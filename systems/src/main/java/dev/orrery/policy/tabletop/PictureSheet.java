package dev.orrery.policy.tabletop;

import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Projector;
import dev.orrery.policy.ActionChunks;
import dev.orrery.policy.CameraMap;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.Resample;
import java.util.List;
import java.util.Optional;

/// Gathers the pictures of a batch from both cameras, and which of them there are.
public final class PictureSheet {

    /// Numbers of the two pictures of a row.
    public static final int NUMBERS = Projector.OVERHEAD_BYTES + Projector.WRIST_BYTES;

    private static final CameraMap CAMERAS = CameraMap.same(List.of(Camera.OVERHEAD, Camera.WRIST));

    private final int size;
    private final byte[] above, near;
    private final boolean[] seenAbove, seenNear;

    /// Refuses a tower for pictures of other sides than those of the tabletop's cameras.
    ///
    /// @throws IllegalArgumentException naming the sides, and those that the cameras give
    public static void requireSides(List<Integer> sides) {
        var given = List.of(Camera.OVERHEAD_PIXELS, Camera.WRIST_PIXELS);
        if (!sides.equals(given)) {
            throw new IllegalArgumentException(
                    "model.vision.imageSizes is %s; the tabletop's cameras give %s, use that"
                            .formatted(sides, given));
        }
    }

    /// Writes a picture's bytes from `at` on, and says whether there is one.
    @FunctionalInterface
    public interface Picture {
        boolean write(byte[] rgb, int at);
    }

    /// @param size pictures B of each camera
    public PictureSheet(int size) {
        this.size = size;
        above = new byte[size * Projector.OVERHEAD_BYTES];
        near = new byte[size * Projector.WRIST_BYTES];
        seenAbove = new boolean[size];
        seenNear = new boolean[size];
    }

    /// The overhead picture of row `b`.
    public void overhead(int b, Picture picture) {
        seenAbove[b] = picture.write(above, b * Projector.OVERHEAD_BYTES);
    }

    /// The wrist picture of row `b`.
    public void wrist(int b, Picture picture) {
        seenNear[b] = picture.write(near, b * Projector.WRIST_BYTES);
    }

    /// The pictures of a training frame.
    public void frame(int b, FrameSource source, ActionChunks.Place place) {
        overhead(b, (rgb, at) -> source.overhead(place, rgb, at));
        wrist(b, (rgb, at) -> source.wrist(place, rgb, at));
    }

    /// The pictures that a robot sees. Those of another size are resized directly, without regard
    /// for their proportions.
    ///
    /// @throws IllegalArgumentException if there is none of the two cameras'
    public void observation(int b, Observation observation) {
        var pictures = CAMERAS.arrange(observation);
        overhead(b, (rgb, at) -> copy(pictures.get(0), Camera.OVERHEAD_PIXELS, rgb, at));
        wrist(b, (rgb, at) -> copy(pictures.get(1), Camera.WRIST_PIXELS, rgb, at));
    }

    private static boolean copy(Optional<Image> picture, int side, byte[] rgb, int at) {
        if (picture.isEmpty()) return false;
        var image = picture.get();
        var fitting =
                image.height() == side && image.width() == side
                        ? image
                        : Resample.BICUBIC.resize(image, side, side);
        System.arraycopy(fitting.rgb(), 0, rgb, at, fitting.rgb().length);
        return true;
    }

    /// The number of rows.
    public int size() {
        return size;
    }

    /// RGB bytes of the overhead pictures, row by row.
    public byte[] above() {
        return above;
    }

    /// RGB bytes of the wrist pictures, row by row.
    public byte[] near() {
        return near;
    }

    /// Float32 `(B, 3, side, side)` in [-1, 1], one tensor a camera.
    public List<Tensor> images() {
        return List.of(
                unit(above, size, Camera.OVERHEAD_PIXELS), unit(near, size, Camera.WRIST_PIXELS));
    }

    /// BOOL `(B)`, one tensor a camera: whether there is a picture.
    public List<Tensor> seen() {
        return List.of(Tensor.of(seenAbove, size), Tensor.of(seenNear, size));
    }

    /// RGB bytes of `size` pictures to float32 `(B, 3, side, side)` in [-1, 1].
    public static Tensor unit(byte[] rgb, int size, int side) {
        return Tensor.of(rgb, size, side, side, 3)
                .permute(0, 3, 1, 2)
                .to(DType.F32)
                .mul_(1 / 127.5)
                .sub_(1.0);
    }
}
