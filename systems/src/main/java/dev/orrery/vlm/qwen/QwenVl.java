package dev.orrery.vlm.qwen;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderConfig;
import dev.orrery.lm.decoder.DecoderFamily;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vlm.PictureTokens;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Qwen2.5-VL: a text with pictures in it to logits.
///
/// Names, as in the published files: `visual`, `model`, `lm_head.weight`; those of later ones
/// (`model.visual`, `model.language_model`) are understood. Source: arXiv:2502.13923.
public final class QwenVl extends Module {

    private final MultimodalPositions.Marks marks;
    private final QwenVision vision;
    private final CausalLm language;

    /// @param marks ids of picture tokens
    private QwenVl(
            MultimodalPositions.Marks marks, QwenVision.Size seen, DecoderConfig words, Seed seed) {
        if (seen.out() != words.width()) {
            throw new IllegalArgumentException(
                    "qwen2.5-vl: pictures become tokens of %d channels, words have %d; they must be the same"
                            .formatted(seen.out(), words.width()));
        }
        this.marks = marks;
        vision = child("visual", new QwenVision(seen, seed.split("visual")));
        language = new CausalLm(words, seed.split("language"));
        child("model", language.model());
        language.head().ifPresent(head -> child("lm_head", head));
    }

    /// A model with random weights.
    public static QwenVl create(PublicConfig config, Seed seed) {
        var seen = QwenVision.Size.read(config.part("vision_config"));
        return new QwenVl(marks(config, seen), seen, words(config), seed);
    }

    /// Opens published weights, a file or a folder.
    public static QwenVl open(PublicConfig config, Path weights) {
        return weights(config).open(weights);
    }

    /// How published weights of a configuration are read and written.
    public static PublicWeights<QwenVl> weights(PublicConfig config) {
        boolean tied = words(config).tied();
        return new PublicWeights<>(
                config, () -> create(config, Seed.of(0)), state -> ownNames(state, tied));
    }

    /// Older files describe the language model beside `vision_config`, later ones in `text_config`.
    private static DecoderConfig words(PublicConfig config) {
        var text = config.object("text_config").orElse(config);
        var words = DecoderFamily.QWEN2.decoder(text);
        if (words.positions().sections().isEmpty()) {
            throw config.wrong(
                    "rope_scaling",
                    "names no mrope_section; positions of pictures need one section each for time, rows and columns");
        }
        return words.withTied(config.flag("tie_word_embeddings", words.tied()));
    }

    private static MultimodalPositions.Marks marks(PublicConfig config, QwenVision.Size seen) {
        return new MultimodalPositions.Marks(
                config.integer("image_token_id"),
                config.integer("video_token_id"),
                seen.patch().merge(),
                config.part("vision_config").integer("tokens_per_second", 4));
    }

    private static Map<String, Tensor> ownNames(Map<String, Tensor> state, boolean tied) {
        var own = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> own.put(published(name), tensor));
        if (tied && own.containsKey("model.embed_tokens.weight")) own.remove("lm_head.weight");
        return own;
    }

    private static String published(String name) {
        return name.replaceFirst("^model\\.visual\\.", "visual.")
                .replaceFirst("^model\\.language_model\\.", "model.");
    }

    /// The picture encoder.
    public QwenVision vision() {
        return vision;
    }

    /// The language model.
    public CausalLm language() {
        return language;
    }

    /// What a batch of texts with pictures goes into the language model as.
    ///
    /// @param embedded `(B, T, D)`
    /// @param positions I64 `(3, B, T)`: time, row, column
    /// @param shift I64 `(B, 1)`: the next token's position less the number of tokens so far
    /// @param pictures the pictures' tokens `(S, D)`
    public record Embedded(Tensor embedded, Tensor positions, Tensor shift, Tensor pictures) {}

    /// @param ids `(B, T)`, a picture token for each token that a picture makes
    /// @param mask `(B, T)`, zero where a token is padding
    /// @param patches of all pictures in the order of the text, row by row, see [QwenPictures]
    /// @param grids how they are cut
    /// @throws IllegalArgumentException if pictures and picture tokens do not match
    public Embedded embed(Tensor ids, Tensor mask, Tensor patches, List<PictureGrid> grids) {
        var places = MultimodalPositions.of(ids, mask, marks, grids, List.of());
        var pictures = vision.forward(patches, grids);
        return new Embedded(
                put(ids, marks.image(), pictures), places.positions(), places.shift(), pictures);
    }

    /// As above for texts without pictures.
    public Embedded embed(Tensor ids, Tensor mask) {
        var places = MultimodalPositions.of(ids, mask, marks, List.of(), List.of());
        var words = language.model().embed(ids);
        return new Embedded(
                words, places.positions(), places.shift(), words.flatten(0, 1).narrow(0, 0, 0));
    }

    /// As above for one film in each text.
    ///
    /// @param seconds that one step of time takes, film by film
    public Embedded embedFilms(
            Tensor ids, Tensor mask, Tensor patches, List<PictureGrid> grids, double[] seconds) {
        if (seconds.length != grids.size()) {
            throw new IllegalArgumentException(
                    "%d films, but the seconds of %d".formatted(grids.size(), seconds.length));
        }
        var films =
                IntStream.range(0, seconds.length)
                        .mapToObj(i -> new MultimodalPositions.Film(grids.get(i), seconds[i]))
                        .toList();
        var places = MultimodalPositions.of(ids, mask, marks, List.of(), films);
        var pictures = vision.forward(patches, grids);
        return new Embedded(
                put(ids, marks.video(), pictures), places.positions(), places.shift(), pictures);
    }

    private Tensor put(Tensor ids, long mark, Tensor pictures) {
        return PictureTokens.put(language.model().embed(ids), ids, mark, pictures);
    }

    /// Logits `(B, T, V)` of every position.
    ///
    /// @param pass with the positions of [#embed]
    public Tensor forward(Embedded embedded, DecoderPass pass) {
        return language.logits(language.model().forward(embedded.embedded(), pass));
    }

    /// The likeliest continuation.
    ///
    /// @param mask `(B, T)`, zero where a token is padding, on the left
    public Greedy greedy(Embedded embedded, Tensor mask, int steps) {
        var start = new Greedy.Start(embedded.embedded(), mask.to(DType.I64), 0);
        return Greedy.of(language, start.at(embedded.positions()), steps);
    }
}
