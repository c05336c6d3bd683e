package dev.orrery.system.pi0;

import dev.orrery.env.tabletop.Words;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.policy.tabletop.SceneLabels;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Stage 0's losses: what is where, which of it the text names, and where that is in words.
///
/// 1. *Naming*: every image token is compared with the embedded names of all things (and with
///    nothing), and says where in its patch the thing's centre lies.
/// 2. *Reference*: halfway through the language model, every image token says whether it shows what
///    the text wants acted on, the text's reference or goal, or neither.
/// 3. *Pointing*: the answer `<begin> <locX> <locY>` to the prompt, cross-entropy on location bins,
///    the target spread over neighbouring bins.
///
/// Together they stand in for the pretrained vision-language model of the paper. The heads belong
/// to training only; the policy does not need them.
final class Grounding extends Module {

    private static final double THINGS_COUNT = 4, SPREAD = 1.0, REACH = 0.2;

    private final Tensor nothing;
    private final Linear offset, mention, wayPoint;

    Grounding(int width, int expert, Seed seed) {
        nothing = parameter("nothing", Init.ZEROS, seed, 2);
        offset = child("offset", new Linear(width, 2, seed.split("offset")));
        wayPoint = child("wayPoint", new Linear(expert, 4, seed.split("way-point")));
        mention = child("mention", new Linear(width, 3, seed.split("mention")));
    }

    /// The losses of a batch, scalars, and what they mean.
    ///
    /// @param loss their sum
    /// @param named share of the things that were named rightly
    /// @param mentioned share of the mentioned things that were found, of what is marked in truth
    /// @param pointing mean distance of the answered place, in overhead pixels
    record Result(Tensor loss, Tensor named, Tensor mentioned, Tensor pointing) {}

    Result forward(Pi0 pi0, Pi0.Embedded embedded, Pi0.Prefix prefix, SceneLabels labels) {
        var tokens = embedded.embeddings().narrow(1, 0, SceneLabels.PATCHES);
        var names = compare(pi0, tokens);
        var there = labels.names().gt(0L);
        var count = there.to(DType.F32);
        var weight = count.mul(THINGS_COUNT - 1).add(1.0);
        var naming = each(names, labels.names()).mul(weight).mean();
        var near = offset.forward(tokens).sub(labels.offsets()).abs().sum(-1, false);
        var total = count.sum().add(1e-6);
        var placing = near.mul(count).sum().div(total);

        // In the middle, so that later layers of both experts can use what was understood.
        var middle = prefix.read().get(prefix.read().size() / 2);
        var hidden = middle.narrow(1, 0, SceneLabels.PATCHES);
        var mentions = mention.forward(rms(hidden));
        var marked = labels.mentions().gt(0L).to(DType.F32);
        var reference =
                each(mentions, labels.mentions())
                        .mul(marked.mul(THINGS_COUNT * 4 - 1).add(1.0))
                        .mean();
        var point = pointing(pi0, prefix, labels);
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
        var ids = SceneLabels.nameIds();
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

    /// The answer in location words: `<begin> x y`, and `x y` of the reference or goal if there is
    /// one.
    private static Pointing pointing(Pi0 pi0, Pi0.Prefix prefix, SceneLabels labels) {
        long batch = labels.places().size(0);
        var bins = Tensor.arange(Words.BINS).to(DType.F32).add(0.5);
        var at = labels.places().mul((double) Words.BINS);
        var spread = bins.sub(at.unsqueeze(-1)).square().mul(-0.5 / (SPREAD * SPREAD));
        var target = Functional.softmax(spread, -1);
        var words =
                at.floor()
                        .clamp(0, Words.BINS - 1)
                        .to(DType.I64)
                        .add((long) Words.location(0))
                        .narrow(1, 0, 3);
        var begin = Tensor.full(Words.BEGIN, DType.I64, batch, 1);
        var answer = Tensor.cat(List.of(begin, words), 1);
        var logits = pi0.answer(prefix, answer).narrow(-1, Words.location(0), Words.BINS);
        var log = Functional.logSoftmax(logits, -1);
        var known = labels.known();
        var each = log.mul(target).sum(-1, false).mul(known);
        var loss = each.sum().div(known.sum()).neg();
        var mean = log.detach().exp().mul(bins).sum(-1, false);
        var distance = mean.sub(at).narrow(1, 0, 2).square().sum(1, false).sqrt();
        return new Pointing(loss, distance.mean());
    }

    /// The loss of the expert's way-points: read from the state's token, where the thing to act on
    /// and the reference or goal lie from the gripper. It makes the expert look places up early.
    ///
    /// @param state the state token's last hidden state `(B, 1, D)`
    /// @param gripper where the gripper is `(B, 2)`, in table units
    Tensor wayPoints(Tensor state, Tensor gripper, SceneLabels labels) {
        var from = Tensor.cat(List.of(gripper, gripper), 1);
        var target = labels.places().sub(from).mul(1 / REACH);
        var guess = wayPoint.forward(rms(state.squeeze(1)));
        var known = labels.known();
        return guess.sub(target).abs().mul(known).sum().div(known.sum());
    }
}
