package dev.orrery.system.genie;

import static dev.orrery.tensor.Axis.axis;

import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Optional;

/// A block of [OneXMaskGit]: attention within each frame, causal attention over time, feed-forward.
///
/// It differs from the shared one: one product makes queries, keys and values; one norm, of a
/// head's width, serves queries and keys; then nothing is normed before attention and feed-forward
/// layer. Without it these are normed, attention over time never.
final class OneXBlock extends Module {

    private final Attention spatial, temporal;
    private final Optional<LayerNorm> beforeSpatial, beforeMlp;
    private final Linear fc1, fc2;

    OneXBlock(OneXConfig config, Seed seed) {
        int width = config.width();
        beforeSpatial = norm(config, "norm1");
        spatial = child("spatial_attn", new Attention(config, seed.split("spatial_attn")));
        temporal = child("temporal_attn", new Attention(config, seed.split("temporal_attn")));
        beforeMlp = norm(config, "norm2");
        boolean biased = config.block().mlpBias();
        fc1 = child("mlp.fc1", Linear.of(width, config.hidden(), biased, seed.split("fc1")));
        fc2 = child("mlp.fc2", Linear.of(config.hidden(), width, biased, seed.split("fc2")));
    }

    private Optional<LayerNorm> norm(OneXConfig config, String name) {
        return config.block().queryKeyNorm()
                ? Optional.empty()
                : Optional.of(child(name, new LayerNorm(config.width())));
    }

    /// `(B, T, S, D)` to the same.
    Tensor forward(Tensor x) {
        var frames = x.rearrange("b t s d -> (b t) s d");
        var seen = frames.add(spatial.forward(normed(beforeSpatial, frames), false));
        var tracks = seen.rearrange("(b t) s d -> (b s) t d", axis("t", x.size(1)));
        var known = tracks.add(temporal.forward(tracks, true));
        var hidden = Functional.gelu(fc1.forward(normed(beforeMlp, known)));
        return known.add(fc2.forward(hidden))
                .rearrange("(b s) t d -> b t s d", axis("s", x.size(2)));
    }

    private static Tensor normed(Optional<LayerNorm> norm, Tensor x) {
        return norm.map(n -> n.forward(x)).orElse(x);
    }

    private static final class Attention extends Module {

        private final OneXConfig config;
        private final Linear qkv, proj;
        private final Optional<LayerNorm> norm;

        Attention(OneXConfig config, Seed seed) {
            this.config = config;
            int width = config.width();
            var block = config.block();
            qkv = child("qkv", Linear.of(width, 3L * width, block.qkvBias(), seed.split("qkv")));
            proj = child("proj", Linear.of(width, width, block.projBias(), seed.split("proj")));
            norm =
                    block.queryKeyNorm()
                            ? Optional.of(child("norm", new LayerNorm(config.headWidth())))
                            : Optional.empty();
        }

        /// `(B, L, D)` to the same.
        Tensor forward(Tensor x, boolean causal) {
            var all =
                    qkv.forward(x)
                            .view(x.size(0), x.size(1), 3, config.heads(), config.headWidth())
                            .permute(2, 0, 3, 1, 4)
                            .unbind(0);
            var query = normed(norm, all.get(0));
            var key = normed(norm, all.get(1));
            var mixed =
                    Functional.scaledDotProductAttention(
                            query, key, all.get(2), null, causal, config.scale(), false);
            return proj.forward(mixed.transpose(1, 2).reshape(x.shape()));
        }
    }
}
