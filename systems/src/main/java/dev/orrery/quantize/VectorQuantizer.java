package dev.orrery.quantize;

import dev.orrery.nn.Init;
import dev.orrery.nn.Module;
import dev.orrery.quantize.CodebookLearning.Rule;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;

/// Replaces each vector by the nearest of K codes.
///
/// ```java
/// var quantized = quantizer.forward(encoder.forward(x));
/// var loss = reconstruction(decoder.forward(quantized.embedding()), x).add(quantized.loss());
/// optimizer.minimise(loss);
/// quantizer.endStep(List.of(quantized), run.seed(step).split("codes"));
/// ```
///
/// The loss is `‖sg(z) - c‖² + commitment ‖z - sg(c)‖²`, both means over all elements; codes that
/// are moving averages need no first term. With [Distance#COSINE], z and c are of length 1 in it
/// and in what comes out. A codebook that a gradient moves wants no weight decay.
///
/// [#forward] changes nothing; averages, counts of unused codes and revivals belong to [#endStep].
/// All of these are buffers, so a checkpoint of the module has them and a run goes on bit for bit.
///
/// Names: `codebook (K, D)`, `idle (K)`; averages have `cluster_size (K)` and `codebook_sum (K, D)`
/// besides.
///
/// Sources: arXiv:1711.00937; averages as in its appendix A.1. Parity: [QuantizerFixture].
public final class VectorQuantizer extends Module {

    /// How far a neighbour lies from the code it is made of, as a share of that code's length.
    private static final double APART = 0.01;

    private static final int ROUNDS = 10;

    /// @param codes size K of the codebook
    /// @param width channels D
    /// @param distance which code is the nearest
    /// @param learning what moves the codes
    /// @param commitment weight of the term that draws vectors to codes, 0.25 in most papers
    /// @param route how gradients pass to the vectors
    /// @param revival what happens to unused codes
    public record Config(
            int codes,
            int width,
            Distance distance,
            CodebookLearning learning,
            double commitment,
            Route route,
            Revival revival) {

        public Config {
            if (codes < 1 || width < 1)
                throw new IllegalArgumentException(
                        "a codebook of %d codes of %d channels; both must be 1 or more"
                                .formatted(codes, width));
            if (!(commitment >= 0))
                throw new IllegalArgumentException(
                        "commitment %s is below 0; use 0.25".formatted(commitment));
        }

        /// Cosine distance, codes learned by gradient, commitment 0.25, and codes unused for 50
        /// steps revived from the batch: what Genie does (arXiv:2402.15391).
        public static Config cosine(int codes, int width) {
            return new Config(
                    codes,
                    width,
                    Distance.COSINE,
                    CodebookLearning.gradient(),
                    0.25,
                    Route.STRAIGHT_THROUGH,
                    Revival.fromLatents(50));
        }

        /// Euclidean distance, codes that are moving averages, commitment 0.25, no revival.
        ///
        /// @param decay such as 0.99
        public static Config average(int codes, int width, double decay) {
            return new Config(
                    codes,
                    width,
                    Distance.EUCLIDEAN,
                    CodebookLearning.average(decay),
                    0.25,
                    Route.STRAIGHT_THROUGH,
                    Revival.never());
        }

        private boolean averages() {
            return learning.rule() == Rule.AVERAGE;
        }
    }

    private final Config config;
    private final Tensor codebook, idle;
    private final List<Tensor> averages;

    /// @param seed where the first codes come from
    public VectorQuantizer(Config config, Seed seed) {
        this.config = config;
        long codes = config.codes, width = config.width;
        if (config.averages()) {
            try (var _ = TensorScope.open()) {
                var first = first().draw(seed.split("codebook"), codes, width);
                codebook = buffer("codebook", first);
                averages =
                        List.of(
                                buffer("cluster_size", Tensor.ones(codes)),
                                buffer("codebook_sum", first.copy()));
            }
        } else {
            codebook = parameter("codebook", first(), seed, codes, width);
            averages = List.of();
        }
        idle = buffer("idle", Tensor.zeros(DType.I64, codes));
    }

    private Init first() {
        return switch (config.distance) {
            case COSINE -> (seed, shape) -> Distance.unit(seed.normal(shape));
            case EUCLIDEAN -> Init.uniform(1.0 / config.codes);
        };
    }

    /// The settings.
    public Config config() {
        return config;
    }

    /// The codes `(K, D)` as they come out: of length 1 with [Distance#COSINE].
    public Tensor codes() {
        return config.distance.prepare(codebook);
    }

