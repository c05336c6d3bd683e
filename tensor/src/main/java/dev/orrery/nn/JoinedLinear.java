package dev.orrery.nn;

import dev.orrery.tensor.Tensor;
import java.util.List;

/// Several linear layers of the same input as one product.
///
/// A product of narrow matrices spends much of its time in rearranging its factors, and each
/// layer's derivative adds to the input's in a pass of its own. Put below each other, the layers'
/// weights share both. The weights stay apart in the layers, as in checkpoints; they are joined
/// anew at each call, a copy that is small beside a tall input.
final class JoinedLinear {

    /// How many times as tall as wide an input must be for the copy to be small.
    private static final long TALL = 4;

    private JoinedLinear() {}

    /// Whether joining is quicker, and gives the same: all layers are plain ones, with a bias or
    /// without.
    static boolean pays(List<Linear> layers, Tensor x) {
        long width = x.size(-1);
        return x.numel() >= TALL * width * width
                && layers.stream().allMatch(Linear::isUnchanged)
                && layers.stream().map(Linear::isBiased).distinct().count() == 1;
    }

    /// The layers' outputs beside each other: `(..., inputs) -> (..., sum of outputs)`.
    static Tensor forward(List<Linear> layers, Tensor x) {
        var weight = Tensor.cat(layers.stream().map(Linear::storedWeight).toList(), 0);
        var bias =
                layers.getFirst().isBiased()
                        ? Tensor.cat(layers.stream().map(Linear::bias).toList(), 0)
                        : null;
        return Precision.linear(x, weight, bias);
    }
}
