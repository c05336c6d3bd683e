package dev.orrery.worldmodel;

import dev.orrery.nn.Layer;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Equally wide [Dense] layers in a row, named `0`, `1` and so on.
public final class DenseStack extends Module implements Layer {

    private final List<Dense> layers;

    /// @param layers how many; none leaves the input as it is
    public DenseStack(Form form, long inputs, long units, int layers, Seed seed) {
        var all = new ArrayList<Dense>();
        for (int i = 0; i < layers; i++) {
            var name = Integer.toString(i);
            all.add(child(name, new Dense(form, i == 0 ? inputs : units, units, seed.split(name))));
        }
        this.layers = List.copyOf(all);
    }

    @Override
    public Tensor forward(Tensor x) {
        for (var layer : layers) x = layer.forward(x);
        return x;
    }
}