    /// Replaces vectors `(..., D)`.
    ///
    /// @throws IllegalArgumentException if they do not have D channels
    public Quantized forward(Tensor z) {
        var latents = prepare(z);
        var ids = nearest(latents);
        var chosen = Functional.embedding(ids, codes());
        var embedding = config.route.pass(latents, chosen.detach());
        return new Quantized(ids, embedding, loss(latents, chosen), latents.detach());
    }

    /// Replaces vectors `(..., D)`, some of which are padding: their ids are -1, their embeddings
    /// zero, and nothing is learned from them.
    ///
    /// @param mask BOOL `(...)`, true for vectors that count
    /// @throws IllegalArgumentException if no vector counts
    public Quantized forward(Tensor z, Tensor mask) {
        var latents = prepare(z);
        var rows = mask.flatten().nonzero().flatten();
        if (mask.numel() * config.width != z.numel() || rows.numel() == 0)
            throw new IllegalArgumentException(
                    "vectors %s need a mask %s with something in it, got %s"
                            .formatted(z, Arrays.toString(without(z.shape())), mask));
        var ids = nearest(latents);
        var chosen = Functional.embedding(ids, codes());
        var embedding = config.route.pass(latents, chosen.detach());
        var loss = loss(rows(latents, rows), rows(chosen, rows));
        return new Quantized(
                ids.maskedFill(mask.logicalNot(), -1),
                embedding.mul(mask.unsqueeze(-1).to(embedding.dtype())),
                loss,
                latents.detach());
    }

    private Tensor rows(Tensor vectors, Tensor rows) {
        return vectors.reshape(-1, config.width).indexSelect(0, rows);
    }

    /// Vectors `(..., D)` as they are compared with codes: of length 1 with [Distance#COSINE].
    public Tensor prepare(Tensor z) {
        Codebook.checkWidth(z, config.width, "the vector quantiser");
        return config.distance.prepare(z);
    }

    private Tensor loss(Tensor latents, Tensor chosen) {
        var loss = Functional.mseLoss(latents, chosen.detach()).mul(config.commitment);
        if (config.averages()) return loss;
        return loss.add(Functional.mseLoss(chosen, latents.detach()));
    }

    /// The nearest code of vectors `(..., D)`, I64 `(...)`.
    public Tensor encode(Tensor z) {
        return nearest(prepare(z));
    }

    private Tensor nearest(Tensor latents) {
        try (var _ = Grad.disabled();
                var scope = TensorScope.open()) {
            var flat = latents.detach().reshape(-1, config.width);
            var ids = config.distance.nearness(flat, codes()).argmax(-1, false);
            return scope.keep(ids.reshape(without(latents.shape())));
        }
    }

    /// A shape without its last axis.
    private static long[] without(long[] shape) {
        return Arrays.copyOf(shape, shape.length - 1);
    }

    /// The codes of ids `(...)`, `(..., D)`.
    ///
    /// @throws IllegalArgumentException for an id that is not in the codebook
    public Tensor lookup(Tensor ids) {
        return Functional.embedding(Codebook.checked(ids, config.codes), codes());
    }

