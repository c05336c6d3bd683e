package dev.orrery.vision.vit;

import dev.orrery.lm.Trace;
import dev.orrery.nn.Attention;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The layers that CLIP and SigLIP share: `(B, L, D) -> (B, L, D)`, norms before each branch.
///
/// Names: `layers.{i}.{layer_norm1, self_attn.{q,k,v,out}_proj, layer_norm2, mlp.{fc1,fc2}}`.
final class VitEncoder extends Module {

    private final List<Block> layers = new ArrayList<>();

    VitEncoder(VitConfig config, Seed seed) {
        for (int i = 0; i < config.depth(); i++) {
            layers.add(child("layers." + i, new Block(config, seed.split(i))));
        }
    }

    /// The last hidden states, not normalised.
    Tensor forward(Tensor x, Visibility seen, Trace trace) {
        var hidden = x;
        for (int i = 0; i < layers.size(); i++) {
            trace.hidden(i, hidden);
            hidden = layers.get(i).forward(hidden, seen);
        }
        trace.hidden(layers.size(), hidden);
        return hidden;
    }

    private static final class Block extends Module {
        private final VitConfig config;
        private final LayerNorm before, after;
        private final Linear query, key, value, out, fc1, fc2;

        Block(VitConfig config, Seed seed) {
            this.config = config;
            int width = config.width();
            before = child("layer_norm1", new LayerNorm(width, config.epsilon()));
            query = linear("self_attn.q_proj", width, width, seed);
            key = linear("self_attn.k_proj", width, width, seed);
            value = linear("self_attn.v_proj", width, width, seed);
            out = linear("self_attn.out_proj", width, width, seed);
            after = child("layer_norm2", new LayerNorm(width, config.epsilon()));
            fc1 = linear("mlp.fc1", width, config.mlp(), seed);
            fc2 = linear("mlp.fc2", config.mlp(), width, seed);
        }

        private Linear linear(String name, long from, long to, Seed seed) {
            return child(name, new Linear(from, to, seed.split(name)));
        }

        Tensor forward(Tensor x, Visibility seen) {
            var n = before.forward(x);
            int heads = config.heads();
            var mixed =
                    Attention.attend(
                            Attention.splitHeads(query.forward(n), heads),
                            Attention.splitHeads(key.forward(n), heads),
                            Attention.splitHeads(value.forward(n), heads),
                            seen);
            var sum = x.add(out.forward(Attention.joinHeads(mixed)));
            var hidden = config.activation().forward(fc1.forward(after.forward(sum)));
            return sum.add(fc2.forward(hidden));
        }
    }
}
