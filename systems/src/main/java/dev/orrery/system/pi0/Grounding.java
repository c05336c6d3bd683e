package dev.orrery.system.pi0;

import dev.orrery.env.tabletop.Words;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Stage 0's losses: what is where, which of it the text names, and where that is in words.
///
/// 1. *Naming*: every image token is compared with the embedded names of all things (and with
///    nothing), and says where in its patch the thing's centre lies.
/// 2. *Reference*: after the language model, every image token says whether it shows what the text
///    wants acted on, the text's reference or goal, or neither.
/// 3. *Pointing*: the answer `<begin> <locX> <locY>` to the prompt, cross-entropy on location bins,
///    the target spread over neighbouring bins.
///
/// Together they stand in for the pretrained vision-language model of the paper. The heads belong
/// to training only; the policy does not need them.
final class Grounding extends Module {

    private static final double THINGS_COUNT = 4, SPREAD = 1.0;

    private final Tensor nothing;
    private final Linear offset, mention;

    Grounding(int width, Seed seed) {
        nothing = parameter("nothing", Init.ZEROS, seed, 2);
        offset = child("offset", new Linear(width, 2, seed.split("offset")));
        mention = child("mention", new Linear(width, 3, seed.split("mention")));
    }

    /// The losses of a batch, scalars, and what they mean.
    ///
    /// @param loss their sum
    /// @param named share of the things that were named rightly
    /// @param mentioned share of the mentioned things that were found, of what is marked in truth
    /// @param pointing mean distance of the answered place, in overhead pixels
    record Result(Tensor loss, Tensor named, Tensor mentioned, Tensor pointing) {}

    Result forward(Pi0 pi0, Pi0.Embedded embedded, Pi0.Prefix prefix, GroundingLabels labels) {
        var tokens = embedded.embeddings().narrow(1, 0, GroundingLabels.PATCHES);
        var names = compare(pi0, tokens);
        var there = labels.names().gt(0L);
        var count = there.to(DType.F32);
        var weight = count.mul(THINGS_COUNT - 1).add(1.0);
        var naming = each(names, labels.names()).mul(weight).mean();
        var near = offset.forward(tokens).sub(labels.offsets()).abs().sum(-1, false);
        var total = count.sum().add(1e-6);
        var placing = near.mul(count).sum().div(total);

        var hidden = prefix.hidden().narrow(1, 0, GroundingLabels.PATCHES);
        var mentions = mention.forward(rms(hidden));
        var marked = labels.mentions().gt(0L).to(DType.F32);
        var reference =
                each(mentions, labels.mentions())
                        .mul(marked.mul(THINGS_COUNT * 4 - 1).add(1.0))
                        .mean();
        var point = pointing(pi0, prefix, labels.places());
        var loss = naming.add(placing).add(reference).add(point.loss());
        return new Result(
                loss,
                share(names.argmax(-1, false).eq(labels.names()), count, total),
                share(
                        mentions.argmax(-1, false).eq(labels.mentions()),
                        marked,
                        marked.sum().add(1e-6)),
                point.pixels());
    }

    private static Tensor share(Tensor right, Tensor where, Tensor total) {
        return right.to(DType.F32).mul(where).sum().div(total).detach();
    }

    private static Tensor each(Tensor logits, Tensor target) {
        long classes = logits.size(-1);
        return Functional.crossEntropyEach(logits.reshape(-1, classes), target.reshape(-1))
                .reshape(target.shape());
    }

    private static Tensor rms(Tensor x) {
        return x.mul(x.square().mean(-1, true).add(1e-6).rsqrt());
    }

    /// Scores `(B, S, 1 + names)` of nothing and of every name.
    private Tensor compare(Pi0 pi0, Tensor tokens) {
        var ids = GroundingLabels.nameIds();
        var present = ids.ne((long) Words.PAD).to(DType.F32).unsqueeze(-1);
        var embedded = pi0.embed(ids).mul(present).sum(1, false);
        var scores =
                tokens.matmul(embedded.t())
                        .mul(nothing.narrow(0, 0, 1).add(0.5))
                        .mul(1 / Math.sqrt(tokens.size(-1)));
        var none = nothing.narrow(0, 1, 1).view(1, 1, 1).expand(tokens.size(0), tokens.size(1), 1);
        return Tensor.cat(List.of(none, scores), -1);
    }

    private record Pointing(Tensor loss, Tensor pixels) {}

    private static Pointing pointing(Pi0 pi0, Pi0.Prefix prefix, Tensor places) {
        long batch = places.size(0);
        var bins = Tensor.arange(Words.BINS).to(DType.F32).add(0.5);
        var at = places.mul((double) Words.BINS).unsqueeze(-1);
        var target = Functional.softmax(bins.sub(at).square().mul(-0.5 / (SPREAD * SPREAD)), -1);
        var first =
                places.narrow(1, 0, 1)
                        .mul((double) Words.BINS)
                        .floor()
                        .clamp(0, Words.BINS - 1)
                        .to(DType.I64)
                        .add((long) Words.location(0));
        var answer = Tensor.cat(List.of(Tensor.full(Words.BEGIN, DType.I64, batch, 1), first), 1);
        var logits = pi0.answer(prefix, answer).narrow(-1, Words.location(0), Words.BINS);
        var log = Functional.logSoftmax(logits, -1);
        var loss = log.mul(target).sum(-1, false).mean().neg();
        var mean = log.detach().exp().mul(bins).sum(-1, true);
        return new Pointing(loss, mean.sub(at).square().sum(1, false).sqrt().mean());
    }
}
