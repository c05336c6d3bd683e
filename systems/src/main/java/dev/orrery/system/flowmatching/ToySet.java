package dev.orrery.system.flowmatching;

import dev.orrery.tensor.Seed;
import java.util.SplittableRandom;

/// Endless small data sets whose distribution is known exactly, drawn from a seed.
public enum ToySet {
    /// Eight round Gaussians of deviation 0.1 on a ring of radius 2.
    EIGHT_GAUSSIANS(2, 0) {
        @Override
        void draw(SplittableRandom random, float[] data, int at, float[] condition, int given) {
            double angle = Math.PI / 4 * random.nextInt(8);
            data[at] = (float) (2 * Math.cos(angle) + 0.1 * random.nextGaussian());
            data[at + 1] = (float) (2 * Math.sin(angle) + 0.1 * random.nextGaussian());
        }
    },
    /// Two interleaved half circles, blurred by 0.1 and centred.
    TWO_MOONS(2, 0) {
        @Override
        void draw(SplittableRandom random, float[] data, int at, float[] condition, int given) {
            double angle = Math.PI * random.nextDouble();
            boolean upper = random.nextBoolean();
            double x = upper ? Math.cos(angle) : 1 - Math.cos(angle);
            double y = upper ? Math.sin(angle) : 0.5 - Math.sin(angle);
            data[at] = (float) (1.5 * (x - 0.5) + 0.1 * random.nextGaussian());
            data[at + 1] = (float) (1.5 * (y - 0.25) + 0.1 * random.nextGaussian());
        }
    },
    /// The black fields of a 4 by 4 board over `[-2, 2]²`, evenly filled.
    CHECKERBOARD(2, 0) {
        @Override
        void draw(SplittableRandom random, float[] data, int at, float[] condition, int given) {
            int column = random.nextInt(4), row = 2 * random.nextInt(2) + column % 2;
            data[at] = (float) (column + random.nextDouble() - 2);
            data[at + 1] = (float) (row + random.nextDouble() - 2);
        }
    },
    /// Chunks of 8 waypoints in the plane that pass an obstacle on the left or on the right, each
    /// with probability ½, given how far the obstacle is from the straight way; see
    /// [BimodalActions].
    BIMODAL_ACTIONS(BimodalActions.STEPS * 2, 1) {
        @Override
        void draw(SplittableRandom random, float[] data, int at, float[] condition, int given) {
            BimodalActions.draw(random, data, at, condition, given);
        }
    };
    private final int dims, conditionDims;

    ToySet(int dims, int conditionDims) {
        this.dims = dims;
        this.conditionDims = conditionDims;
    }

    /// Numbers in one sample.
    public int dims() {
        return dims;
    }

    /// Numbers in its condition; 0 for none.
    public int conditionDims() {
        return conditionDims;
    }

    /// Drawn samples.
    ///
    /// @param data row-major `(count, dims)`
    /// @param conditions row-major `(count, conditionDims)`
    record Draws(float[] data, float[] conditions) {}

    /// `count` independent samples with their conditions.
    Draws draw(int count, Seed seed) {
        var random = new SplittableRandom(seed.key());
        var draws = new Draws(new float[count * dims], new float[count * conditionDims]);
        for (int i = 0; i < count; i++) {
            draw(random, draws.data(), i * dims, draws.conditions(), i * conditionDims);
        }
        return draws;
    }

    abstract void draw(SplittableRandom random, float[] data, int at, float[] condition, int given);
}
