package dev.orrery.vlm;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderConfig;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.vit.TimmVit;
import java.nio.file.Path;
import java.util.List;

/// The Prismatic pair of towers in front of a language model, as OpenVLA publishes it.
///
/// A picture comes twice, normalised for each tower. Both give the patch tokens of their last block
/// but one; the channels of a patch are joined and projected. The sequence is the first token, the
/// patches, the other tokens. Names: `vision_backbone.{featurizer,fused_featurizer}`,
/// `projector.fc{1,2,3}`, `language_model`. Source: arXiv:2402.07865, 2406.09246.
public final class Prismatic extends Module {

    /// As many hidden channels in the projector as there are channels of a patch.
    private static final int EXPAND = 4;

    private final TimmVit dino, siglip;
    private final Linear fc1, fc2, fc3;
    private final CausalLm language;

    public Prismatic(TimmVit.Config first, TimmVit.Config second, DecoderConfig words, Seed seed) {
        dino = child("vision_backbone.featurizer", new TimmVit(first, seed.split("dino")));
        siglip =
                child(
                        "vision_backbone.fused_featurizer",
                        new TimmVit(second, seed.split("siglip")));
        long width = (long) first.layers().width() + second.layers().width();
        fc1 = child("projector.fc1", new Linear(width, EXPAND * width, seed.split("fc1")));
        fc2 = child("projector.fc2", new Linear(EXPAND * width, words.width(), seed.split("fc2")));
        fc3 = child("projector.fc3", new Linear(words.width(), words.width(), seed.split("fc3")));
        language = child("language_model", new CausalLm(words, seed.split("language")));
    }

    /// Opens weights, a file or a folder.
    public static Prismatic open(
            TimmVit.Config first,
            TimmVit.Config second,
            DecoderConfig words,
            PublicConfig config,
            Path weights) {
        return config.open(
                () -> new Prismatic(first, second, words, Seed.of(0)), weights, state -> state);
    }

    /// The language model.
    public CausalLm language() {
        return language;
    }

    /// The patches of both towers: `(B, S, D₁ + D₂)`.
    ///
    /// @param images `(B, 6, side, side)`: normalised for DINOv2, then for SigLIP
    public Tensor look(Tensor images) {
        return Tensor.cat(
                List.of(
                        dino.penultimate(images.narrow(1, 0, 3)),
                        siglip.penultimate(images.narrow(1, 3, 3))),
                -1);
    }

    /// Patches as tokens of the language model: `(B, S, D)`.
    public Tensor project(Tensor patches) {
        var hidden = Functional.gelu(fc2.forward(Functional.gelu(fc1.forward(patches))));
        return fc3.forward(hidden);
    }

    /// What goes into the language model: the first token, the patches, the other tokens.
    ///
    /// @param patches of [#project]
    /// @param ids `(B, L)`
    public Tensor embed(Tensor patches, Tensor ids) {
        var words = language.model().embed(ids);
        return Tensor.cat(
                List.of(words.narrow(1, 0, 1), patches, words.narrow(1, 1, ids.size(1) - 1)), 1);
    }

    /// Logits of every position `(B, S + L, V)`.
    public Tensor forward(Tensor embedded) {
        var pass = DecoderPass.whole(embedded.size(1));
        return language.logits(language.model().forward(embedded, pass));
    }
}
