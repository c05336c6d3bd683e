package dev.orrery.vision;

import dev.orrery.nn.Layer;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Precision;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// One pre-norm block of [Siglip]: attention over all tokens, then a feed-forward layer, with
/// biases.
final class SiglipBlock extends Module implements Layer {

    private final SiglipConfig config;
    private final LayerNorm before, after;
    private final Linear query, key, value, out, fc1, fc2;

    SiglipBlock(SiglipConfig config, Seed seed) {
        this.config = config;
        int width = config.width();
        before = child("layer_norm1", new LayerNorm(width, SiglipConfig.EPSILON));
        query = child("self_attn.q_proj", new Linear(width, width, seed.split("q")));
        key = child("self_attn.k_proj", new Linear(width, width, seed.split("k")));
        value = child("self_attn.v_proj", new Linear(width, width, seed.split("v")));
        out = child("self_attn.out_proj", new Linear(width, width, seed.split("o")));
        after = child("layer_norm2", new LayerNorm(width, SiglipConfig.EPSILON));
        fc1 = child("mlp.fc1", new Linear(width, config.mlp(), seed.split("fc1")));
        fc2 = child("mlp.fc2", new Linear(config.mlp(), width, seed.split("fc2")));
    }

    /// `(B, S, D)` to `(B, S, D)`.
    @Override
    public Tensor forward(Tensor x) {
        var attended = x.add(out.forward(attend(before.forward(x))));
        var hidden = Functional.geluTanh(fc1.forward(after.forward(attended)));
        return attended.add(fc2.forward(hidden));
    }

    private Tensor attend(Tensor x) {
        var weight = Tensor.cat(List.of(query.weight(), key.weight(), value.weight()), 0);
        var bias = Tensor.cat(List.of(query.bias(), key.bias(), value.bias()), 0);
        long batch = x.size(0), tokens = x.size(1), headDim = config.width() / config.heads();
        var all =
                Precision.linear(x, weight, bias)
                        .view(batch, tokens, 3, config.heads(), headDim)
                        .permute(2, 0, 3, 1, 4)
                        .unbind(0);
        return Functional.scaledDotProductAttention(all.get(0), all.get(1), all.get(2))
                .transpose(1, 2)
                .reshape(batch, tokens, config.width());
    }
}
