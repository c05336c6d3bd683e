package dev.orrery.system.internvlam1;

import dev.orrery.nn.Activation;
import dev.orrery.nn.Dropout;
import dev.orrery.nn.GradientScale;
import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.PackedAttention;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Learned queries that look into a vision-language model, one block a layer of it, and become what
/// the action expert is told: `(B, Q, D)`.
///
/// Names: `proj`, `query_tokens`, `layers.{i}.{norm1,cross_attn,norm2,mlp.{0,2}}`. Source:
/// arXiv:2510.13778 section 3 ("querying with gradient decay").
final class QueryTransformer extends Module {

    private static final int EXPAND = 4;
    private static final double CLOSED = -1e9;

    private final Size size;
    private final Linear proj;
    private final Tensor queries;
    private final List<Block> layers = new ArrayList<>();

    /// @param input channels of the vision-language model
    /// @param width channels D
    /// @param queries learned queries Q
    /// @param layers layers that are looked into, one block each
    /// @param heads attention heads
    /// @param dropout of attention probabilities and of the feed-forward layers, in training
    record Size(int input, int width, int queries, int layers, int heads, double dropout) {
        Size {
            if (input < 1 || queries < 1 || layers < 1) {
                throw new IllegalArgumentException(
                        "internvla-m1: %d queries into %d layers of %d channels; each must be 1 or more"
                                .formatted(queries, layers, input));
            }
        }
    }

    /// How the queries look.
    ///
    /// @param gradScale what the gradient into the vision-language model is multiplied by
    /// @param masked whether padding is left out
    record Manner(double gradScale, boolean masked) {

        /// The paper's: half the gradient, no padding.
        static final Manner PAPER = new Manner(.5, true);

        /// The released code's, in which the gradient's hook is switched off and no mask is passed:
        /// published weights were trained and are run like that.
        static final Manner RELEASED = new Manner(1, false);

        /// The released manner, or else ours with this scale.
        static Manner of(boolean compat, double gradScale) {
            return compat ? RELEASED : new Manner(gradScale, true);
        }
    }

    QueryTransformer(Size size, Seed seed) {
        this.size = size;
        proj = child("proj", new Linear(size.input(), size.width(), seed.split("proj")));
        queries = parameter("query_tokens", Init.normal(1), seed, size.queries(), size.width());
        for (int i = 0; i < size.layers(); i++) {
            layers.add(child("layers." + i, new Block(size, seed.split(i))));
        }
    }

    /// What it is made of.
    Size size() {
        return size;
    }

    /// What is looked at.
    ///
    /// @param states hidden states of each layer `(B, L, input)`
    /// @param valid BOOL or I64 `(B, L)`, false at padding
    /// @param places tokens of another tower that every block sees as well `(B, S, input)`
    record Looked(List<Tensor> states, Tensor valid, Optional<Tensor> places) {
        Looked {
            states = List.copyOf(states);
        }
    }

    /// The condition `(B, Q, D)`.
    ///
    /// Only the gradient into the hidden states is scaled; the other tower gets all of its own.
    ///
    /// @param dropout [Dropout#NONE] outside training
    /// @throws IllegalArgumentException if there are not as many states as layers
    Tensor forward(Looked looked, Manner manner, Dropout dropout) {
        if (looked.states().size() != layers.size()) {
            throw new IllegalArgumentException(
                    "internvla-m1: hidden states of %d layers, the query transformer looks into %d"
                            .formatted(looked.states().size(), layers.size()));
        }
        long batch = looked.states().getFirst().size(0);
        var open = manner.masked() ? Optional.of(open(looked)) : Optional.<Tensor>empty();
        var query = queries.expand(batch, size.queries(), size.width());
        for (int i = 0; i < layers.size(); i++) {
            var scaled = GradientScale.of(looked.states().get(i), manner.gradScale());
            var seen = looked.places().map(p -> Tensor.cat(List.of(scaled, p), 1)).orElse(scaled);
            query = layers.get(i).forward(query, proj.forward(seen), open, dropout.split("" + i));
        }
        return query;
    }

    /// BOOL `(B, L + S)`: tokens that may be looked at.
    private static Tensor open(Looked looked) {
        var words = looked.valid().to(DType.BOOL);
        return looked.places()
                .map(p ->
                        Tensor.cat(
                                List.of(words, Tensor.ones(DType.BOOL, p.size(0), p.size(1))), 1))
                .orElse(words);
    }

    private static final class Block extends Module {
        private final LayerNorm before, middle;
        private final PackedAttention attention;
        private final Linear up, down;

        Block(Size size, Seed seed) {
            int width = size.width(), hidden = EXPAND * width;
            before = child("norm1", new LayerNorm(width));
            attention =
                    child(
                            "cross_attn",
                            new PackedAttention(
                                    width,
                                    size.heads(),
                                    Init.xavierUniform(),
                                    seed.split("attention")));
            middle = child("norm2", new LayerNorm(width));
            up = child("mlp.0", new Linear(width, hidden, seed.split("0")));
            down = child("mlp.2", new Linear(hidden, width, seed.split("2")));
        }

        Tensor forward(Tensor query, Tensor seen, Optional<Tensor> open, Dropout dropout) {
            var normal = before.forward(query);
            var looked = query.add(look(normal, seen, open, dropout));
            var hidden = Activation.GELU.forward(up.forward(middle.forward(looked)));
            return looked.add(dropout.split("mlp").apply(down.forward(hidden)));
        }

        private Tensor look(Tensor query, Tensor seen, Optional<Tensor> open, Dropout dropout) {
            if (dropout.probability() == 0) {
                return attention.forward(
                        query, seen, open.map(Visibility::unpadded).orElse(Visibility.full()));
            }
            var closed =
                    open.map(o -> o.logicalNot().to(DType.F32).mul(CLOSED))
                            .map(mask -> mask.unsqueeze(1).unsqueeze(1))
                            .orElse(Tensor.zeros(0));
            return attention.forward(query, seen, closed, dropout.split("attention"));
        }
    }
}
