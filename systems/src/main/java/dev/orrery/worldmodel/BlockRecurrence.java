package dev.orrery.worldmodel;

import dev.orrery.nn.Init;
import dev.orrery.nn.Module;
import dev.orrery.nn.Precision;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// The recurrence of 2024: state, latents and action each through a layer; then two block-diagonal
/// products, whose blocks see all of the three but only their own slice of the state.
///
/// A block's input is its slice of the state (D/g), then the three layers' outputs. As every block
/// reads the same three, their part is one dense product; the sums are the same.
///
/// Names: `dynin0`, `dynin1`, `dynin2` (of state, latents, action), `dynhid0.weight (g, D/g + 3H,
/// D/g)`, `dynhid0.bias (D)`, `dynhid0_norm...`, `dyngru.weight (g, D/g, 3D/g)`, `dyngru.bias
/// (3D)`.
final class BlockRecurrence extends Module implements Recurrence {

    private final int blocks;
    private final long width, slice, hidden;
    private final Dense ofState, ofLatents, ofAction;
    private final Tensor mixing, mixingBias, gates, gatesBias;
    private final Form.Norm norm;

    BlockRecurrence(Rssm.Config config, Seed seed) {
        blocks = config.blocks();
        width = config.deter();
        slice = width / blocks;
        hidden = config.hidden();
        ofState = child("dynin0", dense(width, seed.split("dynin0")));
        ofLatents = child("dynin1", dense(config.latents(), seed.split("dynin1")));
        ofAction = child("dynin2", dense(config.actions(), seed.split("dynin2")));
        // The first weights are as if each block saw the whole input.
        long all = width + blocks * 3L * hidden;
        long inputs = slice + 3 * hidden;
        mixing =
                parameter(
                        "dynhid0.weight",
                        Form.V2024.init(all, slice, 1),
                        seed.split("dynhid0"),
                        blocks,
                        inputs,
                        slice);
        mixingBias = parameter("dynhid0.bias", Init.ZEROS, seed, width);
        norm = child("dynhid0_norm", Form.V2024.norm(width));
        gates =
                parameter(
                        "dyngru.weight",
                        Form.V2024.init(width, 3 * slice, 1),
                        seed.split("dyngru"),
                        blocks,
                        slice,
                        3 * slice);
        gatesBias = parameter("dyngru.bias", Init.ZEROS, seed, 3 * width);
    }

    private Dense dense(long inputs, Seed seed) {
        return new Dense(Form.V2024, inputs, hidden, seed);
    }

    @Override
    public Running start() {
        var own = mixing.narrow(1, 0, slice);
        var shared = mixing.narrow(1, slice, 3 * hidden).permute(1, 0, 2).reshape(-1, width);
        var first = shared.narrow(0, 0, 2 * hidden);
        var last = shared.narrow(0, 2 * hidden, hidden);
        var scales = Dense.scales(ofState, ofLatents);
        var gatesBiases = gatesBias.reshape(blocks, 1, 3 * slice);
        return new Running() {
            @Override
            public Tensor actions(Tensor actions) {
                return Precision.linear(ofAction.forward(actions), last.t(), mixingBias);
            }

            @Override
            public Tensor next(Tensor deter, Tensor latents, Tensor action) {
                var both = Dense.together(ofState, deter, ofLatents, latents, scales);
                var within = together(inBlocks(deter).bmm(own));
                var mixed = Functional.silu(norm.forward(action.addmm(both, first).add(within)));
                var parts =
                        gatesBiases.baddbmm(inBlocks(mixed), gates).transpose(0, 1).chunk(3, -1);
                var gated =
                        Recurrence.gated(
                                deter.view(-1, blocks, slice),
                                parts.get(0),
                                parts.get(1),
                                parts.get(2));
                return gated.reshape(-1, width);
            }
        };
    }

    /// `(B, D)` as `(g, B, D/g)`.
    private Tensor inBlocks(Tensor x) {
        return x.reshape(-1, blocks, slice).transpose(0, 1);
    }

    private Tensor together(Tensor blocked) {
        return blocked.transpose(0, 1).reshape(-1, width);
    }
}
