package dev.orrery.system.rt2;

import dev.orrery.lm.decoder.Pick;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Linear;
import dev.orrery.policy.SpreadBins;
import dev.orrery.system.rt2.RtTwoConfig.Kind;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.GridPositions;
import dev.orrery.vision.StemLayer;
import dev.orrery.vlm.CompactVlm;
import java.util.ArrayList;
import java.util.List;

/// A policy in the manner of RT-1, for comparison: convolutions that the instruction modulates, a
/// few tokens pooled from them, one classification an integer. It has no language model and learns
/// from robot frames only; bins and tokens are those of [RtTwo].
///
/// Source: RT-1, arXiv:2212.06817. Deviations: a stem of three convolutions in place of
/// EfficientNet, embedded words in place of a sentence encoder, two layers in place of the
/// transformer, one picture a camera in place of six in time.
final class FilmConv extends ActionModel {

    private static final double INIT = .1;
    private static final int POOLED = 8, HIDDEN = 256;

    private final RtTwoConfig.Model config;
    private final RtTwoWords words;
    private final Embedding embedding;
    private final List<StemLayer> stem;
    private final List<Linear> scales = new ArrayList<>(), shifts = new ArrayList<>();
    private final Linear patches, pool, fc1, fc2;
    private final Tensor positions;

    FilmConv(RtTwoConfig.Model config, RtTwoWords words, Seed seed) {
        if (config.kind() != Kind.FILM_CONV) {
            throw new IllegalArgumentException(
                    "rt-2: a model of the kind %s is no convolution".formatted(config.kind()));
        }
        if (config.text().plan() > 0) {
            throw new IllegalArgumentException(
                    "rt-2: a convolution cannot say a plan; set model.text.plan to 0");
        }
        this.config = config;
        this.words = words;
        int width = config.language().width(), channels = 3;
        embedding =
                child(
                        "words",
                        new Embedding(
                                config.text().vocabulary(), width, INIT, seed.split("words")));
        stem =
                StemLayer.of(
                        "stem.",
                        config.vision().stem(),
                        (name, start, shape) -> parameter(name, start, seed, shape));
        for (int next : config.vision().stem()) {
            int i = scales.size();
            scales.add(child("film.scale." + i, Linear.zero(width, next)));
            shifts.add(child("film.shift." + i, Linear.zero(width, next)));
            channels = next;
        }
        int kernel = config.vision().patch() >> stem.size();
        patches =
                child(
                        "patches",
                        new Linear(
                                (long) channels * kernel * kernel, width, seed.split("patches")));
        positions =
                parameter(
                        "positions",
                        (_, _) ->
                                GridPositions.of(
                                        width,
                                        config.vision().imageSizes().stream()
                                                .map(side -> side / config.vision().patch())
                                                .toList()),
                        seed,
                        CompactVlm.Size.patches(config.vision()),
                        width);
        pool = child("pool", new Linear(width, POOLED, seed.split("pool")));
        fc1 = child("fc1", new Linear((long) POOLED * width, HIDDEN, seed.split("fc1")));
        long out = (long) config.actions().integers() * ActionBins.COUNT;
        fc2 = child("fc2", new Linear(HIDDEN, out, seed.split("fc2")));
    }

    @Override
    RtTwoConfig.Model config() {
        return config;
    }

    @Override
    RtTwoWords words() {
        return words;
    }

    /// Scores of every integer at every place: `(B, 1 + K · A, 256)`.
    private Tensor scores(CompactVlm.Prompt prompt) {
        var real = prompt.real().to(DType.F32).unsqueeze(-1);
        var told = embedding.forward(prompt.words()).mul(real).sum(1, false);
        var text = told.div(real.sum(1, false).clampMin(1));
        var seen = new ArrayList<Tensor>();
        for (int camera = 0; camera < prompt.images().size(); camera++) {
            var there = prompt.seen().get(camera).to(DType.F32).view(-1, 1, 1);
            seen.add(look(prompt.images().get(camera), text).mul(there));
        }
        var tokens = Tensor.cat(seen, 1).add(positions);
        var weights = Functional.softmax(pool.forward(tokens), 1);
        var pooled = weights.transpose(1, 2).matmul(tokens).flatten(1, 2);
        var scores = fc2.forward(Functional.gelu(fc1.forward(pooled)));
        return scores.view(scores.size(0), config.actions().integers(), ActionBins.COUNT);
    }

