package dev.orrery.lm.decoder;

import dev.orrery.lm.Trace;
import dev.orrery.nn.KvCache;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.RmsNorm;
import dev.orrery.nn.Rotation;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Optional;

/// One layer: `x += attention(norm x)`, then `x += down(act(gate n) · up n)` with `n = norm x`. In
/// the sandwich form what is added is normalised, too.
///
/// Names: `input_layernorm`, `self_attn`, `post_attention_layernorm`, `mlp.{gate,up,down}_proj`;
/// the sandwich form adds `pre_feedforward_layernorm` and `post_feedforward_layernorm`.
final class DecoderBlock extends Module {

    private final DecoderConfig.Style style;
    private final RmsNorm before, middle;
    private final Optional<RmsNorm> beforeMlp, afterMlp;
    private final DecoderAttention attention;
    private final Linear gate, up, down;

    DecoderBlock(DecoderConfig config, Seed seed) {
        style = config.style();
        int width = config.width();
        before = child("input_layernorm", norm(width, style));
        attention = child("self_attn", new DecoderAttention(config, seed.split("self_attn")));
        middle = child("post_attention_layernorm", norm(width, style));
        beforeMlp = extra("pre_feedforward_layernorm", width);
        afterMlp = extra("post_feedforward_layernorm", width);
        gate = linear("gate_proj", width, config.mlp(), seed);
        up = linear("up_proj", width, config.mlp(), seed);
        down = linear("down_proj", config.mlp(), width, seed);
    }

    static RmsNorm norm(long width, DecoderConfig.Style style) {
        return style.onePlus()
                ? RmsNorm.onePlus(width, style.epsilon())
                : new RmsNorm(width, style.epsilon());
    }

    private Optional<RmsNorm> extra(String name, int width) {
        return style.sandwich() ? Optional.of(child(name, norm(width, style))) : Optional.empty();
    }

    private Linear linear(String name, long from, long to, Seed seed) {
        return child("mlp." + name, Linear.of(from, to, style.mlpBias(), seed.split(name)));
    }

    /// @param asked of how many tokens at the end something is wanted
    /// @return `(B, asked, D)`
    Tensor forward(
            Tensor x,
            long asked,
            Rotation turn,
            Visibility seen,
            Optional<KvCache> cache,
            Trace trace,
            int layer) {
        var attended = attention.forward(before.forward(x), asked, turn, seen, cache, trace, layer);
        var own = last(x, asked);
        if (beforeMlp.isEmpty() || afterMlp.isEmpty()) {
            var sum = own.add(attended);
            return sum.add(mlp(middle.forward(sum)));
        }
        var sum = own.add(middle.forward(attended));
        return sum.add(afterMlp.get().forward(mlp(beforeMlp.get().forward(sum))));
    }

    /// The last tokens of `(B, T, D)`; all of them as they are, since a view would cost a copy of
    /// its gradient.
    static Tensor last(Tensor x, long count) {
        long all = x.size(1);
        return count == all ? x : x.narrow(1, all - count, count);
    }

    private Tensor mlp(Tensor x) {
        return down.forward(style.activation().forward(gate.forward(x)).mul(up.forward(x)));
    }
}
