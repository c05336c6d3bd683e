package dev.orrery.vlm.qwen;

import dev.orrery.env.Image;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.Resample;
import java.util.ArrayList;
import java.util.List;

/// Prepares pictures for [QwenVision]: their own proportions, sides that fall into tokens, CLIP's
/// mean and deviation, cut into patches square by square.
///
/// @param patch how pictures are cut
/// @param fewest pixels of a picture at least
/// @param most pixels of a picture at most
public record QwenPictures(QwenVision.Patch patch, long fewest, long most) {

    private static final float[] MEAN = {0.48145466f, 0.4578275f, 0.40821073f};
    private static final float[] DEVIATION = {0.26862954f, 0.26130258f, 0.27577711f};
    private static final int LONGEST = 200;

    /// As Qwen2.5-VL is published: 4 to 16 384 tokens a picture.
    public static QwenPictures published(QwenVision.Patch patch) {
        return new QwenPictures(patch, 56 * 56, 28L * 28 * 16_384);
    }

    /// Pictures as patches.
    ///
    /// @param patches `(N, pixels)`
    /// @param grids how each picture is cut
    public record Patches(Tensor patches, List<PictureGrid> grids) {}

    /// Height and width of what a picture becomes: multiples of a token's side, as near to its
    /// proportions as that allows.
    ///
    /// @throws IllegalArgumentException if it is more than 200 times as long as wide
    public int[] size(int height, int width) {
        if (Math.max(height, width) > LONGEST * Math.min(height, width)) {
            throw new IllegalArgumentException(
                    "a picture of %d x %d is too narrow; cut it to at most %d to 1"
                            .formatted(height, width, LONGEST));
        }
        int side = patch.side() * patch.merge();
        double high = Math.rint((double) height / side) * side;
        double wide = Math.rint((double) width / side) * side;
        if (high * wide > most) {
            double shrink = Math.sqrt((double) height * width / most);
            high = Math.max(side, Math.floor(height / shrink / side) * side);
            wide = Math.max(side, Math.floor(width / shrink / side) * side);
        } else if (high * wide < fewest) {
            double grow = Math.sqrt(fewest / ((double) height * width));
            high = Math.ceil(height * grow / side) * side;
            wide = Math.ceil(width * grow / side) * side;
        }
        return new int[] {(int) high, (int) wide};
    }

    /// Prepares pictures of any sizes; a still fills every frame of its patches.
    public Patches prepare(List<Image> pictures) {
        if (patch.channels() != MEAN.length) {
            throw new IllegalArgumentException(
                    "pictures have 3 colours, the model takes %d".formatted(patch.channels()));
        }
        var parts = new ArrayList<Tensor>();
        var grids = new ArrayList<PictureGrid>();
        for (var picture : pictures) {
            var size = size(picture.height(), picture.width());
            var small = Resample.BICUBIC.resize(picture, size[0], size[1]);
            var grid = new PictureGrid(1, size[0] / patch.side(), size[1] / patch.side());
            parts.add(Tensor.of(numbers(small, grid), grid.patches(), patch.pixels()));
            grids.add(grid);
        }
        return new Patches(Tensor.cat(parts, 0), List.copyOf(grids));
    }

    private float[] numbers(Image picture, PictureGrid grid) {
        var numbers = new float[grid.patches() * patch.pixels()];
        int merge = patch.merge(), at = 0;
        for (int top = 0; top < grid.rows(); top += merge) {
            for (int left = 0; left < grid.columns(); left += merge) {
                for (int i = 0; i < merge * merge; i++) {
                    at = fill(picture, top + i / merge, left + i % merge, numbers, at);
                }
            }
        }
        return numbers;
    }

    private int fill(Image picture, int row, int column, float[] numbers, int start) {
        int side = patch.side(), at = start;
        for (int colour = 0; colour < MEAN.length; colour++) {
            for (int frame = 0; frame < patch.frames(); frame++) {
                for (int y = row * side; y < (row + 1) * side; y++) {
                    for (int x = column * side; x < (column + 1) * side; x++) {
                        float value = picture.at(y, x, colour) / 255f;
                        numbers[at++] = (value - MEAN[colour]) / DEVIATION[colour];
                    }
                }
            }
        }
        return at;
    }
}
