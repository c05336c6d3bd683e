package dev.orrery.policy.tabletop;

import dev.orrery.env.tabletop.Words;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/// What a small vision-language model learns before it acts, in place of pretraining: what is
/// where, which of it the text names, and where that is in words.
///
/// 1. *Naming*: every image token is compared with the embedded names of all things (and with
///    nothing), and says where in its patch the thing's centre lies.
/// 2. *Reference*: halfway through the language model, what the text wants acted on is found, and
///    the text's reference or goal; see [Reference].
/// 3. *Pointing*: the answer `<begin> <locX> <locY>` to the prompt, cross-entropy on location bins,
///    the target spread over neighbouring bins.
///
/// The heads belong to training only; the policy does not need them.
public final class Grounding extends Module {

    private static final double THINGS_COUNT = 4, SPREAD = 1.0;

    private final Tensor nothing;
    private final Linear offset;
    private final Finder finder;
    private final double naming;

    /// How the thing that the text names is found.
    public enum Reference {
        /// Every image token says whether it is meant, for models in which pictures see the text.
        MARKED,
        /// The prompt's last token points to image tokens, for models in which each token sees only
        /// those before it, pictures first.
        POINTED
    }

    /// @param width channels D of the language model
    public Grounding(int width, Reference reference, Seed seed) {
        this(width, reference, 1, seed);
    }

    /// The same where naming counts so many times as much, as it needs where losses of other kinds
    /// stand beside these.
    public Grounding(int width, Reference reference, double naming, Seed seed) {
        this.naming = naming;
        nothing = parameter("nothing", Init.ZEROS, seed, 2);
        offset = child("offset", new Linear(width, 2, seed.split("offset")));
        finder =
                switch (reference) {
                    case MARKED -> child("mention", new Marks(width, seed.split("mention")));
                    case POINTED -> child("pointer", new Pointer(width, seed.split("pointer")));
                };
    }

    /// What a model made of a prompt.
    ///
    /// @param patches image tokens as they enter the language model `(B, S, D)`
    /// @param middle the same halfway through it `(B, S, D)`
    /// @param told the prompt's last token halfway through it `(B, D)`; read by [Reference#POINTED]
    ///   only
    /// @param embed ids to embeddings
    public record Reading(
            Tensor patches, Tensor middle, Tensor told, UnaryOperator<Tensor> embed) {}

    /// The losses of a batch, scalars, and what they mean.
    ///
    /// @param loss their sum
    /// @param named share of the things that were named rightly
    /// @param mentioned share of the mentioned things that were found, of what is marked in truth
    /// @param pointing mean distance of the answered place, in overhead pixels; 0 if not asked
    public record Result(Tensor loss, Tensor named, Tensor mentioned, Tensor pointing) {}

    /// All three losses.
    ///
    /// @param answer ids `(B, T)` of an answer's tokens but the last, a begin token first, to
    ///   logits `(B, T, V)` of what follows each
    public Result forward(Reading reading, UnaryOperator<Tensor> answer, SceneLabels labels) {
        var seen = look(reading, labels);
        var point = pointing(answer, labels);
        return new Result(
                seen.loss().add(point.loss()), seen.named(), seen.mentioned(), point.pixels());
    }

    /// The first two, which need no answer.
    public Result look(Reading reading, SceneLabels labels) {
        var tokens = reading.patches();
        var names = compare(reading, tokens);
        var there = labels.names().gt(0L);
        var count = there.to(DType.F32);
        var weight = count.mul(THINGS_COUNT - 1).add(1.0);
        var named = each(names, labels.names()).mul(weight).mean();
        var near = offset.forward(tokens).sub(labels.offsets()).abs().sum(-1, false);
        var total = count.sum().add(1e-6);
        var placing = near.mul(count).sum().div(total);
        // In the middle, so that later layers can use what was understood.
        var found = finder.find(reading, labels.mentions());
        return new Result(
                named.mul(naming).add(placing).add(found.loss()),
                share(names.argmax(-1, false).eq(labels.names()), count, total),
                found.right(),
                Tensor.zeros());
    }

    private static Tensor share(Tensor right, Tensor where, Tensor total) {
        return right.to(DType.F32).mul(where).sum().div(total).detach();
    }

