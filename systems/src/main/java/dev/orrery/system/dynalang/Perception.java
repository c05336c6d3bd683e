package dev.orrery.system.dynalang;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.worldmodel.Dense;
import dev.orrery.worldmodel.DenseStack;
import dev.orrery.worldmodel.Form;
import dev.orrery.worldmodel.ImageEncoder;
import dev.orrery.worldmodel.PoolEncoder;
import dev.orrery.worldmodel.StrideEncoder;
import dev.orrery.worldmodel.Strides;
import dev.orrery.worldmodel.Symlog;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/// What is seen and read in a step, as one embedding: pictures through convolutions, symbols and
/// the word (one-hot) through dense layers, side by side, and what is looked up in the manual if
/// there is one.
final class Perception extends Module {

    private final Senses senses;
    private final @Nullable ImageEncoder pictures;
    private final @Nullable Dense first;
    private final @Nullable DenseStack rest;
    private final @Nullable ManualReader manual;
    private final long pictureWidth, width;

    Perception(Form form, Size size, Senses senses, Seed seed) {
        this.senses = senses;
        long dense = (long) senses.symbols() + senses.words();
        int layers = size.layers().codec();
        first =
                dense == 0
                        ? null
                        : child("mlp0", new Dense(form, dense, size.units(), seed.split("mlp0")));
        rest =
                dense == 0
                        ? null
                        : child(
                                "mlp",
                                new DenseStack(
                                        form,
                                        size.units(),
                                        size.units(),
                                        layers - 1,
                                        seed.split("mlp")));
        pictures = senses.pixels() == 0 ? null : pictures(form, size, seed.split("cnn"));
        pictureWidth = pictures == null ? 0 : pictures.outputs();
        long seen = pictureWidth + (dense == 0 ? 0 : size.units());
        manual = senses.besides().manual() == 0 ? null : manual(seen, size, seed.split("manual"));
        width = seen + (manual == null ? 0 : size.units());
    }

    private ImageEncoder pictures(Form form, Size size, Seed seed) {
        int pixels = senses.pixels(), depth = size.depth();
        return switch (form) {
            case V2023 -> child("cnn", new StrideEncoder(Strides.of(pixels, depth), seed));
            case V2024 -> child("cnn", new PoolEncoder(pixels, depth, seed));
        };
    }

    private ManualReader manual(long seen, Size size, Seed seed) {
        var text = senses.besides();
        return child(
                "manual",
                new ManualReader(seen, text.vocabulary(), text.manual(), size.units(), seed));
    }

    /// Numbers in an embedding.
    long width() {
        return width;
    }

    /// Embeddings `(T, B, E)` of sequences.
    Tensor forward(Lesson lesson) {
        var parts = new ArrayList<Tensor>();
        if (pictures != null)
            parts.add(
                    pictures.forward(lesson.images().flatten(0, 1))
                            .unflatten(0, lesson.steps(), lesson.batch()));
        dense(lesson.symbols(), lesson.tokens(), parts);
        if (manual != null)
            parts.add(manual.forward(Tensor.cat(parts, -1), lesson.text().manual()));
        return parts.size() == 1 ? parts.getFirst() : Tensor.cat(parts, -1);
    }

    /// Embeddings of text alone: nothing is seen, and what convolutions would give is zero.
    Tensor ofText(Tensor tokens) {
        var parts = new ArrayList<Tensor>();
        if (pictures != null) parts.add(Tensor.zeros(tokens.size(0), tokens.size(1), pictureWidth));
        dense(Tensor.zeros(tokens.size(0), tokens.size(1), senses.symbols()), tokens, parts);
        return parts.size() == 1 ? parts.getFirst() : Tensor.cat(parts, -1);
    }

    private void dense(Tensor symbols, Tensor tokens, ArrayList<Tensor> parts) {
        if (first == null || rest == null) return;
        var seen = senses.binary() ? symbols : Symlog.symlog(symbols);
        var product = first.part(seen, 0);
        if (senses.words() > 0)
            product = product.add(first.chosen(tokens, senses.symbols(), senses.words()));
        parts.add(rest.forward(first.finish(product)));
    }
}
