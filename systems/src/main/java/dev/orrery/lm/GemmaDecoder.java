package dev.orrery.lm;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A stack of [GemmaBlock]s and its last norm, with children `layers.{i}` and `norm`.
///
/// It works on embeddings, not ids, and keeps no state: what later tokens need of earlier ones is
/// handed out and in as a list of [KeyValue], one a layer.
public final class GemmaDecoder extends Module {

    private final GemmaConfig config;
    private final List<GemmaBlock> layers = new ArrayList<>();
    private final GemmaNorm norm;

    /// @param adaptive whether the norms take a condition
    public GemmaDecoder(GemmaConfig config, boolean adaptive, Seed seed) {
        this.config = config;
        for (int i = 0; i < config.depth(); i++) {
            layers.add(child("layers." + i, new GemmaBlock(config, adaptive, seed.split(i))));
        }
        norm =
                child(
                        "norm",
                        adaptive
                                ? GemmaNorm.adaptive(config.width())
                                : GemmaNorm.plain(config.width()));
    }

    /// The sizes.
    public GemmaConfig config() {
        return config;
    }

    /// The layers in order.
    public List<GemmaBlock> layers() {
        return List.copyOf(layers);
    }

    /// The last norm.
    public GemmaNorm norm() {
        return norm;
    }

    /// What one layer remembers of earlier tokens.
    ///
    /// @param key `(B, T, keyValueHeads, headDim)`, rotated
    /// @param value `(B, T, keyValueHeads, headDim)`
    public record KeyValue(Tensor key, Tensor value) {

        /// These tokens and then those.
        public KeyValue then(KeyValue next) {
            return new KeyValue(
                    Tensor.cat(List.of(key, next.key), 1),
                    Tensor.cat(List.of(value, next.value), 1));
        }
    }

    /// What tokens are told besides their embedding.
    ///
    /// @param rotary their positions
    /// @param mask what to add to the attention logits, `(B or 1, 1, T or 1, past + T)`
    /// @param condition `(B, 1 or T, D)` for adaptive norms
    public record Context(Rotary rotary, Tensor mask, Optional<Tensor> condition) {

        /// A context without a condition.
        public Context(Rotary rotary, Tensor mask) {
            this(rotary, mask, Optional.empty());
        }
    }

    /// The last hidden states, normalised, of tokens that see `past` and each other as the mask
    /// says.
    ///
    /// @param x embeddings `(B, T, D)`
    /// @param past one entry a layer, or none
    public Tensor forward(Tensor x, Context context, List<KeyValue> past) {
        return forward(x, context, past, new ArrayList<>());
    }

    /// As the shorter form, and hands out what these tokens leave behind.
    ///
    /// @param left filled with one entry a layer
    public Tensor forward(Tensor x, Context context, List<KeyValue> past, List<KeyValue> left) {
        return forward(x, context, past, left, join(false));
    }

    /// As the shorter form, with weights that were joined once for many forwards.
    ///
    /// @param joined what [#join] gave
    public Tensor forward(Tensor x, Context context, List<KeyValue> past, Joined joined) {
        return forward(x, context, past, new ArrayList<>(), joined);
    }

    private Tensor forward(
            Tensor x, Context context, List<KeyValue> past, List<KeyValue> left, Joined joined) {
        var hidden = x;
        var own = perHead(context);
        for (int i = 0; i < layers.size(); i++) {
            hidden = layer(i, hidden, own, past, left, joined.layers().get(i));
        }
        return norm.forward(hidden, context.condition()).value();
    }

    /// The layers' weights, joined once for many forwards.
    public record Joined(List<GemmaBlock.Joined> layers) {}

    /// The layers' weights as they are now, joined for forwards that follow each other.
    public Joined join() {
        return join(true);
    }

    private Joined join(boolean often) {
        return new Joined(layers.stream().map(layer -> layer.join(often)).toList());
    }

    /// What tokens leave behind when nobody reads their outputs.
    ///
    /// @param cache one entry a layer
    /// @param read `(B, T, D)` each: what each layer read
    public record Memory(List<KeyValue> cache, List<Tensor> read) {}

