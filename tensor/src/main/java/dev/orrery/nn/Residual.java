package dev.orrery.nn;

import dev.orrery.tensor.Tensor;

/// `x + layer(norm(x))`: a layer on a residual stream, normalised before.
///
/// Names: `norm`, and `layer` if it is a module.
public final class Residual extends Module implements Layer {

    private final Layer norm;
    private final Layer layer;

    private Residual(Layer norm, Layer layer) {
        this.norm = norm;
        this.layer = layer;
        if (norm instanceof Module module) child("norm", module);
        if (layer instanceof Module module) child("layer", module);
    }

    /// With layer norm over `width` channels.
    public static Residual of(long width, Layer layer) {
        return new Residual(new LayerNorm(width), layer);
    }

    /// With the given norm, or [Layer#identity()] for none.
    public static Residual of(Layer norm, Layer layer) {
        return new Residual(norm, layer);
    }

    @Override
    public Tensor forward(Tensor x) {
        return x.add(layer.forward(norm.forward(x)));
    }
}
