package dev.orrery.worldmodel;

import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Module;
import dev.orrery.nn.Precision;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// The recurrence of 2023: one layer over latents and action, then one product over it and the
/// state, layer norm over all gates. The arithmetic is that of [dev.orrery.nn.NormGruCell].
///
/// Names: `dynin0...`, `dyngru.weight (3D, X + D)`, `dyngru_norm.{weight,bias} (3D)`.
final class PlainRecurrence extends Module implements Recurrence {

    private final Dense input;
    private final Tensor gates;
    private final LayerNorm norm;
    private final long latents;

    PlainRecurrence(Rssm.Config config, Seed seed) {
        latents = config.latents();
        long width = config.deter(), hidden = config.hidden();
        input =
                child(
                        "dynin0",
                        new Dense(
                                Form.V2023,
                                latents + config.actions(),
                                hidden,
                                seed.split("dynin0")));
        Init init = Form.V2023.init(hidden + width, 3 * width, 1);
        gates = parameter("dyngru.weight", init, seed.split("dyngru"), 3 * width, hidden + width);
        norm = child("dyngru_norm", new LayerNorm(3 * width, 1e-3));
    }

    @Override
    public Running start() {
        var ofLatents = input.columns(0, latents);
        return new Running() {
            @Override
            public Tensor actions(Tensor actions) {
                return input.part(actions, latents);
            }

            @Override
            public Tensor next(Tensor deter, Tensor z, Tensor action) {
                var x = input.finish(action.add(Precision.linear(z, ofLatents, null)));
                return step(x, deter);
            }
        };
    }

    /// One step from the input layer's output `(B, X)` and a state `(B, D)`.
    Tensor step(Tensor x, Tensor deter) {
        var parts =
                norm.forward(Precision.linear(Tensor.cat(List.of(x, deter), -1), gates, null))
                        .chunk(3, -1);
        return Recurrence.gated(deter, parts.get(0), parts.get(1), parts.get(2));
    }
}
