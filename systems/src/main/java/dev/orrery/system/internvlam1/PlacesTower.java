package dev.orrery.system.internvlam1;

import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.vit.TimmVit;
import java.util.ArrayList;
import java.util.List;

/// The laptop's second tower, which stands where DINOv2 does: patch tokens of both cameras, brought
/// to the channels of the vision-language model.
///
/// Names: `dino_encoder.body`, `dino_pro`, as in the published model.
final class PlacesTower extends Module {

    private final TimmVit tower;
    private final Linear bring;

    /// @param width channels of the vision-language model
    PlacesTower(TimmVit.Config config, int width, Seed seed) {
        tower = child("dino_encoder.body", new TimmVit(config, seed.split("tower")));
        bring =
                child(
                        "dino_pro",
                        new Linear(config.layers().width(), width, seed.split("dino_pro")));
    }

    /// `(B, S, D)` of all cameras.
    ///
    /// @param images one tensor a camera `(B, 3, side, side)`
    Tensor forward(List<Tensor> images) {
        return bring.forward(tokens(images));
    }

    /// The tower's own tokens `(B, S, channels)`.
    Tensor tokens(List<Tensor> images) {
        var tokens = new ArrayList<Tensor>();
        for (int camera = 0; camera < images.size(); camera++) {
            var all = tower.forward(images.get(camera), camera).tokens();
            long patches = tower.config().input().tokens(camera);
            tokens.add(all.narrow(1, all.size(1) - patches, patches));
        }
        return Tensor.cat(tokens, 1);
    }

    /// What the tower learns by itself, in place of DINOv2's pretraining: to tell the colours of
    /// patches that are hidden from it.
    static final class Hidden extends Module {

        private static final double SHARE = .4;

        private final Linear guess;
        private final int patch;

        Hidden(TimmVit.Config config, Seed seed) {
            patch = config.input().patch();
            guess = child("guess", new Linear(config.layers().width(), 3L * patch * patch, seed));
        }

        /// The mean squared error of the colours of hidden patches, in [-1, 1]: a scalar.
        ///
        /// @param images one tensor a camera `(B, 3, side, side)` in [-1, 1]
        Tensor loss(PlacesTower tower, List<Tensor> images, Seed seed) {
            var shown = new ArrayList<Tensor>();
            var masks = new ArrayList<Tensor>();
            var wanted = new ArrayList<Tensor>();
            for (int camera = 0; camera < images.size(); camera++) {
                var image = images.get(camera);
                long side = image.size(2) / patch;
                var hidden =
                        seed.split(camera)
                                .uniform(image.size(0), side * side)
                                .lt(SHARE)
                                .to(DType.F32);
                shown.add(image.mul(pixels(hidden, side).neg().add(1.0)));
                masks.add(hidden);
                wanted.add(patches(image));
            }
            var mask = Tensor.cat(masks, 1);
            var off = guess.forward(tower.tokens(shown)).sub(Tensor.cat(wanted, 1)).square();
            return off.mean(-1, false).mul(mask).sum().div(mask.sum().add(1e-6));
        }

        /// `(B, S)` as `(B, 1, side, side)`, each value over its patch.
        private Tensor pixels(Tensor mask, long side) {
            long batch = mask.size(0);
            return mask.view(batch, 1, side, 1, side, 1)
                    .expand(batch, 1, side, patch, side, patch)
                    .reshape(batch, 1, side * patch, side * patch);
        }

        /// `(B, 3, H, W)` as `(B, S, 3 · patch²)`.
        private Tensor patches(Tensor image) {
            long batch = image.size(0), side = image.size(2) / patch;
            return image.view(batch, 3, side, patch, side, patch)
                    .permute(0, 2, 4, 1, 3, 5)
                    .reshape(batch, side * side, 3L * patch * patch);
        }
    }
}
