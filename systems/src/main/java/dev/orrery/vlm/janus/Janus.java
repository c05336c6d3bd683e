package dev.orrery.vlm.janus;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.vit.VisionTower;
import dev.orrery.vision.vqgan.Vqgan;
import dev.orrery.vlm.PictureTokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Janus: a language model that reads pictures and writes them.
///
/// Pictures that are read become tokens through a SigLIP tower and two linear layers. Pictures that
/// are written are codes of an image tokenizer, one after the other; a code enters the language
/// model through a table and layers of its own, and is chosen by a head of its own. [PictureWriter]
/// writes them.
///
/// Names are the transformers library's; those of the files that DeepSeek published first
/// (`gen_vision_model`, `gen_embed`, `language_model.model`) are understood. Source: Janus-Pro,
/// arXiv:2501.17811.
public final class Janus extends Module {

    private final JanusSize size;
    private final VisionTower vision;
    private final List<Linear> aligner, codeAligner;
    private final Vqgan tokenizer;
    private final Embedding codes;
    private final Linear headIn, headOut;
    private final CausalLm language;

    private Janus(JanusSize size, Seed seed) {
        this.size = size;
        int width = size.words().width();
        vision = child("model.vision_model", new VisionTower(size.seen(), seed.split("vision")));
        aligner =
                layers(
                        "model.aligner",
                        size.seen().layers().width(),
                        width,
                        size.aligned(),
                        seed.split("aligner"));
        tokenizer = child("model.vqmodel", new Vqgan(size.codes(), seed.split("tokenizer")));
        codes =
                child(
                        "model.generation_embeddings",
                        new Embedding(
                                size.codes().codes(), size.codes().width(), seed.split("codes")));
        codeAligner =
                layers(
                        "model.generation_aligner",
                        size.codes().width(),
                        width,
                        size.writing().aligned(),
                        seed.split("code aligner"));
        int hidden = size.writing().hidden();
        headIn =
                child(
                        "model.generation_head.proj_out",
                        new Linear(width, hidden, seed.split("head in")));
        headOut =
                child(
                        "model.generation_head.vision_head",
                        new Linear(hidden, size.codes().codes(), seed.split("head out")));
        language = new CausalLm(size.words(), seed.split("language"));
        child("model.language_model", language.model());
        language.head().ifPresent(head -> child("lm_head", head));
    }

    private List<Linear> layers(String name, long from, long to, int count, Seed seed) {
        var all = new ArrayList<Linear>();
        all.add(child(name + ".fc1", new Linear(from, to, seed.split(0))));
        for (int i = 1; i < count; i++) {
            var next = name + ".hidden_layers." + (i - 1);
            all.add(child(next, new Linear(to, to, seed.split(i))));
        }
        return List.copyOf(all);
    }

    /// A model with random weights.
    public static Janus create(PublicConfig config, Seed seed) {
        return new Janus(JanusSize.read(config), seed);
    }

    /// Opens published weights, a file or a folder, under the transformers library's names or those
    /// that DeepSeek gave them.
    public static Janus open(PublicConfig config, Path weights) {
        var size = JanusSize.read(config);
        boolean tied = size.words().tied();
        return config.open(
                () -> new Janus(size, Seed.of(0)),
                weights,
                state ->
                        JanusNames.areFirst(state)
                                ? JanusNames.ofFirst(state, tied)
                                : JanusNames.own(state, tied));
    }

    /// How weights under the library's names are read and written. Those of DeepSeek's are opened
    /// by [#open] alone, since what is one matrix there is three here.
    public static PublicWeights<Janus> weights(PublicConfig config) {
        var size = JanusSize.read(config);
        return new PublicWeights<>(
                config,
                () -> new Janus(size, Seed.of(0)),
                state -> JanusNames.own(state, size.words().tied()));
    }

    /// The language model.
    public CausalLm language() {
        return language;
    }

    /// The tokenizer of pictures that are written.
    public Vqgan tokenizer() {
        return tokenizer;
    }

    /// Codes of a picture that is written.
    public int tokens() {
        return size.writing().tokens();
    }

    /// Pictures that are read, as tokens: `(B, S, D)`.
    ///
    /// @param images `(B, 3, side, side)` in [-1, 1]
    public Tensor look(Tensor images) {
        return aligned(aligner, vision.forward(images, Trace.silent()).tokens());
    }

    /// Texts with pictures in them, embedded: `(B, T, D)`.
    ///
    /// @param ids `(B, T)`, the picture token once for each token that a picture makes
    /// @param pictures of [#look], in the order of the text `(N, S, D)`
    public Tensor embed(Tensor ids, Tensor pictures) {
        return PictureTokens.put(embed(ids), ids, size.mark(), pictures.flatten(0, 1));
    }

    /// Texts, embedded: `(B, T, D)`.
    public Tensor embed(Tensor ids) {
        return language.model().embed(ids);
    }

    /// Codes, embedded: `(B, S)` to `(B, S, D)`.
    public Tensor embedCodes(Tensor ids) {
        return aligned(codeAligner, codes.forward(ids));
    }

    private static Tensor aligned(List<Linear> layers, Tensor x) {
        var hidden = layers.getFirst().forward(x);
        for (var layer : layers.subList(1, layers.size())) {
            hidden = layer.forward(Functional.gelu(hidden));
        }
        return hidden;
    }

    /// The last hidden states `(B, T, D)` of what is embedded.
    public Tensor forward(Tensor embedded, DecoderPass pass) {
        return language.model().forward(embedded, pass);
    }

    /// What the next code might be: hidden states `(..., D)` to logits `(..., codes)`, float32.
    public Tensor codeLogits(Tensor hidden) {
        return headOut.forward(Functional.gelu(headIn.forward(hidden))).to(DType.F32);
    }

    /// Pictures of codes `(B, S)`, rows first: `(B, 3, side, side)` in about [-1, 1].
    ///
    /// @throws IllegalArgumentException if the codes do not fill a square
    public Tensor picture(Tensor codes) {
        long side = Math.round(Math.sqrt(codes.size(1)));
        if (side * side != codes.size(1)) {
            throw new IllegalArgumentException(
                    "janus: %d codes do not fill a square picture; write %d"
                            .formatted(codes.size(1), tokens()));
        }
        return tokenizer.decodeCodes(codes, side);
    }
}
