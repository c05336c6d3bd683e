package dev.orrery.quantize;

import dev.orrery.nn.Init;
import dev.orrery.nn.Layer;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// What the library's quantisers do before and after they quantise: a projection where widths
/// differ, the split into codebooks, and a rotation of each.
///
/// Names: `project_in`, `project_out`, `orthogonal_rot`, each where it is needed.
final class Frame extends Module {

    private static final Seed SEED = Seed.of(0);

    /// How vectors are brought to the width of the codes.
    enum Projection {
        LINEAR,
        UNBIASED,
        NORMALIZED,
        COSINE
    }

    /// @param width channels outside
    /// @param channels of one code
    /// @param codebooks codes for each vector
    /// @param projection what is done if widths differ
    /// @param scale of the cosine projection
    /// @param rotated whether codes are rotated
    record Config(
            int width,
            int channels,
            int codebooks,
            Projection projection,
            double scale,
            boolean rotated) {

        Config(int width, int channels, int codebooks) {
            this(width, channels, codebooks, Projection.LINEAR, 1, false);
        }

        int inner() {
            return channels * codebooks;
        }
    }

    /// A product of unit vectors, `weight (inputs, outputs)`.
    private static final class CosineLinear extends Module implements Layer {
        private final Tensor weight;
        private final double scale;

        CosineLinear(Config c) {
            weight = parameter("weight", Init.normal(1), SEED, c.width, c.inner());
            scale = c.scale;
        }

        @Override
        public Tensor forward(Tensor x) {
            return Functional.normalize(x, -1).matmul(Functional.normalize(weight, 0)).mul(scale);
        }
    }

    private final Config config;
    private final Layer in, out, turn, back;

    Frame(Config c, boolean projected) {
        config = c;
        boolean biased = c.projection != Projection.UNBIASED;
        in = projected ? projectIn(c) : x -> x;
        out =
                projected
                        ? child(
                                "project_out",
                                Linear.of(c.inner(), c.width, biased, SEED.split("project_out")))
                        : x -> x;
        if (c.rotated) {
            var rotation = buffer("orthogonal_rot", Tensor.eye(c.channels));
            turn = x -> x.matmul(rotation);
            back = x -> x.matmul(rotation.t());
        } else {
            turn = x -> x;
            back = x -> x;
        }
    }

    Frame(Config c) {
        this(c, c.width != c.inner());
    }

    private Layer projectIn(Config c) {
        return switch (c.projection) {
            case COSINE -> child("project_in", new CosineLinear(c));
            case NORMALIZED -> {
                var linear = child("project_in.0", new Linear(c.width, c.inner(), SEED));
                var norm = child("project_in.1", new LayerNorm(c.inner()));
                yield x -> norm.forward(linear.forward(x));
            }
            case LINEAR, UNBIASED ->
                    child(
                            "project_in",
                            Linear.of(c.width, c.inner(), c.projection == Projection.LINEAR, SEED));
        };
    }

    /// Brings `(..., W)` to the width of all codes, `(..., C D)`.
    Tensor project(Tensor x) {
        Codebook.checkWidth(x, config.width, "the fixture's quantiser");
        return in.forward(x);
    }

    /// Splits `(..., C D)` into codebooks, `(..., C, D)`, each turned.
    Tensor split(Tensor x) {
        return turn.forward(x.unflatten(-1, config.codebooks, config.channels));
    }

    /// `(..., C, D)` back to `(..., W)`.
    Tensor join(Tensor codes) {
        return out.forward(back.forward(codes).flatten(-2, -1));
    }
}
