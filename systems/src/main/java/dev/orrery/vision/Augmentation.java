package dev.orrery.vision;

import dev.orrery.tensor.Dispatcher;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Random changes of training pictures: a crop, a turn, brightness, contrast and colour.
///
/// Every sample draws its own numbers, from its own seed, so results do not depend on the batch.
/// Crop and turn are one resampling; what comes from outside is black.
///
/// Source: openpi's training augmentation, which resamples twice.
///
/// @param crop side of the part that is kept, as a share of the picture's, 1 for all of it
/// @param turn greatest turn to either side, in degrees
/// @param brightness greatest change of the factor on all values
/// @param contrast greatest change of the factor on the distance from the picture's mean
/// @param saturation greatest change of the factor on the distance from grey
public record Augmentation(
        double crop, double turn, double brightness, double contrast, double saturation) {

    /// π0's, for cameras that look on.
    public static final Augmentation PI0 = new Augmentation(0.95, 5, 0.3, 0.4, 0.5);

    /// π0's, for cameras at a wrist, whose geometry means something: colours only.
    public static final Augmentation PI0_WRIST = new Augmentation(1, 0, 0.3, 0.4, 0.5);

    private static final int NUMBERS = 6;

    public Augmentation {
        if (!(crop > 0 && crop <= 1)) {
            throw new IllegalArgumentException(
                    "augmentation keeps a share of %s of the picture; use more than 0, at most 1"
                            .formatted(crop));
        }
        if (turn < 0 || brightness < 0 || contrast < 0 || saturation < 0) {
            throw new IllegalArgumentException("augmentation strengths start at 0: " + this);
        }
    }

    /// Changed copies.
    ///
    /// @param images `(B, 3, H, W)` in [-1, 1]
    /// @param seed sample `b` draws from `seed.split(b)`
    /// @return of the same shape, in [-1, 1]
    public Tensor apply(Tensor images, Seed seed) {
        int batch = (int) images.size(0);
        var draws = new float[batch][];
        for (int b = 0; b < batch; b++) {
            draws[b] = seed.split(b).uniforms(NUMBERS);
        }
        var x = images.add(1.0).mul(0.5);
        if (crop < 1 || turn > 0) {
            x = move(x, draws);
        }
        x = x.mul(factors(draws, 3, brightness));
        var mean = x.mean(new long[] {1, 2, 3}, true);
        x = x.sub(mean).mul(factors(draws, 4, contrast)).add(mean);
        var grey = x.mean(new long[] {1}, true);
        x = x.sub(grey).mul(factors(draws, 5, saturation)).add(grey);
        return x.clamp(0, 1).mul(2.0).sub(1.0);
    }

    private Tensor move(Tensor images, float[][] draws) {
        var matrices = new float[draws.length * 6];
        double aspect = (double) images.size(2) / images.size(3);
        for (int b = 0; b < draws.length; b++) {
            double angle = Math.toRadians(turn) * signed(draws[b][0]);
            double cos = crop * Math.cos(angle), sin = crop * Math.sin(angle);
            int at = 6 * b;
            // where, in the old picture from -1 to 1, each place of the new one comes from
            matrices[at] = (float) cos;
            matrices[at + 1] = (float) (-sin * aspect);
            matrices[at + 2] = (float) ((1 - crop) * signed(draws[b][1]));
            matrices[at + 3] = (float) (sin / aspect);
            matrices[at + 4] = (float) cos;
            matrices[at + 5] = (float) ((1 - crop) * signed(draws[b][2]));
        }
        var grid =
                Dispatcher.call(
                                "aten::affine_grid_generator",
                                Tensor.of(matrices, draws.length, 2, 3),
                                images.shape(),
                                false)
                        .tensor(0);
        return Dispatcher.call("aten::grid_sampler", images, grid, 0L, 0L, false).tensor(0);
    }

    private static double signed(float unit) {
        return 2.0 * unit - 1;
    }

    /// One factor a sample, `(B, 1, 1, 1)`, around 1.
    private static Tensor factors(float[][] draws, int number, double strength) {
        var factors = new float[draws.length];
        for (int b = 0; b < factors.length; b++) {
            factors[b] = (float) (1 + strength * signed(draws[b][number]));
        }
        return Tensor.of(factors, factors.length, 1, 1, 1);
    }
}