    private static Tensor each(Tensor logits, Tensor target) {
        long classes = logits.size(-1);
        return Functional.crossEntropyEach(logits.reshape(-1, classes), target.reshape(-1))
                .reshape(target.shape());
    }

    /// Tokens at root mean square one.
    static Tensor rms(Tensor x) {
        return x.mul(x.square().mean(-1, true).add(1e-6).rsqrt());
    }

    /// Scores `(B, S, 1 + names)` of nothing and of every name.
    private Tensor compare(Reading reading, Tensor tokens) {
        var ids = SceneLabels.nameIds();
        var present = ids.ne((long) Words.PAD).to(DType.F32).unsqueeze(-1);
        var embedded = reading.embed().apply(ids).mul(present).sum(1, false);
        var scores =
                tokens.matmul(embedded.t())
                        .mul(nothing.narrow(0, 0, 1).add(0.5))
                        .mul(1 / Math.sqrt(tokens.size(-1)));
        var none = nothing.narrow(0, 1, 1).view(1, 1, 1).expand(tokens.size(0), tokens.size(1), 1);
        return Tensor.cat(List.of(none, scores), -1);
    }

    private record Found(Tensor loss, Tensor right) {}

    private abstract static sealed class Finder extends Module {
        abstract Found find(Reading reading, Tensor mentions);
    }

    private static final class Marks extends Finder {
        private final Linear mark;

        Marks(int width, Seed seed) {
            mark = child("mark", new Linear(width, 3, seed));
        }

        @Override
        Found find(Reading reading, Tensor mentions) {
            var scores = mark.forward(rms(reading.middle()));
            var marked = mentions.gt(0L).to(DType.F32);
            var loss = each(scores, mentions).mul(marked.mul(THINGS_COUNT * 4 - 1).add(1.0)).mean();
            return new Found(
                    loss,
                    share(scores.argmax(-1, false).eq(mentions), marked, marked.sum().add(1e-6)));
        }
    }

    /// Two queries, for the thing to act on and for the reference or goal, against all image
    /// tokens; what is meant may lie in a patch of either camera.
    private static final class Pointer extends Finder {
        private final Linear query, key;

        Pointer(int width, Seed seed) {
            query = child("query", new Linear(width, 2L * width, seed.split("query")));
            key = child("key", new Linear(width, width, seed.split("key")));
        }

        @Override
        Found find(Reading reading, Tensor mentions) {
            long batch = mentions.size(0), width = reading.told().size(-1);
            var queries = query.forward(rms(reading.told())).view(batch, 2, width);
            var keys = key.forward(rms(reading.middle()));
            var scores = queries.matmul(keys.transpose(1, 2)).mul(1 / Math.sqrt(width));
            var wanted = Tensor.arange(2).add(1L).view(1, 2, 1);
            var meant = mentions.unsqueeze(1).eq(wanted).to(DType.F32);
            var count = meant.sum(-1, true);
            var known = count.gt(0.0).to(DType.F32).squeeze(-1);
            var target = meant.div(count.clampMin(1));
            var total = known.sum().clampMin(1);
            var each = Functional.logSoftmax(scores, -1).mul(target).sum(-1, false).neg();
            var hit = meant.gather(-1, scores.detach().argmax(-1, true)).squeeze(-1);
            return new Found(
                    each.mul(known).sum().div(total), hit.mul(known).sum().div(total).detach());
        }
    }

    private record Point(Tensor loss, Tensor pixels) {}

    /// The answer in location words: `<begin> x y`, and `x y` of the reference or goal if there is
    /// one.
    private static Point pointing(UnaryOperator<Tensor> speak, SceneLabels labels) {
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
        var logits = speak.apply(answer).narrow(-1, Words.location(0), Words.BINS);
        var log = Functional.logSoftmax(logits, -1);
        var known = labels.known();
        var each = log.mul(target).sum(-1, false).mul(known);
        var loss = each.sum().div(known.sum()).neg();
        var mean = log.detach().exp().mul(bins).sum(-1, false);
        var distance = mean.sub(at).narrow(1, 0, 2).square().sum(1, false).sqrt();
        return new Point(loss, distance.mean());
    }
}
