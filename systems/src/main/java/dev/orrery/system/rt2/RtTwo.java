package dev.orrery.system.rt2;

import dev.orrery.lm.decoder.Greedy;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.system.rt2.RtTwoConfig.Kind;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vlm.CompactVlm;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// RT-2: a vision-language model whose answers may be actions. Questions and robot frames go the
/// same way and have the same loss.
///
/// Names: `vlm`.
final class RtTwo extends ActionModel {

    private final RtTwoConfig.Model config;
    private final RtTwoWords words;
    private final CompactVlm vlm;

    /// @throws IllegalArgumentException if the configuration is of another kind
    RtTwo(RtTwoConfig.Model config, RtTwoWords words, Seed seed) {
        if (config.kind() != Kind.VLM) {
            throw new IllegalArgumentException(
                    "rt-2: a model of the kind %s is no vision-language model"
                            .formatted(config.kind()));
        }
        this.config = config;
        this.words = words;
        var language = config.language();
        var size =
                CompactVlm.Size.of(
                        config.vision(),
                        config.text().vocabulary(),
                        language.width(),
                        language.depth(),
                        language.heads(),
                        language.mlp());
        vlm = child("vlm", new CompactVlm(size, seed.split("vlm")));
    }

    @Override
    RtTwoConfig.Model config() {
        return config;
    }

    @Override
    RtTwoWords words() {
        return words;
    }

    /// The vision-language model.
    CompactVlm vlm() {
        return vlm;
    }

    @Override
    List<RtAnswer> answer(CompactVlm.Prompt prompt, Pick pick) {
        int batch = (int) prompt.words().size(0);
        var writer =
                new SlotWriter(
                        words, config.text().plan(), config.actions().integers(), batch, pick);
        vlm.speak(vlm.embed(prompt), writer.steps(), writer);
        return writer.answers();
    }

    /// Answers without being held to a form, as a language model does.
    List<ActionString> say(CompactVlm.Prompt prompt) {
        int count = config.actions().integers(), steps = config.text().plan() + count + 3;
        var ids = vlm.speak(vlm.embed(prompt), steps, Greedy.Choice.likeliest()).ids();
        var all = ids.toLongs();
        return IntStream.range(0, (int) ids.size(0))
                .mapToObj(b ->
                        words.parse(Arrays.copyOfRange(all, b * steps, (b + 1) * steps), count))
                .toList();
    }

    @Override
    Lost loss(RtBatch batch, double spread) {
        return loss(batch, answered(batch), spread);
    }

    /// Teacher forcing.
    CompactVlm.Answered answered(RtBatch batch) {
        var lesson = batch.lesson();
        return vlm.answer(vlm.embed(lesson.prompt()), lesson.answer());
    }

    /// The losses of answers that were told.
    Lost loss(RtBatch batch, CompactVlm.Answered answered, double spread) {
        var lesson = batch.lesson();
        var logits = answered.logits();
        var loss =
                spread == 0
                        ? CompactVlm.loss(logits, lesson.answer(), lesson.counted())
                        : spread(logits, batch, spread);
        return figures(loss, logits.detach(), batch);
    }

    /// The mean over all tokens of answers, where integers near a value's right one are right, too.
    private Tensor spread(Tensor logits, RtBatch batch, double spread) {
        var lesson = batch.lesson();
        var log = Functional.logSoftmax(logits, -1);
        var told = log.gather(-1, lesson.answer().unsqueeze(-1)).squeeze(-1);
        var near = words.integers().spread(spread).logLikelihood(log, batch.integers());
        var each = Tensor.where(batch.slots().eq(RtBatch.VALUE), near, told);
        return mean(each, lesson.counted().to(DType.F32)).neg();
    }

    private Lost figures(Tensor loss, Tensor logits, RtBatch batch) {
        var acts = batch.slots().gt(0L).to(DType.F32);
        var values = batch.slots().eq(RtBatch.VALUE).to(DType.F32);
        var answer = batch.lesson().answer();
        var each =
                Functional.crossEntropyEach(logits.flatten(0, 1), answer.reshape(-1))
                        .reshape(answer.shape());
        var right = logits.argmax(-1, false).eq(answer).to(DType.F32);
        var ids = words.integers().ids();
        var scores = logits.indexSelect(-1, Tensor.of(ids, ids.length));
        var distance = scores.argmax(-1, false).sub(batch.integers()).abs().to(DType.F32);
        return new Lost(
                loss,
                mean(each, acts),
                mean(right, acts),
                mean(distance.mul(1.0 / (ActionBins.COUNT - 1)), values),
                mean(outside(logits, batch.slots()), acts),
                logits);
    }

    /// The probability of what is not allowed at each place: `(B, M)`.
    private Tensor outside(Tensor logits, Tensor slots) {
        int size = config.text().vocabulary();
        var allowed = new float[3 * size];
        Arrays.fill(allowed, 0, size, 1);
        var kinds = words.slots(2);
        for (int slot = 0; slot < 2; slot++) {
            for (long id : kinds.get(slot)) allowed[(slot + 1) * size + (int) id] = 1;
        }
        var inside = Functional.softmax(logits, -1).matmul(Tensor.of(allowed, 3, size).t());
        return inside.gather(-1, slots.unsqueeze(-1)).squeeze(-1).neg().add(1.0).clamp(0, 1);
    }

    private static Tensor mean(Tensor each, Tensor where) {
        return each.mul(where).sum().div(where.sum().clampMin(1));
    }
}
