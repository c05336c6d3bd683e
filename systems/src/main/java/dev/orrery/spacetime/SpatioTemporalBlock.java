package dev.orrery.spacetime;

import static dev.orrery.tensor.Axis.axis;

import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig;
import dev.orrery.nn.AttentionContext;
import dev.orrery.nn.Init;
import dev.orrery.nn.KvCache;
import dev.orrery.nn.Layer;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.SelfAttention;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Optional;

/// One block of a spatio-temporal transformer: attend within each frame, then causally across
/// frames at each position, then one feed-forward layer, each behind a norm on a residual stream.
///
/// Input and output are `(B, T, S, D)`. Names: `spatial_norm`, `spatial.{q,k,v,o}`,
/// `temporal_norm`, `temporal.{q,k,v,o}`, `ffn_norm`, `ffn.{0,2}`. Source: Genie, arXiv:2402.15391
/// section 2 (no feed-forward between the attentions).
public final class SpatioTemporalBlock extends Module implements Layer {

    /// Deviation of first weights.
    static final double DEVIATION = 0.02;

    /// Whether frames see earlier ones.
    public enum Time {
        CAUSAL,
        /// Frames are alone: no temporal attention at all.
        NONE
    }

    /// @param width channels D
    /// @param heads attention heads
    /// @param headWidth channels of a head's queries, keys and values
    /// @param expand feed-forward channels as a multiple of D
    /// @param queryKeyNorm whether queries and keys are normalised within each head, for large
    ///   sizes
    /// @param time whether frames see earlier ones
    public record Config(
            int width, int heads, int headWidth, int expand, boolean queryKeyNorm, Time time) {

        public Config {
            if (width < 4 || width % 4 != 0 || heads < 1 || headWidth < 1 || expand < 1) {
                throw new IllegalArgumentException(
                        "block of width %d, %d heads of %d, expanding %d; width must be a multiple of 4, the others 1 or more"
                                .formatted(width, heads, headWidth, expand));
            }
        }

        /// Heads that split the width, a feed-forward layer of four times the width, no norm of
        /// queries and keys.
        public static Config of(int width, int heads) {
            if (heads < 1 || width % heads != 0) {
                throw new IllegalArgumentException(
                        "width %d does not split over %d heads; use a multiple"
                                .formatted(width, heads));
            }
            return new Config(width, heads, width / heads, 4, false, Time.CAUSAL);
        }

        /// The same with frames that are alone.
        public Config alone() {
            return new Config(width, heads, headWidth, expand, queryKeyNorm, Time.NONE);
        }

        private AttentionConfig attention() {
            return new AttentionConfig(
                    width,
                    heads,
                    heads,
                    headWidth,
                    AttentionConfig.Biases.ALL,
                    queryKeyNorm
                            ? new AttentionConfig.HeadNorm.Layer(1e-6)
                            : new AttentionConfig.HeadNorm.None(),
                    new AttentionConfig.Names.Separate("q", "k", "v", "o"));
        }
    }

    private record Temporal(LayerNorm norm, SelfAttention attention) {}

    private static final AttentionContext CAUSAL = AttentionContext.of(Visibility.causal());

    private final LayerNorm spatialNorm, feedForwardNorm;
    private final SelfAttention spatial;
    private final Optional<Temporal> temporal;
    private final Linear in, out;

    public SpatioTemporalBlock(Config config, Seed seed) {
        int width = config.width();
        spatialNorm = child("spatial_norm", new LayerNorm(width));
        spatial = child("spatial", attention(config, Visibility.full(), seed.split("spatial")));
        temporal =
                switch (config.time()) {
                    case CAUSAL -> Optional.of(temporal(config, seed.split("temporal")));
                    case NONE -> Optional.empty();
                };
        feedForwardNorm = child("ffn_norm", new LayerNorm(width));
        long hidden = (long) config.expand() * width;
        in = child("ffn.0", linear(width, hidden, seed.split("ffn.0")));
        out = child("ffn.2", linear(hidden, width, seed.split("ffn.2")));
    }

    private Temporal temporal(Config config, Seed seed) {
        return new Temporal(
                child("temporal_norm", new LayerNorm(config.width())),
                child("temporal", attention(config, Visibility.causal(), seed)));
    }

    private static SelfAttention attention(Config config, Visibility visibility, Seed seed) {
        return new SelfAttention(config.attention(), visibility, Init.normal(DEVIATION), seed);
    }

    private static Linear linear(long inputs, long outputs, Seed seed) {
        return Linear.of(inputs, outputs, true, Init.normal(DEVIATION), seed);
    }

    @Override
    public Tensor forward(Tensor x) {
        return forward(x, CAUSAL);
    }

    /// @param time the temporal attention's earlier frames
    Tensor forward(Tensor x, AttentionContext time) {
        var seen = x.add(withinFrames(spatialNorm.forward(x)));
        var known = temporal.map(t -> seen.add(acrossFrames(t, seen, time))).orElse(seen);
        var hidden = Activation.GELU.forward(in.forward(feedForwardNorm.forward(known)));
        return known.add(out.forward(hidden));
    }

    private Tensor withinFrames(Tensor x) {
        var frames = x.rearrange("b t s d -> (b t) s d");
        return spatial.forward(frames).rearrange("(b t) s d -> b t s d", axis("t", x.size(1)));
    }

    private static Tensor acrossFrames(Temporal temporal, Tensor x, AttentionContext time) {
        var tracks = temporal.norm().forward(x).rearrange("b t s d -> (b s) t d");
        return temporal.attention()
                .forward(tracks, time)
                .rearrange("(b s) t d -> b t s d", axis("s", x.size(2)));
    }

    /// With frames before these in a cache, which these are added to.
    Tensor append(Tensor x, KvCache earlier) {
        return forward(x, CAUSAL.keptIn(earlier));
    }

    /// With frames before these in a cache, which stays as it is.
    Tensor after(Tensor x, KvCache earlier) {
        return forward(x, CAUSAL.after(earlier));
    }
}
