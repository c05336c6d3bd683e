package dev.orrery.vision;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;

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
    public static final int GROUPS = 8;

    private static final double EPSILON = 1e-6;

    /// Half as many rows and columns: `(B, channels, H, W) -> (B, D, H/2, W/2)`.
    public Tensor forward(Tensor x) {
        var convolved = Functional.conv2d(x, weight, bias, 2, 1, 1, 1);
        return Functional.silu(Functional.groupNorm(convolved, GROUPS, scale, shift, EPSILON));
    }
}
