package dev.orrery.vlm.janus;

import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.lm.decoder.Sampler;
import dev.orrery.nn.KvCache;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Writes pictures as codes, one after the other, with classifier-free guidance: every prompt is
/// continued a second time without its words, and what sets the two apart is exaggerated.
///
/// ```java
/// var writer = new PictureWriter(janus, PictureWriter.GUIDANCE, Sampler.at(1));
/// var prompt = new PictureWriter.Prompt(ids, mask, Set.of(bos, beginOfImage), pad);
/// var picture = janus.picture(writer.write(prompt, janus.tokens(), Seed.of(1)));
/// ```
///
/// @param model what writes
/// @param guidance 1 for none, which halves the work; a code's logits are those without words plus
///   so many times the difference
/// @param sampler how a code is drawn from them
public record PictureWriter(Janus model, double guidance, Sampler sampler) {

    /// What the published model is used with.
    public static final double GUIDANCE = 5;

    public PictureWriter {
        if (!(guidance >= 1)) {
            throw new IllegalArgumentException(
                    "janus: guidance %s; it is at least 1, which is none".formatted(guidance));
        }
    }

    /// What pictures are to show, a row each, ending with the token that begins a picture.
    ///
    /// @param ids `(B, T)`, padded on the left
    /// @param mask `(B, T)`, zero where a token is padding
    /// @param kept tokens that are no words: where a text and where a picture begins
    /// @param pad what stands in the words' places when they are taken away
    public record Prompt(Tensor ids, Tensor mask, Set<Long> kept, long pad) {

        public Prompt {
            if (ids.rank() != 2 || !Arrays.equals(ids.shape(), mask.shape())) {
                throw new IllegalArgumentException(
                        "janus: prompts of shape %s with a mask of shape %s; both must be (B, T)"
                                .formatted(
                                        Arrays.toString(ids.shape()),
                                        Arrays.toString(mask.shape())));
            }
        }

        /// The same without its words.
        Tensor wordless() {
            var all = ids.toLongs();
            for (int i = 0; i < all.length; i++) if (!kept.contains(all[i])) all[i] = pad;
            return Tensor.of(all, ids.shape());
        }
    }

    /// Codes `(B, count)` of the pictures.
    ///
    /// @param count codes of each, [Janus#tokens] for a whole picture
    /// @param seed decides draws; each row and place has its own
    public Tensor write(Prompt prompt, int count, Seed seed) {
        boolean guided = guidance > 1;
        int rows = (int) prompt.ids().size(0);
        var caches = model.language().model().caches(prompt.ids().size(1) + count);
        try (var scope = TensorScope.open();
                var _ = Grad.disabled()) {
            var ids = guided ? twice(prompt.ids(), prompt.wordless()) : prompt.ids();
            var mask = prompt.mask().to(DType.I64);
            var seen = guided ? twice(mask, mask) : mask;
            var written = new long[rows][count];
            var next = model.embed(ids);
            var positions = seen.cumsum(1).sub(1).clampMin(0);
            for (int at = 0; at < count; at++) {
                try (var step = TensorScope.open()) {
                    var scores = scores(next, seen, positions, caches, rows);
                    for (int row = 0; row < rows; row++) {
                        var before = Arrays.copyOf(written[row], at);
                        written[row][at] = draw(scores.select(0, row), before, seed.split(row));
                    }
                    next = step.keep(model.embedCodes(column(written, at, guided ? 2 : 1)));
                    seen =
                            step.keep(
                                    Tensor.cat(
                                            List.of(seen, Tensor.ones(DType.I64, seen.size(0), 1)),
                                            1));
                    positions = step.keep(positions.narrow(1, positions.size(1) - 1, 1).add(1));
                }
            }
            return scope.keep(table(written, count));
        } finally {
            caches.forEach(KvCache::close);
        }
    }

    private Tensor scores(
            Tensor next, Tensor seen, Tensor positions, List<KvCache> caches, int rows) {
        var pass =
                DecoderPass.whole(next.size(1)).asking(1).at(positions).padded(seen).after(caches);
        var logits = model.codeLogits(model.forward(next, pass)).select(1, 0);
        if (guidance == 1) return logits;
        var without = logits.narrow(0, rows, rows);
        return without.add(logits.narrow(0, 0, rows).sub(without).mul(guidance));
    }

    private long draw(Tensor scores, long[] before, Seed row) {
        double chance = row.split(before.length).uniforms(1)[0];
        return sampler.draw(scores.toFloats(), before, chance).id();
    }

    private static Tensor twice(Tensor first, Tensor second) {
        return Tensor.cat(List.of(first, second), 0);
    }

    /// The codes at a place, for the rows with words and again for those without.
    private static Tensor column(long[][] written, int at, int times) {
        var codes = new long[written.length * times];
        for (int i = 0; i < codes.length; i++) codes[i] = written[i % written.length][at];
        return Tensor.of(codes, codes.length, 1);
    }

    private static Tensor table(long[][] written, int count) {
        var all = Arrays.stream(written).flatMapToLong(Arrays::stream).toArray();
        return Tensor.of(all, written.length, count);
    }
}
