package dev.orrery.system.internvlam1;

import dev.orrery.flow.Guidance;
import dev.orrery.flow.dit.TimestepEmbedder;
import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig;
import dev.orrery.nn.DitTimestep;
import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Mlp;
import dev.orrery.nn.Module;
import dev.orrery.nn.SelfAttention;
import dev.orrery.nn.TransformerBlock;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// The action expert, a diffusion transformer without modulation: condition tokens that carry the
/// time, then noisy actions, through plain pre-norm blocks.
///
/// Actions `(B, K, A)`, steps `(B)`, condition `(B, Q, D)` → `(B, K, A)`: noise, or velocities, as
/// it was trained. Names: `x_embedder.linear`, `t_embedder.mlp.{0,2}`,
/// `z_embedder.{linear,uncondition}`, `positional_embedding`,
/// `blocks.{i}.{attn.{qkv,proj},mlp.{fc1,fc2}}`, `final_layer.linear`. Published files also hold a
/// `history_embedder` that nothing reads. Source: arXiv:2510.13778; DiT, arXiv:2212.09748.
final class ActionDit extends Module {

    private static final int FREQUENCIES = 256, EXPAND = 4;
    private static final double LONGEST = 1e4, EPSILON = 1e-6, DEVIATION = .02;

    private final Size size;
    private final Linear actions, condition, last;
    private final TimestepEmbedder times;
    private final Tensor nothing, positions;
    private final List<TransformerBlock> blocks = new ArrayList<>();
    private final LayerNorm norm;

    /// @param actionDims values A of an action
    /// @param chunk actions K
    /// @param width channels D
    /// @param depth blocks
    /// @param heads attention heads
    /// @param queries condition tokens Q
    record Size(int actionDims, int chunk, int width, int depth, int heads, int queries) {
        Size {
            if (actionDims < 1 || chunk < 1 || depth < 1 || queries < 1) {
                throw new IllegalArgumentException(
                        "internvla-m1: chunks of %d actions of %d values, %d blocks, %d condition tokens; each must be 1 or more"
                                .formatted(chunk, actionDims, depth, queries));
            }
        }
    }

    ActionDit(Size size, Seed seed) {
        this.size = size;
        int width = size.width(), tokens = size.queries() + size.chunk();
        actions = child("x_embedder.linear", linear(size.actionDims(), width, seed.split("x")));
        times =
                child(
                        "t_embedder",
                        new TimestepEmbedder(
                                new DitTimestep(FREQUENCIES, 1, LONGEST),
                                width,
                                Init.normal(DEVIATION),
                                seed.split("t")));
        condition = child("z_embedder.linear", linear(width, width, seed.split("z")));
        nothing =
                parameter(
                        "z_embedder.uncondition",
                        Init.normal(DEVIATION),
                        seed,
                        size.queries(),
                        width);
        positions =
                parameter(
                        "positional_embedding",
                        Init.normal(1 / Math.sqrt(width)),
                        seed,
                        tokens,
                        width);
        for (int i = 0; i < size.depth(); i++) {
            blocks.add(child("blocks." + i, block(size, seed.split(i))));
        }
        norm = LayerNorm.plain(width, EPSILON);
        last = child("final_layer.linear", Linear.zero(width, size.actionDims()));
    }

    private static Linear linear(int from, int to, Seed seed) {
        return Linear.of(from, to, true, Init.normal(DEVIATION), seed);
    }

    private static TransformerBlock block(Size size, Seed seed) {
        int width = size.width();
        return new TransformerBlock(
                LayerNorm.plain(width, EPSILON),
                new SelfAttention(
                        AttentionConfig.of(width, size.heads()),
                        Visibility.full(),
                        Init.xavierUniform(),
                        seed.split("attn")),
                LayerNorm.plain(width, EPSILON),
                new Mlp(
                        width,
                        (long) EXPAND * width,
                        Activation.GELU_TANH,
                        Init.xavierUniform(),
                        seed.split("mlp")));
    }

    /// What it is made of.
    Size size() {
        return size;
    }

    /// The learned condition of nothing `(Q, D)`, for guidance.
    Tensor nothing() {
        return nothing;
    }

    /// @param x noisy actions `(B, K, A)`
    /// @param step `(B)`, on the clock of its training
    /// @param z condition `(B, Q, D)`
    Tensor forward(Tensor x, Tensor step, Tensor z) {
        var told = condition.forward(z).add(times.forward(step).unsqueeze(1));
        var tokens = Tensor.cat(List.of(told, actions.forward(x)), 1).add(positions);
        for (var block : blocks) tokens = block.forward(tokens);
        return last.forward(norm.forward(tokens)).narrow(1, size.queries(), size.chunk());
    }

    /// The network bound to a condition, to be sampled.
    ///
    /// @param z `(B, Q, D)`
    /// @param clock the step of a house time
    /// @param guidable whether the condition of nothing was trained
    Guidance.Conditioned with(Tensor z, DoubleUnaryOperator clock, boolean guidable) {
        return new Guidance.Conditioned() {
            @Override
            public Tensor at(Tensor x, double time) {
                return forward(x, step(x, time), z);
            }

            @Override
            public Tensor both(Tensor doubled, double time) {
                var none = nothing.expand(z.size(0), size.queries(), size.width());
                return forward(doubled, step(doubled, time), Tensor.cat(List.of(z, none), 0));
            }

            @Override
            public boolean hasNull() {
                return guidable;
            }

            private Tensor step(Tensor x, double time) {
                return Tensor.full(clock.applyAsDouble(time), DType.F64, x.size(0));
            }
        };
    }
}
