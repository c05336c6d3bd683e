package dev.orrery.vision;

import dev.orrery.nn.Init;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// A convolution of 3 x 3 and stride 2, a group norm, SiLU: one layer of the stem that small vision
/// towers have before their patches. Without the norm, the names of things are learned about half
/// as fast.
///
/// @param weight `(D, channels, 3, 3)`
/// @param bias `(D)`
/// @param scale of the norm `(D)`
/// @param shift of the norm `(D)`
public record StemLayer(Tensor weight, Tensor bias, Tensor scale, Tensor shift) {

    /// Groups of the norm; channels are a multiple of it.
    private static final int GROUPS = 8;

    private static final double EPSILON = 1e-6;

    /// Refuses channels that do not split into the groups of the norm.
    ///
    /// @throws IllegalArgumentException if they do not
    public static void requireGroups(int channels) {
        if (channels < 1 || channels % GROUPS != 0) {
            throw new IllegalArgumentException(
                    "stem: %d channels do not split into %d groups; use a multiple"
                            .formatted(channels, GROUPS));
        }
    }

    /// How a module makes a parameter of its own.
    @FunctionalInterface
    public interface Parameters {
        Tensor make(String name, Init start, long... shape);
    }

    /// The layers of a stem as parameters of a module: `{i}.{weight,bias}`,
    /// `{i}.norm.{weight,bias}`.
    ///
    /// @param prefix before the names
    /// @param widths channels of each layer, the picture's three come before
    public static List<StemLayer> of(String prefix, List<Integer> widths, Parameters own) {
        var layers = new ArrayList<StemLayer>();
        int channels = 3;
        for (int next : widths) {
            var name = prefix + layers.size();
            layers.add(
                    new StemLayer(
                            own.make(name + ".weight", Init.fanIn(), next, channels, 3, 3),
                            own.make(name + ".bias", Init.ZEROS, next),
                            own.make(name + ".norm.weight", Init.ONES, next),
                            own.make(name + ".norm.bias", Init.ZEROS, next)));
            channels = next;
        }
        return List.copyOf(layers);
    }

    /// Half as many rows and columns: `(B, channels, H, W) -> (B, D, H/2, W/2)`.
    public Tensor forward(Tensor x) {
        var convolved = Functional.conv2d(x, weight, bias, 2, 1, 1, 1);
        return Functional.silu(Functional.groupNorm(convolved, GROUPS, scale, shift, EPSILON));
    }
}
