package dev.orrery.lm;

import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Precision;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/// One Gemma layer, cut at its attention so that several experts can attend together.
///
/// Child names follow the public checkpoints: `input_layernorm`, `self_attn.{q,k,v,o}_proj`,
/// `post_attention_layernorm`, `mlp.{gate,up,down}_proj`. No biases.
///
/// Source: Gemma, arXiv 2403.08295.
public final class GemmaBlock extends Module {

    /// Numbers of a gate's weight up to which a copy beside the other one costs next to nothing.
    private static final long GATE = 1L << 20;

    private final GemmaConfig config;
    private final GemmaNorm before, after;
    private final Linear query, key, value, out, gate, up, down;

    /// @param adaptive whether the norms take a condition
    public GemmaBlock(GemmaConfig config, boolean adaptive, Seed seed) {
        this.config = config;
        int width = config.width();
        long queries = (long) config.heads() * config.headDim();
        long keys = (long) config.keyValueHeads() * config.headDim();
        before = child("input_layernorm", norm(width, adaptive));
        query = child("self_attn.q_proj", Linear.withoutBias(width, queries, seed.split("q")));
        key = child("self_attn.k_proj", Linear.withoutBias(width, keys, seed.split("k")));
        value = child("self_attn.v_proj", Linear.withoutBias(width, keys, seed.split("v")));
        out = child("self_attn.o_proj", Linear.withoutBias(queries, width, seed.split("o")));
        after = child("post_attention_layernorm", norm(width, adaptive));
        gate = child("mlp.gate_proj", Linear.withoutBias(width, config.mlp(), seed.split("gate")));
        up = child("mlp.up_proj", Linear.withoutBias(width, config.mlp(), seed.split("up")));
        down = child("mlp.down_proj", Linear.withoutBias(config.mlp(), width, seed.split("down")));
    }

    private static GemmaNorm norm(int width, boolean adaptive) {
        return adaptive ? GemmaNorm.adaptive(width) : GemmaNorm.plain(width);
    }

    /// What a layer brings to its attention.
    ///
    /// @param query `(B, T, N, headDim)`, rotated, its channels in [Rotary]'s order
    /// @param key `(B, T, keyValueHeads, headDim)`, likewise
    /// @param value `(B, T, keyValueHeads, headDim)`
    /// @param norm how the attention's result joins the residual
    public record Projection(Tensor query, Tensor key, Tensor value, GemmaNorm.Result norm) {

        /// What later tokens need of these.
        public GemmaDecoder.KeyValue keyValue() {
            return new GemmaDecoder.KeyValue(key, value);
        }
    }

    /// A layer's weights as its forward wants them, made once for as many forwards as follow:
    /// queries, keys and values in one matrix, those that turn in [Rotary]'s order.
    ///
    /// @param before scale of the first norm, unless it takes a condition
    /// @param projection `((N + 2 keyValueHeads) headDim, D)`
    /// @param after scale of the second norm, unless it takes a condition
    /// @param gateUp gate over up, `(2 mlp, D)`, where joining them pays
    public record Joined(
            Optional<Tensor> before,
            Tensor projection,
            Optional<Tensor> after,
            Optional<Tensor> gateUp) {}

    /// Joins the weights as they are now.
    ///
    /// @param often whether many forwards follow, so that copying more now is won back
    public Joined join(boolean often) {
        var turning =
                Rotary.pairs(
                        Tensor.cat(List.of(query.weight(), key.weight()), 0), config.headDim());
        boolean wide = often && gate.inputs() * gate.outputs() <= GATE;
        return new Joined(
                before.scale(),
                Tensor.cat(List.of(turning, value.weight()), 0),
                after.scale(),
                wide
                        ? Optional.of(Tensor.cat(List.of(gate.weight(), up.weight()), 0))
                        : Optional.empty());
    }

    /// Normalises `x` and projects it to queries, keys and values in one product.
    ///
    /// @param x `(B, T, D)`
    /// @param condition `(B, 1 or T, D)` for adaptive norms
    public Projection project(Tensor x, Rotary rotary, Optional<Tensor> condition) {
        return project(x, rotary, condition, join(false));
    }

    /// As the shorter form, with weights of [#join].
    public Projection project(Tensor x, Rotary rotary, Optional<Tensor> condition, Joined joined) {
        var norm = before.forward(x, condition, joined.before());
        long heads = config.heads(), shared = config.keyValueHeads();
        // split, whose gradient is one copy, not narrow, whose gradients are padded and added
        var parts =
                Precision.linear(norm.value(), joined.projection(), null)
                        .view(x.size(0), x.size(1), heads + 2 * shared, config.headDim())
                        .split(new long[] {heads + shared, shared}, 2);
        var turned = rotary.turn(parts.getFirst()).split(new long[] {heads, shared}, 2);
        return new Projection(turned.getFirst(), turned.getLast(), parts.getLast(), norm);
    }

    /// Only the keys and values of `x`, for a last layer whose outputs nobody reads.
    public GemmaDecoder.KeyValue keyValue(Tensor x, Rotary rotary, Optional<Tensor> condition) {
        long shared = config.keyValueHeads();
        var turning = Rotary.pairs(key.weight(), config.headDim());
        var both =
                Precision.linear(
                                before.forward(x, condition).value(),
                                Tensor.cat(List.of(turning, value.weight()), 0),
                                null)
                        .view(x.size(0), x.size(1), 2 * shared, config.headDim())
                        .chunk(2, 2);
        return new GemmaDecoder.KeyValue(rotary.turn(both.get(0)), both.get(1));
    }

    /// Adds what was attended, then the feed-forward layer.
    ///
    /// @param x the layer's input `(B, T, D)`
    /// @param attended `(B, T, N * headDim)`
    /// @param norm the norm that [#project] used
    public Tensor finish(
            Tensor x, Tensor attended, GemmaNorm.Result norm, Optional<Tensor> condition) {
        return finish(x, attended, norm, condition, Optional.empty(), after.scale());
    }

    /// As the shorter form, with weights of [#join].
    public Tensor finish(
            Tensor x,
            Tensor attended,
            GemmaNorm.Result norm,
            Optional<Tensor> condition,
            Joined joined) {
        return finish(x, attended, norm, condition, joined.gateUp(), joined.after());
    }

    private Tensor finish(
            Tensor x,
            Tensor attended,
            GemmaNorm.Result norm,
            Optional<Tensor> condition,
            Optional<Tensor> gateUp,
            Optional<Tensor> scale) {
        var middle = norm.join(x, out.forward(attended));
        var inner = after.forward(middle, condition, scale);
        return inner.join(middle, down.forward(hidden(inner.value(), gateUp)));
    }

    private Tensor hidden(Tensor x, Optional<Tensor> gateUp) {
        if (gateUp.isEmpty()) return Functional.geluTanh(gate.forward(x)).mul(up.forward(x));
        var both = Precision.linear(x, gateUp.get(), null).chunk(2, -1);
        return Functional.geluTanh(both.get(0)).mul(both.get(1));
    }
}
