package dev.orrery.vlm;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderConfig;
import dev.orrery.lm.decoder.DecoderFamily;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.vit.VisionTower;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// PaliGemma: SigLIP's patches through one linear layer, then the words, into Gemma.
///
/// Pictures and prompt see each other both ways, what follows is causal. Words are multiplied by
/// √D, pictures are not. Names, as in the first published files: `vision_tower.vision_model`,
/// `multi_modal_projector.linear`, `language_model.model`; those of later files (`model.…`,
/// `lm_head.weight`) are understood. Source: arXiv:2407.07726.
public final class PaliGemma extends Module {

    private static final String TOWER = "vision_tower.";

    private final VisionTower vision;
    private final Linear projector;
    private final CausalLm language;

    public PaliGemma(VisionTower.Size seen, DecoderConfig words, Seed seed) {
        vision = child("vision_tower.vision_model", new VisionTower(seen, seed.split("vision")));
        projector =
                child(
                        "multi_modal_projector.linear",
                        new Linear(seen.layers().width(), words.width(), seed.split("projector")));
        language = child("language_model", new CausalLm(words, seed.split("language")));
    }

    /// Opens published weights, a file or a folder.
    public static PaliGemma open(PublicConfig config, Path weights) {
        return weights(config).open(weights);
    }

    /// How published weights of a configuration are read and written.
    public static PublicWeights<PaliGemma> weights(PublicConfig config) {
        return weights(config, DecoderFamily.read(config.part("text_config")));
    }

    /// As [#weights], without Gemma 2's cap of the logits, which the transformers library leaves
    /// out in PaliGemma 2 from its version 4.52 on: for comparison with it.
    public static PublicWeights<PaliGemma> uncapped(PublicConfig config) {
        var words = DecoderFamily.read(config.part("text_config"));
        return weights(config, words.withLogitCap(0));
    }

    private static PublicWeights<PaliGemma> weights(PublicConfig config, DecoderConfig words) {
        var seen = VisionTower.Size.read(config.part("vision_config"), VisionTower.Kind.SIGLIP);
        var bare =
                new VisionTower.Size(seen.layers(), seen.image(), seen.patch(), seen.kind(), false);
        return weights(config, bare, words);
    }

    /// How published weights of known sizes are read and written, where the configuration is that
    /// of a model around this one.
    public static PublicWeights<PaliGemma> weights(
            PublicConfig config, VisionTower.Size seen, DecoderConfig words) {
        return new PublicWeights<>(
                config,
                () -> new PaliGemma(seen, words, Seed.of(0)),
                state -> ownNames(state, words.tied()));
    }

    /// The names of the first published files for those of any.
    private static Map<String, Tensor> ownNames(Map<String, Tensor> state, boolean tied) {
        var own = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> {
            var old =
                    name.startsWith("model.language_model.")
                            ? "language_model.model."
                                    + name.substring("model.language_model.".length())
                            : name.equals("lm_head.weight")
                                    ? "language_model.lm_head.weight"
                                    : name.startsWith("model.") ? name.substring(6) : name;
            // newer files leave out the tower's own name
            boolean bare = old.startsWith(TOWER) && !old.startsWith(TOWER + "vision_model.");
            own.put(bare ? TOWER + "vision_model." + old.substring(TOWER.length()) : old, tensor);
        });
        var head = "language_model.lm_head.weight";
        var rows = "language_model.model.embed_tokens.weight";
        // a tied model may have been saved with either name alone
        if (tied && !own.containsKey(rows) && own.containsKey(head)) own.put(rows, own.get(head));
        if (tied) own.remove(head);
        own.keySet().removeIf(name -> name.startsWith(TOWER + "vision_model.head."));
        return own;
    }

    /// The language model.
    public CausalLm language() {
        return language;
    }

    /// What the tower is made of.
    public VisionTower.Size tower() {
        return vision.size();
    }

    /// Pixels of a picture's side.
    public int side() {
        return tower().image();
    }

    /// Pictures as tokens: `(B, S, D)`.
    ///
    /// @param images `(B, 3, side, side)` in [-1, 1]
    public Tensor look(Tensor images) {
        return projector.forward(vision.forward(images, Trace.silent()).tokens());
    }

    /// What goes into the language model: pictures, then words.
    ///
    /// @param pictures of [#look]
    /// @param words `(B, L)`
    public Tensor embed(Tensor pictures, Tensor words) {
        return Tensor.cat(List.of(pictures, language.model().embed(words)), 1);
    }

    /// What goes into the language model where the text holds a mark for each of the pictures'
    /// tokens.
    ///
    /// @param pictures of [#look]
    /// @param ids `(B, T)`
    /// @param mark the id of the marks, which may lie beyond the vocabulary
    public Tensor embed(Tensor pictures, Tensor ids, long mark) {
        var known = Tensor.where(ids.eq(mark), Tensor.zeros(DType.I64, ids.shape()), ids);
        return PictureTokens.put(language.model().embed(known), ids, mark, pictures.flatten(0, 1));
    }

    /// Logits of every position.
    ///
    /// @param embedded `(B, T, D)`
    /// @param joined `(B, T)`, not zero where tokens see each other both ways: pictures and prompt
    /// @param mask `(B, T)`, zero where a token is padding
    /// @param trace what is shown on the way
    public Tensor forward(Tensor embedded, Tensor joined, Tensor mask, Trace trace) {
        var pass = DecoderPass.whole(embedded.size(1)).joining(joined).padded(mask).shown(trace);
        return language.logits(language.model().forward(embedded, pass));
    }

    /// Logits of every position.
    ///
    /// @param embedded `(B, S + L, D)`
    /// @param prefix how many tokens at the start see each other both ways: pictures and prompt
    /// @param trace what is shown on the way
    public Tensor forward(Tensor embedded, long prefix, Trace trace) {
        long length = embedded.size(1);
        var pass = DecoderPass.whole(length).prefixed(prefix).shown(trace);
        return language.logits(language.model().forward(embedded, pass));
    }
}
