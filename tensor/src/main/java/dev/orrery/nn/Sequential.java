package dev.orrery.nn;

import dev.orrery.tensor.Tensor;
import java.util.List;

/// Layers one after another. Those that are modules are named by their position, as in PyTorch, so
/// activations between take up numbers too.
public final class Sequential extends Module implements Layer {

    private final List<Layer> layers;

    private Sequential(List<Layer> layers) {
        this.layers = layers;
        for (int i = 0; i < layers.size(); i++)
            if (layers.get(i) instanceof Module module) child(Integer.toString(i), module);
    }

    public static Sequential of(Layer... layers) {
        return new Sequential(List.of(layers));
    }

    public static Sequential of(List<? extends Layer> layers) {
        return new Sequential(List.copyOf(layers));
    }

    @Override
    public Tensor forward(Tensor x) {
        for (var layer : layers) x = layer.forward(x);
        return x;
    }
}