    /// Lets the codes start as means of vectors `(..., D)`: those of ten rounds of Lloyd's
    /// algorithm. Source: SoundStream, arXiv:2107.03312 section III-C.
    ///
    /// @throws IllegalArgumentException if there are fewer vectors than codes
    public void start(Tensor z, Seed seed) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var vectors = prepare(z.detach()).reshape(-1, config.width);
            if (vectors.size(0) < config.codes)
                throw new IllegalArgumentException(
                        "%d codes cannot start from %d vectors; give at least as many"
                                .formatted(config.codes, vectors.size(0)));
            var means = draw(vectors, config.codes, seed);
            for (int round = 0; round < ROUNDS; round++) means = means(vectors, means);
            codebook.copy_(means);
            if (config.averages()) {
                averages.get(0).fill_(1);
                averages.get(1).copy_(means);
            }
            idle.fill_(0);
        }
    }

    /// The mean of what each code is nearest to; codes of nothing go to the vectors that are
    /// farthest from any.
    private Tensor means(Tensor vectors, Tensor codes) {
        var near = config.distance.nearness(vectors, codes);
        var ids = near.argmax(-1, false);
        var counts = Tensor.zeros(config.codes).indexAdd(0, ids, Tensor.ones(ids.numel()));
        var sums = Tensor.zerosLike(codes).indexAdd(0, ids, vectors);
        var means = config.distance.prepare(sums.div(counts.clampMin(1).unsqueeze(-1)));
        var empty = counts.eq(0.0).nonzero().flatten();
        if (empty.numel() == 0) return means;
        var nearest = near.amax(new long[] {1}, false).neg();
        var far = nearest.topk((int) empty.numel(), 0, true).indices();
        return means.indexCopy(0, empty, vectors.indexSelect(0, far));
    }

    /// How often each code was chosen.
    public CodeUsage usage(Quantized quantized) {
        return CodeUsage.of(quantized.ids(), config.codes);
    }

    /// Steps since each code was last used.
    public long[] idle() {
        return idle.toLongs();
    }

    /// Ends an optimiser step: moves averages to what the step's batches chose, counts the steps
    /// that codes were not used, and revives those whose patience is over.
    ///
    /// @param batches all that was quantised in the step
    /// @param seed for revivals; another one each step
    /// @return how many codes were revived
    /// @throws IllegalArgumentException without any vector
    public int endStep(List<Quantized> batches, Seed seed) {
        return endTurns(List.of(batches), seed);
    }

    /// [#endStep] for a codebook that was used several times in turn: averages are moved once for
    /// each turn.
    int endTurns(List<List<Quantized>> turns, Seed seed) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var chosen = turns.stream().map(this::chosen).toList();
            var counts = Tensor.zeros(config.codes);
            for (var turn : chosen) {
                var own = turn.counts(config.codes);
                if (config.averages()) gather(turn, own);
                counts.add_(own);
            }
            if (config.averages()) renew();
            idle.copy_(idle.add(1L).mul(counts.eq(0.0).to(DType.I64)));
            if (config.revival.patience() == 0) return 0;
            var latents = Tensor.cat(chosen.stream().map(Chosen::latents).toList(), 0);
            return revive(latents, counts, seed);
        }
    }

    /// Ids `(N)` and the vectors `(N, D)` that chose them.
    private record Chosen(Tensor ids, Tensor latents) {

        Tensor counts(int codes) {
            return Tensor.zeros(codes).indexAdd(0, ids, Tensor.ones(ids.numel()));
        }
    }

    private Chosen chosen(List<Quantized> batches) {
        var ids = Tensor.cat(batches.stream().map(b -> b.ids().flatten()).toList(), 0);
        var latents =
                Tensor.cat(
                        batches.stream().map(b -> b.latents().reshape(-1, config.width)).toList(),
                        0);
        var rows = ids.ge(0L).nonzero().flatten();
        if (rows.numel() == 0)
            throw new IllegalArgumentException(
                    "a step of the vector quantiser needs at least one vector, got none");
        return new Chosen(ids.indexSelect(0, rows), latents.indexSelect(0, rows));
    }

    private void gather(Chosen chosen, Tensor counts) {
        double share = 1 - config.learning.decay();
        var sums = Tensor.zerosLike(codebook).indexAdd(0, chosen.ids, chosen.latents);
        averages.get(0).lerp_(counts, share);
        averages.get(1).lerp_(sums, share);
    }

    private void renew() {
        var size = averages.get(0);
        double all = size.sum().item(), smoothing = config.learning.smoothing();
        double smoothed = all / (all + config.codes * smoothing);
        var sizes = size.add(smoothing).mul(smoothed);
        codebook.copy_(config.distance.prepare(averages.get(1).div(sizes.unsqueeze(-1))));
    }

    private int revive(Tensor latents, Tensor counts, Seed seed) {
        var dead = idle.ge((long) config.revival.patience()).nonzero().flatten();
        int many = (int) dead.numel();
        if (many == 0) return 0;
        var fresh =
                switch (config.revival.source()) {
                    case LATENTS -> draw(latents, many, seed);
                    case LIVE_CODES -> {
                        var live = codes().indexSelect(0, counts.gt(0.0).nonzero().flatten());
                        yield beside(draw(live, many, seed), seed.split("apart"));
                    }
                };
        codebook.copy_(codebook.indexCopy(0, dead, fresh));
        if (config.averages()) {
            averages.get(0).copy_(averages.get(0).indexCopy(0, dead, Tensor.ones(many)));
            averages.get(1).copy_(averages.get(1).indexCopy(0, dead, fresh));
        }
        idle.copy_(idle.indexCopy(0, dead, Tensor.zeros(DType.I64, many)));
        return many;
    }

    /// Random rows, no row twice before each was drawn once.
    private static Tensor draw(Tensor rows, int many, Seed seed) {
        int available = (int) rows.size(0);
        var order = seed.split("rows").permutation(available);
        var chosen = new long[many];
        for (int i = 0; i < many; i++) chosen[i] = order[i % available];
        return rows.indexSelect(0, Tensor.of(chosen, many));
    }

    private static Tensor beside(Tensor codes, Seed seed) {
        var lengths = codes.norm(2, new long[] {-1}, true).mul(APART / Math.sqrt(codes.size(1)));
        return codes.add(seed.normal(codes.shape()).mul(lengths));
    }
}
