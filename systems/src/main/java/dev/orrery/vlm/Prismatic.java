package dev.orrery.vlm;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
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
import java.util.ArrayList;
import java.util.List;

/// The Prismatic towers in front of a language model, as OpenVLA publishes it.
///
/// A picture comes once for each tower, normalised as that tower wants it. The towers give the
/// patch tokens of their last block but one; the channels of a patch are joined and projected. The
/// sequence is the first token, the patches of all cameras, the other tokens. Names:
/// `vision_backbone.{featurizer,fused_featurizer}`, `projector.fc{1,2,3}`, `language_model`.
/// Source: arXiv:2402.07865, 2406.09246.
public final class Prismatic extends Module {

    private static final List<String> TOWERS =
            List.of("vision_backbone.featurizer", "vision_backbone.fused_featurizer");

    private final Size size;
    private final List<TimmVit> towers = new ArrayList<>();
    private final Linear fc1, fc2, fc3;
    private final CausalLm language;

    /// What a model is made of.
    ///
    /// @param towers one or two; they must cut pictures into equally many patches
    /// @param hidden channels inside the projector, four times those of a patch where it is
    ///   published
    /// @param words the language model
    public record Size(List<TimmVit.Config> towers, int hidden, DecoderConfig words) {

        private static final int EXPAND = 4;

        public Size {
            towers = List.copyOf(towers);
            if (towers.isEmpty() || towers.size() > TOWERS.size()) {
                throw new IllegalArgumentException(
                        "prismatic: %d towers; use one or two".formatted(towers.size()));
            }
            for (var tower : towers) {
                if (tower.input().tokens() != towers.getFirst().input().tokens()) {
                    throw new IllegalArgumentException(
                            "prismatic: towers see %d and %d patches, whose channels cannot be joined; use equal pictures and patches"
                                    .formatted(
                                            towers.getFirst().input().tokens(),
                                            tower.input().tokens()));
                }
            }
        }

        /// The published form.
        public static Size of(List<TimmVit.Config> towers, DecoderConfig words) {
            return new Size(towers, EXPAND * width(towers), words);
        }

        private static int width(List<TimmVit.Config> towers) {
            return towers.stream().mapToInt(t -> t.layers().width()).sum();
        }
    }

    public Prismatic(Size size, Seed seed) {
        this.size = size;
        var names = List.of("dino", "siglip");
        for (int i = 0; i < size.towers().size(); i++) {
            var own = seed.split(names.get(i));
            towers.add(child(TOWERS.get(i), new TimmVit(size.towers().get(i), own)));
        }
        long width = Size.width(size.towers()), words = size.words().width();
        fc1 = child("projector.fc1", Projector.before(width, size.hidden(), seed.split("fc1")));
        fc2 = child("projector.fc2", Projector.before(size.hidden(), words, seed.split("fc2")));
        fc3 = child("projector.fc3", Projector.last(words, words, seed.split("fc3")));
        language = child("language_model", new CausalLm(size.words(), seed.split("language")));
    }

    /// Opens weights, a file or a folder.
    public static Prismatic open(Size size, PublicConfig config, Path weights) {
        return weights(size, config).open(weights);
    }

    /// How published weights are read and written.
    public static PublicWeights<Prismatic> weights(Size size, PublicConfig config) {
        return new PublicWeights<>(config, () -> new Prismatic(size, Seed.of(0)), state -> state);
    }

    /// What it is made of.
    public Size size() {
        return size;
    }

    /// The towers, in the order in which their channels are joined.
    public List<TimmVit> towers() {
        return List.copyOf(towers);
    }

    /// The language model.
    public CausalLm language() {
        return language;
    }

    /// The patches of all towers: `(B, S, D₁ + D₂)`.
    ///
    /// @param images `(B, 3 · towers, side, side)`: normalised for each tower in turn
    public Tensor look(Tensor images) {
        return look(List.of(images), TimmVit.Film.none());
    }

    /// The patches of several cameras, one behind the other.
    ///
    /// @param images one tensor a camera, as above
    /// @param film what words do to what is seen; blocks are counted over the towers in turn
    public Tensor look(List<Tensor> images, TimmVit.Film film) {
        var seen = new ArrayList<Tensor>();
        for (int camera = 0; camera < images.size(); camera++) {
            var parts = new ArrayList<Tensor>();
            int first = 0;
            for (int i = 0; i < towers.size(); i++) {
                int before = first;
                var own = images.get(camera).narrow(1, 3L * i, 3);
                TimmVit.Film shifted = (block, hidden) -> film.apply(before + block, hidden);
                parts.add(towers.get(i).penultimate(own, camera, shifted));
                first += towers.get(i).config().layers().depth();
            }
            seen.add(parts.size() == 1 ? parts.getFirst() : Tensor.cat(parts, -1));
        }
        return seen.size() == 1 ? seen.getFirst() : Tensor.cat(seen, 1);
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