    private Tensor look(Tensor images, Tensor text) {
        var x = images;
        for (int i = 0; i < stem.size(); i++) {
            var scale = scales.get(i).forward(text).unsqueeze(-1).unsqueeze(-1).add(1.0);
            var shift = shifts.get(i).forward(text).unsqueeze(-1).unsqueeze(-1);
            x = stem.get(i).forward(x).mul(scale).add(shift);
        }
        int kernel = config.vision().patch() >> stem.size();
        var flat =
                x.rearrange(
                        "b c (h p) (w q) -> b (h w) (c p q)",
                        dev.orrery.tensor.Axis.axis("p", kernel),
                        dev.orrery.tensor.Axis.axis("q", kernel));
        return patches.forward(flat);
    }

    @Override
    List<RtAnswer> answer(CompactVlm.Prompt prompt, Pick pick) {
        var scores = scores(prompt);
        long count = scores.size(1);
        var flag = pick.of(scores.narrow(1, 0, 1).narrow(2, 0, 2));
        var best = Tensor.cat(List.of(flag, pick.of(scores.narrow(1, 1, count - 1))), 1);
        var all = best.toLongs();
        var answers = new ArrayList<RtAnswer>();
        for (int b = 0; b < scores.size(0); b++) {
            var integers = new int[(int) count];
            for (int i = 0; i < count; i++) integers[i] = (int) all[b * (int) count + i];
            answers.add(new RtAnswer(ActionString.Said.of(integers), 0, ""));
        }
        return answers;
    }

    /// Flags as they are, values with their neighbours.
    private static Tensor spread(Tensor scores, Tensor target, double spread) {
        var log = Functional.logSoftmax(scores, -1);
        long count = target.size(1);
        var all = Tensor.arange(ActionBins.COUNT);
        var near =
                new SpreadBins(all, all.to(DType.F32), spread)
                        .logLikelihood(log.narrow(1, 1, count - 1), target.narrow(1, 1, count - 1));
        var flag = log.narrow(1, 0, 1).gather(-1, target.narrow(1, 0, 1).unsqueeze(-1));
        return Tensor.cat(List.of(flag.squeeze(-1), near), 1).mean().neg();
    }

    /// @throws IllegalArgumentException if rows are no robot frames: it has no words to answer with
    @Override
    Lost loss(RtBatch batch, double spread) {
        long rows = batch.lesson().answer().size(0);
        if (batch.robots() < rows) {
            throw new IllegalArgumentException(
                    "rt-2: %d of %d rows are questions, which a convolution cannot answer; set training.data to ROBOT_ONLY and web.steps to 0"
                            .formatted(rows - batch.robots(), rows));
        }
        var scores = scores(batch.lesson().prompt());
        long count = scores.size(1);
        var target = batch.integers().narrow(1, 0, count);
        var loss =
                spread == 0
                        ? Functional.crossEntropy(scores.flatten(0, 1), target.reshape(-1))
                        : spread(scores, target, spread);
        var best = scores.detach().argmax(-1, false);
        var values = best.narrow(1, 1, count - 1).sub(target.narrow(1, 1, count - 1)).abs();
        return new Lost(
                loss,
                loss.detach(),
                best.eq(target).to(DType.F32).mean(),
                values.to(DType.F32).mean().mul(1.0 / (ActionBins.COUNT - 1)),
                Tensor.zeros(),
                Tensor.zeros(0));
    }
}
