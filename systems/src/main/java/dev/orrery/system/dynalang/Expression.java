package dev.orrery.system.dynalang;

import dev.orrery.nn.Layer;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.worldmodel.DenseStack;
import dev.orrery.worldmodel.Form;
import dev.orrery.worldmodel.GrowDecoder;
import dev.orrery.worldmodel.Rssm;
import dev.orrery.worldmodel.StrideDecoder;
import dev.orrery.worldmodel.Strides;
import dev.orrery.worldmodel.Symlog;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// What the world model says it sees and reads, from its state.
final class Expression extends Module {

    private final Senses senses;
    private final Form form;
    private final DenseStack mlp;
    private final @Nullable Linear symbols, words;
    private final @Nullable Layer pictures;

    Expression(Form form, Size size, Senses senses, Rssm.Config rssm, Seed seed) {
        this.senses = senses;
        this.form = form;
        long units = size.units();
        mlp =
                child(
                        "mlp",
                        new DenseStack(
                                form,
                                rssm.features(),
                                units,
                                senses.symbols() + senses.words() == 0 ? 0 : size.layers().codec(),
                                seed.split("mlp")));
        symbols = senses.symbols() == 0 ? null : out("symbols", units, senses.symbols(), seed);
        words = senses.words() == 0 ? null : out("token", units, senses.words(), seed);
        if (senses.pixels() == 0) {
            pictures = null;
        } else {
            var own = seed.split("cnn");
            int pixels = senses.pixels(), depth = size.depth();
            pictures =
                    switch (form) {
                        case V2023 ->
                                child(
                                        "cnn",
                                        new StrideDecoder(
                                                rssm.features(), Strides.of(pixels, depth), own));
                        case V2024 ->
                                child(
                                        "cnn",
                                        new GrowDecoder(rssm, pixels, depth, size.units(), own));
                    };
        }
    }

    private Linear out(String name, long inputs, long outputs, Seed seed) {
        return child(
                name,
                Linear.of(inputs, outputs, true, form.init(inputs, outputs, 1), seed.split(name)));
    }

    /// How far off each kind of answer is, summed over its elements: `(T, B)` each.
    ///
    /// @param features states `(T, B, F)`
    SequencedMap<String, Tensor> losses(Tensor features, Lesson lesson) {
        var losses = new LinkedHashMap<String, Tensor>();
        if (pictures != null) {
            var drawn = pictures.forward(features.flatten(0, 1));
            losses.put(
                    "image",
                    drawn.sub(lesson.images().flatten(0, 1).add(0.5))
                            .square()
                            .sum(1, 2, 3)
                            .unflatten(0, lesson.steps(), lesson.batch()));
        }
        var x = mlp.forward(features);
        if (symbols != null) losses.put("symbols", symbolLoss(symbols.forward(x), lesson));
        if (words != null) losses.put("token", wordLoss(words.forward(x), lesson.tokens()));
        return losses;
    }

    private Tensor symbolLoss(Tensor answer, Lesson lesson) {
        var seen = lesson.symbols();
        var each =
                senses.binary()
                        ? Functional.softplus(answer).sub(answer.mul(seen))
                        : answer.sub(Symlog.symlog(seen)).square();
        return each.sum(-1, false);
    }

    /// Cross-entropy of word logits `(T, B, V)`, `(T, B)`.
    static Tensor wordLoss(Tensor logits, Tensor tokens) {
        return logits.logSoftmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1).neg();
    }

    /// Logits `(..., V)` of the word that is read in a state.
    Tensor words(Tensor features) {
        if (words == null)
            throw new IllegalStateException("this model reads no words; give its world a text");
        return words.forward(mlp.forward(features));
    }

    /// What is seen in states: probabilities or quantities `(..., D)`.
    Tensor symbols(Tensor features) {
        if (symbols == null) throw new IllegalStateException("this model sees no symbols");
        var answer = symbols.forward(mlp.forward(features));
        return senses.binary() ? answer.sigmoid() : Symlog.symexp(answer);
    }

    /// Pictures of states, around 0 to 1, `(N, 3, P, P)`.
    Tensor pictures(Tensor features) {
        if (pictures == null) throw new IllegalStateException("this model sees no pictures");
        return pictures.forward(features);
    }
}
