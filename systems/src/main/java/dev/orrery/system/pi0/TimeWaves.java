package dev.orrery.system.pi0;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// π0's time embedding: sines, then cosines, of periods spaced geometrically from
/// [Pi0#LEAST_PERIOD] to [Pi0#GREATEST_PERIOD]. Computed in float64: the angles reach 1570 radians.
final class TimeWaves {

    private TimeWaves() {}

    /// @param time float64, any shape
    /// @param width channels D, even
    /// @return float32, the shape of `time` and then D
    static Tensor of(Tensor time, int width) {
        int half = width / 2;
        var frequencies = new double[half];
        double ratio = Pi0.GREATEST_PERIOD / Pi0.LEAST_PERIOD;
        for (int i = 0; i < half; i++) {
            double fraction = half == 1 ? 0 : (double) i / (half - 1);
            frequencies[i] = 2 * Math.PI / (Pi0.LEAST_PERIOD * Math.pow(ratio, fraction));
        }
        var angles = time.unsqueeze(-1).mul(Tensor.of(frequencies, half));
        return Tensor.cat(List.of(angles.sin(), angles.cos()), -1).to(DType.F32);
    }
}
