package dev.orrery.nn;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Sines, then cosines, of `2π time / period` for periods in geometric steps: the time embedding of
/// π0 and other flow policies.
///
/// Not [DitTimestep], which has the same shape and is another function. Worked out in F64. Source:
/// openpi and lerobot; their periods are 4e-3 to 4 for times in `[0, 1]`.
///
/// @param dims size, even
/// @param minPeriod shortest period, in units of time
/// @param maxPeriod longest period
public record SinCosPeriods(int dims, double minPeriod, double maxPeriod) {

    public SinCosPeriods {
        if (dims < 2 || dims % 2 != 0) {
            throw new IllegalArgumentException(
                    "time embedding of %d numbers; use an even number".formatted(dims));
        }
        if (!(minPeriod > 0 && maxPeriod >= minPeriod) || Double.isInfinite(maxPeriod)) {
            throw new IllegalArgumentException(
                    "time embedding: periods %s to %s; needs 0 < minPeriod <= maxPeriod"
                            .formatted(minPeriod, maxPeriod));
        }
    }

    /// π0's periods.
    public static SinCosPeriods pi0(int dims) {
        return new SinCosPeriods(dims, 4e-3, 4);
    }

    /// `(...)` times to `(..., dims)`, F32.
    public Tensor at(Tensor time) {
        int half = dims / 2;
        var rates = new double[half];
        for (int i = 0; i < half; i++) {
            double share = half == 1 ? 0 : i / (half - 1d);
            rates[i] = 2 * Math.PI / (minPeriod * Math.pow(maxPeriod / minPeriod, share));
        }
        var angles = time.to(DType.F64).unsqueeze(-1).mul(Tensor.of(rates, half));
        return Tensor.cat(List.of(angles.sin(), angles.cos()), -1).to(DType.F32);
    }
}
