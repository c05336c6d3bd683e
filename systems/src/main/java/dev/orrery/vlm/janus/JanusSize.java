package dev.orrery.vlm.janus;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.decoder.DecoderConfig;
import dev.orrery.lm.decoder.DecoderFamily;
import dev.orrery.vision.vit.VisionTower;
import dev.orrery.vision.vit.VitConfig;
import dev.orrery.vision.vqgan.VqganConfig;

/// What a Janus is made of.
///
/// @param seen the tower that reads pictures
/// @param aligned linear layers between the tower and the language model
/// @param words the language model
/// @param codes the tokenizer of pictures that are written
/// @param writing what is around it
/// @param mark the token that stands for a token of a picture that is read
record JanusSize(
        VisionTower.Size seen,
        int aligned,
        DecoderConfig words,
        VqganConfig codes,
        Writing writing,
        long mark) {

    private static final int MARK = 100_581;

    /// How codes enter and leave the language model.
    ///
    /// @param aligned linear layers between codes and the language model
    /// @param hidden channels within the head
    /// @param tokens codes of a picture
    record Writing(int aligned, int hidden, int tokens) {}

    /// Reads a configuration of the transformers library's form.
    static JanusSize read(PublicConfig config) {
        var vision = config.part("vision_config");
        var vq = config.part("vq_config");
        var words = DecoderFamily.read(config.part("text_config"));
        if (vision.flag("use_qk_norm", false)) {
            throw vision.wrong("use_qk_norm", "is true; no published Janus has it");
        }
        require(vision, "projection_dim", words.width());
        require(vq, "projection_dim", words.width());
        require(vq, "image_token_embed_dim", words.width());
        return new JanusSize(
                tower(vision),
                vision.integer("depth", 2),
                words.withTied(config.flag("tie_word_embeddings", true)),
                VqganConfig.read(vq),
                new Writing(
                        vq.integer("num_hidden_layers", 2),
                        vq.integer("projection_dim"),
                        vision.integer("num_image_tokens", 576)),
                config.integer("image_token_id", MARK));
    }

    private static VisionTower.Size tower(PublicConfig c) {
        return new VisionTower.Size(
                VitConfig.readByRatio(c),
                c.integer("image_size", 384),
                c.integer("patch_size", 16),
                VisionTower.Kind.SIGLIP,
                false);
    }

    private static void require(PublicConfig c, String key, int width) {
        if (c.integer(key, width) != width) {
            throw c.wrong(
                    key,
                    "is %d; the language model has %d channels, which must be the same"
                            .formatted(c.integer(key), width));
        }
    }
}
