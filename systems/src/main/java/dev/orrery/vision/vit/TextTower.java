package dev.orrery.vision.vit;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Trace;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The word half of CLIP or SigLIP: ids `(B, L)` to `(B, L, D)` and one vector a text.
///
/// CLIP reads from left to right, leaves padding out and pools at the end-of-text token. SigLIP
/// sees everything, padding included (pad to the trained length), pools at the last position and
/// has a linear `head`. Names are those below `text_model`.
public final class TextTower extends Module {

    /// CLIP's first configurations say 2 and mean "the largest id".
    private static final int LEGACY_END = 2;

    private static final int END = 49_407;

    private final Size size;
    private final Embedding tokens, positions;
    private final VitEncoder encoder;
    private final LayerNorm last;
    private final Optional<Linear> head;

    /// @param layers the transformer
    /// @param vocabulary token ids V
    /// @param length most tokens of a text
    /// @param end id of the end-of-text token
    /// @param projection channels of SigLIP's head
    /// @param kind whose
    public record Size(
            VitConfig layers,
            int vocabulary,
            int length,
            int end,
            int projection,
            VisionTower.Kind kind) {

        /// Reads a `text_config`.
        public static Size read(PublicConfig c, VisionTower.Kind kind) {
            boolean clip = kind == VisionTower.Kind.CLIP;
            var layers =
                    VitConfig.read(c, clip ? kind.usual(512, 8, 2048) : kind.usual(768, 12, 3072));
            return new Size(
                    layers,
                    c.integer("vocab_size", clip ? 49_408 : 32_000),
                    c.integer("max_position_embeddings", clip ? 77 : 64),
                    c.integer("eos_token_id", END),
                    c.integer("projection_size", layers.width()),
                    kind);
        }
    }

    public TextTower(Size size, Seed seed) {
        this.size = size;
        var config = size.layers();
        int width = config.width();
        tokens =
                child(
                        "embeddings.token_embedding",
                        new Embedding(size.vocabulary(), width, 0.02, seed.split("tokens")));
        positions =
                child(
                        "embeddings.position_embedding",
                        new Embedding(size.length(), width, 0.02, seed.split("positions")));
        encoder = child("encoder", new VitEncoder(config, seed.split("encoder")));
        last = child("final_layer_norm", new LayerNorm(width, config.epsilon()));
        head =
                size.kind() == VisionTower.Kind.SIGLIP
                        ? Optional.of(
                                child(
                                        "head",
                                        new Linear(width, size.projection(), seed.split("head"))))
                        : Optional.empty();
    }

    /// Texts of one batch.
    ///
    /// @param ids I64 `(B, L)`
    /// @param mask I64 `(B, L)`, zero where tokens are not seen
    public record Texts(Tensor ids, Tensor mask) {}

    /// Pads texts as the family was trained: CLIP's to the longest of the batch, padding unseen;
    /// SigLIP's always to the whole length and all of it seen, since it reads padding like words
    /// and pools the last place.
    ///
    /// @param texts token ids, with the end token
    /// @param padding the id that pads
    /// @throws IllegalArgumentException if a text is empty or too long, holds an id that the
    ///   vocabulary lacks, or, for CLIP, no end token
    public Texts batch(List<long[]> texts, long padding) {
        int longest = texts.stream().mapToInt(t -> t.length).max().orElse(0);
        int length = size.kind() == VisionTower.Kind.CLIP ? longest : size.length();
        var ids = new long[texts.size() * length];
        var mask = new long[ids.length];
        Arrays.fill(ids, padding);
        if (size.kind() == VisionTower.Kind.SIGLIP) Arrays.fill(mask, 1);
        for (int row = 0; row < texts.size(); row++) {
            var text = texts.get(row);
            if (text.length == 0 || text.length > size.length()) {
                throw new IllegalArgumentException(
                        "text %d has %d tokens; the model takes 1 to %d"
                                .formatted(row, text.length, size.length()));
            }
            for (long id : text) {
                if (id < 0 || id >= size.vocabulary()) {
                    throw new IllegalArgumentException(
                            "text %d holds token %d, the vocabulary has %d; use the model's own tokenizer"
                                    .formatted(row, id, size.vocabulary()));
                }
            }
            System.arraycopy(text, 0, ids, row * length, text.length);
            Arrays.fill(mask, row * length, row * length + text.length, 1);
        }
        return new Texts(
                Tensor.of(ids, texts.size(), length), Tensor.of(mask, texts.size(), length));
    }

    /// What a tower makes of texts.
    ///
    /// @param tokens `(B, L, D)`, normalised
    /// @param pooled `(B, D)`, or what SigLIP's head makes of it
    public record Read(Tensor tokens, Tensor pooled) {}

    /// @param ids `(B, L)`
    /// @param mask `(B, L)`, zero where tokens are not seen; of [#batch] for texts as the model
    ///   knows them, all ones where there is none
    public Read forward(Tensor ids, Tensor mask, Trace trace) {
        long length = ids.size(1);
        if (length > size.length()) {
            throw new IllegalArgumentException(
                    "%d tokens, the position table has room for %d; cut the text"
                            .formatted(length, size.length()));
        }
        var x = tokens.forward(ids).add(positions.weight().narrow(0, 0, length));
        boolean clip = size.kind() == VisionTower.Kind.CLIP;
        var seen = clip ? Visibility.causalUnpadded(mask) : Visibility.unpadded(mask);
        var normal = last.forward(encoder.forward(x, seen, trace));
        var pooled = normal.mul(at(ids, length).unsqueeze(-1)).sum(1);
        return new Read(normal, head.map(h -> h.forward(pooled)).orElse(pooled));
    }

    /// Which token is pooled: `(B, L)`, one there and zero elsewhere.
    private Tensor at(Tensor ids, long length) {
        var places = Tensor.arange(length).unsqueeze(0);
        if (size.kind() == VisionTower.Kind.SIGLIP) {
            return places.eq(length - 1).to(DType.F32);
        }
        if (size.end() == LEGACY_END) return places.eq(ids.argmax(-1, true)).to(DType.F32);
        var ends = ids.eq((long) size.end());
        if (ends.any(1, false).all().item() == 0) {
            throw new IllegalArgumentException(
                    "a text has no end token %d, where CLIP pools; end every text with it, also one that was cut"
                            .formatted(size.end()));
        }
        return places.eq(ends.to(DType.I64).argmax(-1, true)).to(DType.F32);
    }
}