    /// Only what the tokens leave behind: the last layer stops at its keys and values, which saves
    /// most of a layer.
    ///
    /// @param past one entry a layer, or none
    public Memory remember(Tensor x, Context context, List<KeyValue> past) {
        var left = new ArrayList<KeyValue>();
        var read = new ArrayList<Tensor>(List.of(x));
        var own = perHead(context);
        for (int i = 0; i + 1 < layers.size(); i++) {
            read.add(layer(i, read.getLast(), own, past, left, layers.get(i).join(false)));
        }
        left.add(layers.getLast().keyValue(read.getLast(), context.rotary(), context.condition()));
        return new Memory(left, read);
    }

    private Context perHead(Context context) {
        return config.keyValueHeads() > 1
                ? context
                : new Context(
                        context.rotary(),
                        perHead(context.mask(), config.heads()),
                        context.condition());
    }

    private Tensor layer(
            int i,
            Tensor x,
            Context context,
            List<KeyValue> past,
            List<KeyValue> left,
            GemmaBlock.Joined joined) {
        var block = layers.get(i);
        var projection = block.project(x, context.rotary(), context.condition(), joined);
        left.add(projection.keyValue());
        var seen = past.isEmpty() ? projection.keyValue() : past.get(i).then(projection.keyValue());
        var attended =
                config.keyValueHeads() > 1
                        ? attendSeveral(projection.query(), seen, context.mask())
                        : attendOne(projection.query(), seen, context.mask());
        return block.finish(x, attended, projection.norm(), context.condition(), joined);
    }

    /// Attention of grouped queries.
    ///
    /// @param query `(B, T, N, headDim)`
    /// @param mask added to the logits, `(B or 1, 1, T or 1, keys)`
    /// @return `(B, T, N * headDim)`
    public static Tensor attend(Tensor query, KeyValue seen, Tensor mask) {
        long heads = query.size(2), shared = seen.key().size(2);
        return shared == 1
                ? attendOne(query, seen, perHead(mask, heads))
                : attendSeveral(query, seen, mask);
    }

    /// How much each query looks at each key, `(B, N, T, keys)` after the softmax: what [#attend]
    /// mixes values by.
    ///
    /// @param query `(B, T, N, headDim)`
    /// @param mask added to the logits, `(B or 1, 1, T or 1, keys)`
    public static Tensor probabilities(Tensor query, KeyValue seen, Tensor mask) {
        var keys = spread(seen.key(), query.size(2));
        var logits = query.transpose(1, 2).matmul(keys.transpose(2, 3));
        return Functional.softmax(logits.mul(1 / Math.sqrt(query.size(3))).add(mask), -1);
    }

    /// All heads read the same keys, so they stand behind each other as further queries, and
    /// neither they nor the keys are copied.
    ///
    /// @param mask `(B or 1, 1, T * N or 1, keys)`
    private static Tensor attendOne(Tensor query, KeyValue seen, Tensor mask) {
        long batch = query.size(0), tokens = query.size(1), heads = query.size(2);
        long width = query.size(3);
        return mixed(
                        query.reshape(batch, 1, tokens * heads, width),
                        seen.key().transpose(1, 2),
                        seen.value().transpose(1, 2),
                        mask)
                .reshape(batch, tokens, heads * width);
    }

    /// A mask for each query as one for each of its heads.
    private static Tensor perHead(Tensor mask, long heads) {
        return mask.size(2) == 1
                ? mask
                : mask.unsqueeze(3)
                        .expand(mask.size(0), 1, mask.size(2), heads, mask.size(3))
                        .flatten(2, 3);
    }

    private static Tensor attendSeveral(Tensor query, KeyValue seen, Tensor mask) {
        long heads = query.size(2);
        var mixed =
                mixed(
                        query.transpose(1, 2),
                        spread(seen.key(), heads),
                        spread(seen.value(), heads),
                        mask);
        return mixed.transpose(1, 2).reshape(query.size(0), query.size(1), heads * query.size(3));
    }

    private static Tensor mixed(Tensor query, Tensor key, Tensor value, Tensor mask) {
        return Functional.scaledDotProductAttention(
                query, key, value, mask, false, Double.NaN, false);
    }

    private static Tensor spread(Tensor x, long heads) {
        long shared = x.size(2);
        var byHead = x.transpose(1, 2);
        return shared == heads ? byHead : byHead.repeatInterleave(heads / shared, 1);
    }
}
