package dev.orrery.system.openvla;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Pictures as the towers want them: the same picture once for each, normalised as each was
/// trained, stacked along the channels.
///
/// @param towers one entry a tower, in the order of their channels
record Retina(List<Normal> towers) {

    /// The mean and standard deviation that a tower's colours have, from 0 to 1.
    record Normal(List<Double> mean, List<Double> deviation) {

        /// DINOv2's: ImageNet's.
        static final Normal DINO = new Normal(List.of(.485, .456, .406), List.of(.229, .224, .225));

        /// SigLIP's.
        static final Normal SIGLIP = new Normal(List.of(.5, .5, .5), List.of(.5, .5, .5));

        Normal {
            mean = List.copyOf(mean);
            deviation = List.copyOf(deviation);
            if (mean.size() != 3 || deviation.size() != 3) {
                throw new IllegalArgumentException(
                        "openvla: %d means and %d deviations of colours; three of each are needed"
                                .formatted(mean.size(), deviation.size()));
            }
        }

        private static Tensor planes(List<Double> values) {
            return Tensor.of(values.stream().mapToDouble(v -> v).toArray(), 1, 3, 1, 1)
                    .to(DType.F32);
        }
    }

    Retina {
        towers = List.copyOf(towers);
    }

    /// RGB bytes of `size` pictures, row by row, to `(B, 3 · towers, side, side)`.
    Tensor see(byte[] rgb, int size, int side) {
        return see(unit(rgb, size, side));
    }

    /// RGB bytes as colours from 0 to 1, `(B, 3, side, side)`.
    static Tensor unit(byte[] rgb, int size, int side) {
        return Tensor.of(rgb, size, side, side, 3)
                .permute(0, 3, 1, 2)
                .to(DType.F32)
                .mul_(1 / 255.0);
    }

    /// Colours of [#unit] as each tower wants them, stacked along the channels.
    Tensor see(Tensor unit) {
        var stacked = new ArrayList<Tensor>();
        for (var normal : towers) {
            stacked.add(unit.sub(Normal.planes(normal.mean)).div(Normal.planes(normal.deviation)));
        }
        return stacked.size() == 1 ? stacked.getFirst() : Tensor.cat(stacked, 1);
    }
}
