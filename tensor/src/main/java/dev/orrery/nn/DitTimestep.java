package dev.orrery.nn;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Cosines, then sines, of `time * scale * maxPeriod^(-i / half)`: the time embedding of diffusion
/// transformers.
///
/// Not [SinCosPeriods], which has the same shape and is another function. Worked out in F64.
/// Source: DiT, arXiv:2212.09748 (scale 1 on timesteps 0 to 999, so 1000 on times in `[0, 1]`); SiT
/// feeds times in `[0, 1]` with scale 1.
///
/// @param dims size, even
/// @param scale factor on the time
/// @param maxPeriod 1e4 in DiT and SiT
public record DitTimestep(int dims, double scale, double maxPeriod) {

    public DitTimestep {
        if (dims < 2 || dims % 2 != 0) {
            throw new IllegalArgumentException(
                    "time embedding of %d numbers; use an even number".formatted(dims));
        }
        if (!(maxPeriod > 0) || !Double.isFinite(scale)) {
            throw new IllegalArgumentException(
                    "time embedding: scale %s and maxPeriod %s; both must be finite, the period above 0"
                            .formatted(scale, maxPeriod));
        }
    }

    /// For times in `[0, 1]` in place of timesteps 0 to 1000.
    public static DitTimestep unit(int dims) {
        return new DitTimestep(dims, 1000, 1e4);
    }

    /// As SiT has it: times in `[0, 1]`, not scaled.
    public static DitTimestep sit(int dims) {
        return new DitTimestep(dims, 1, 1e4);
    }

    /// `(...)` times to `(..., dims)`, F32.
    public Tensor at(Tensor time) {
        int half = dims / 2;
        var rates = new double[half];
        for (int i = 0; i < half; i++) rates[i] = scale * Math.pow(maxPeriod, -i / (double) half);
        var angles = time.to(DType.F64).unsqueeze(-1).mul(Tensor.of(rates, half));
        return Tensor.cat(List.of(angles.cos(), angles.sin()), -1).to(DType.F32);
    }
}
