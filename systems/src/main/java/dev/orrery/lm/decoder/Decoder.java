package dev.orrery.lm.decoder;

import dev.orrery.nn.Embedding;
import dev.orrery.nn.KvCache;
import dev.orrery.nn.Module;
import dev.orrery.nn.RmsNorm;
import dev.orrery.nn.Rotary;
import dev.orrery.nn.Rotation;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/// A decoder-only transformer without its output layer: ids `(B, T) -> (B, T, D)`.
///
/// Names: `embed_tokens`, `layers.{i}`, `norm`, as public checkpoints have them under `model`.
/// Source: Llama (arXiv:2307.09288), Qwen2/3 (arXiv:2407.10671, 2505.09388), Gemma 1 to 3
/// (arXiv:2403.08295, 2408.00118, 2503.19786).
public final class Decoder extends Module {

    private static final double INIT = 0.02;

    private final DecoderConfig config;
    private final Embedding embedding;
    private final List<DecoderBlock> layers = new ArrayList<>();
    private final RmsNorm norm;

    public Decoder(DecoderConfig config, Seed seed) {
        this.config = config;
        embedding =
                child(
                        "embed_tokens",
                        new Embedding(
                                config.vocabulary(),
                                config.width(),
                                INIT,
                                config.padding(),
                                seed.split("embed")));
        for (int i = 0; i < config.depth(); i++) {
            layers.add(child("layers." + i, new DecoderBlock(config, seed.split(i))));
        }
        norm = child("norm", DecoderBlock.norm(config.width(), config.style()));
    }

    /// What it is made of.
    public DecoderConfig config() {
        return config;
    }

    /// The rows of the vocabulary.
    public Embedding embedding() {
        return embedding;
    }

    /// Token embeddings, scaled where the family does.
    ///
    /// @param ids `(B, T)`
    public Tensor embed(Tensor ids) {
        var rows = embedding.forward(ids);
        if (!config.style().scaledEmbedding()) return rows;
        // rounded to the weights' type first, as in the reference
        var root = Tensor.of(new double[] {Math.sqrt(config.width())}, 1).to(rows.dtype());
        return rows.mul(root);
    }

    /// The last hidden states, normalised: `(B, T, D)`, or of those that the pass asks for.
    ///
    /// @param x embeddings `(B, T, D)`
    public Tensor forward(Tensor x, DecoderPass pass) {
        long length = x.size(1);
        var turns = new HashMap<Rotary, Rotation>();
        var views = new HashMap<Integer, Visibility>();
        var places = config.positions().layers();
        places.forEach(place -> {
            turns.computeIfAbsent(place.rotary(), r -> turn(r, pass.positions()));
            views.computeIfAbsent(place.window(), w -> DecoderMask.of(pass, length, w));
        });
        var hidden = x;
        for (int i = 0; i < layers.size(); i++) {
            pass.trace().hidden(i, hidden);
            boolean last = i + 1 == layers.size();
            var place = places.get(i);
            Optional<KvCache> cache =
                    pass.caches().isEmpty() ? Optional.empty() : Optional.of(pass.caches().get(i));
            hidden =
                    layers.get(i)
                            .forward(
                                    hidden,
                                    last && pass.asked() > 0 ? pass.asked() : length,
                                    turns.get(place.rotary()),
                                    views.get(place.window()),
                                    cache,
                                    pass.trace(),
                                    i);
        }
        var last = norm.forward(hidden);
        pass.trace().hidden(layers.size(), last);
        return last;
    }

    private Rotation turn(Rotary rotary, Tensor positions) {
        return positions.rank() == 3
                ? rotary.at(positions, config.positions().sections())
                : rotary.at(positions);
    }

    /// Empty caches, one a layer, for sequences of at most `capacity` tokens.
    public List<KvCache> caches(long capacity) {
        var caches = new ArrayList<KvCache>();
        for (int i = 0; i < layers.size(); i++) caches.add(new KvCache(capacity));
        return List.copyOf(caches);
    }
}
