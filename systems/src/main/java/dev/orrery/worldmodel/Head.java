package dev.orrery.worldmodel;

import dev.orrery.nn.Layer;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// A [DenseStack] and a linear output: what reads something off the model's state.
///
/// Names: `mlp.N...`, `out.weight`, `out.bias`.
public final class Head extends Module implements Layer {

    private final DenseStack mlp;
    private final Linear out;

    /// @param inputs numbers in the state
    /// @param units width of the hidden layers
    /// @param layers how many there are
    /// @param outputs numbers given
    /// @param scale of the output's first weights: 0 makes the first answers zero
    public record Config(long inputs, int units, int layers, long outputs, double scale) {}

    public Head(Form form, Config config, Seed seed) {
        mlp =
                child(
                        "mlp",
                        new DenseStack(
                                form,
                                config.inputs(),
                                config.units(),
                                config.layers(),
                                seed.split("mlp")));
        long width = config.layers() == 0 ? config.inputs() : config.units();
        out =
                child(
                        "out",
                        Linear.of(
                                width,
                                config.outputs(),
                                true,
                                form.init(width, config.outputs(), config.scale()),
                                seed.split("out")));
    }

    @Override
    public Tensor forward(Tensor x) {
        return out.forward(mlp.forward(x));
    }
}
