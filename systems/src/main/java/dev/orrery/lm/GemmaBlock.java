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

    /// Normalises `x` and projects it to queries, keys and values in one product.
    ///
    /// @param x `(B, T, D)`
    /// @param condition `(B, 1 or T, D)` for adaptive norms
    public Projection project(Tensor x, Rotary rotary, Optional<Tensor> condition) {
        var norm = before.forward(x, condition);
        int heads = config.heads(), shared = config.keyValueHeads();
        var turning =
                Rotary.pairs(
                        Tensor.cat(List.of(query.weight(), key.weight()), 0), config.headDim());
        var parts =
                Precision.linear(
                                norm.value(), Tensor.cat(List.of(turning, value.weight()), 0), null)
                        .view(x.size(0), x.size(1), heads + 2L * shared, config.headDim())
                        .split(new long[] {heads, shared, shared}, 2);
        return new Projection(
                rotary.turn(parts.get(0)), rotary.turn(parts.get(1)), parts.get(2), norm);
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
        var middle = norm.join(x, out.forward(attended));
        var inner = after.forward(middle, condition);
        var hidden =
                Functional.geluTanh(gate.forward(inner.value())).mul(up.forward(inner.value()));
        return inner.join(middle, down.forward(hidden));
    }
}
