package dev.orrery.quantize;

import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;

/// Takes the sign of each channel; the signs are the code's bits, and there is no codebook to
/// learn.
///
/// Ids have the first channel's sign as their highest bit; 0 counts as negative. Gradients pass
/// straight through. The loss is `entropy (H(code | vector) - diversity H(code)) + commitment ‖x -
/// sg(c)‖²`: each vector is sure of its code, and all codes are used.
///
/// Source: arXiv:2310.05737; spherical arXiv:2406.07548.
public final class LookupFreeQuantizer extends Module {

    /// Beyond, the loss would need too large a table of codes.
    private static final int MOST = 18;

    private static final double LEAST = 1e-5;

    /// @param entropy weight of both entropies
    /// @param diversity weight of the batch's entropy within that
    /// @param commitment weight of the squared distance to the code
    /// @param inverseTemperature how sharply nearness becomes probability
    public record Objective(
            double entropy, double diversity, double commitment, double inverseTemperature) {

        /// Entropies 0.1, commitment 0.25, inverse temperature 100.
        public static Objective usual() {
            return new Objective(0.1, 1, 0.25, 100);
        }
    }

    /// @param bits channels of a code, 1 to 18
    /// @param codebooks codes for each vector
    /// @param scale what channels become, up to the sign
    /// @param spherical whether vectors and codes are brought to the length `scale` first
    /// @param objective weights of the loss
    public record Config(
            int bits, int codebooks, double scale, boolean spherical, Objective objective) {

        public Config {
            if (bits < 1 || bits > MOST || codebooks < 1 || !(scale > 0))
                throw new IllegalArgumentException(
                        "%d codebooks of %d bits at scale %s; needed are 1 or more of 1 to %d bits at a scale above 0"
                                .formatted(codebooks, bits, scale, MOST));
        }

        /// One codebook at scale 1 with the usual weights.
        public static Config of(int bits) {
            return new Config(bits, 1, 1, false, Objective.usual());
        }

        /// Codes in a codebook.
        public int codes() {
            return 1 << bits;
        }

        int width() {
            return bits * codebooks;
        }
    }

    /// Vectors, their codes, and the terms of the loss.
    ///
    /// @param ids I64 `(...)`, or `(..., C)` of C codebooks if there are several
    /// @param embedding the codes, `(..., C bits)`
    /// @param loss the weighted sum of the rest
    /// @param sampleEntropy mean entropy of a vector's code in nats
    /// @param batchEntropy entropy of the codes of all vectors in nats
    /// @param commitment mean squared distance to the code
    public record Signs(
            Tensor ids,
            Tensor embedding,
            Tensor loss,
            Tensor sampleEntropy,
            Tensor batchEntropy,
            Tensor commitment) {}

    private final Config config;

    /// The value of each bit, I64.
    private final Tensor values;

    /// All codes, `(K, bits)`.
    private final Tensor table;

    /// A quantiser without any parameters.
    public LookupFreeQuantizer(Config config) {
        this.config = config;
        var powers = new long[config.bits];
        for (int i = 0; i < powers.length; i++) powers[i] = 1L << powers.length - 1 - i;
        values = constant("values", Tensor.of(powers, powers.length));
        table = constant("table", codes(Tensor.arange(config.codes())));
    }

    /// The settings.
    public Config config() {
        return config;
    }

    /// Takes signs of vectors `(..., C bits)`.
    ///
    /// @throws IllegalArgumentException if they have another number of channels
    public Signs forward(Tensor x) {
        var vectors = split(x);
        return signs(vectors, vectors.flatten(0, -3));
    }

    /// Takes signs of vectors `(..., C bits)`; only some of them count in the loss.
    ///
    /// @param mask BOOL `(...)`, true for vectors that count
    public Signs forward(Tensor x, Tensor mask) {
        var vectors = split(x);
        var rows = mask.flatten().nonzero().flatten();
        return signs(vectors, vectors.flatten(0, -3).indexSelect(0, rows));
    }

    private Tensor split(Tensor x) {
        Codebook.checkWidth(x, config.width(), "the lookup-free quantiser");
        var shaped =
                (x.rank() == 1 ? x.unsqueeze(0) : x).unflatten(-1, config.codebooks, config.bits);
        return onSphere(shaped);
    }

    private Tensor onSphere(Tensor vectors) {
        return config.spherical ? Functional.normalize(vectors, -1).mul(config.scale) : vectors;
    }

    private Signs signs(Tensor vectors, Tensor counted) {
        var positive = vectors.gt(0.0);
        var ids = positive.to(DType.I64).mul(values).sum(-1, false);
        var quantized = quantized(positive, vectors.dtype());
        var through = vectors.add(quantized.sub(vectors).detach());
        var commitment = Functional.mseLoss(counted, quantized(counted.gt(0.0), counted.dtype()));
        var weights = config.objective;
        var sure = counted.matmul(table.t()).mul(2.0).mul(weights.inverseTemperature).softmax(-1);
        var sample = entropy(sure).mean();
        var batch = entropy(sure.mean(0, false)).mean();
        var loss =
                sample.sub(batch.mul(weights.diversity))
                        .mul(weights.entropy)
                        .add(commitment, weights.commitment);
        return new Signs(
                config.codebooks == 1 ? ids.squeeze(-1) : ids,
                through.flatten(-2, -1),
                loss,
                sample,
                batch,
                commitment);
    }

    private Tensor quantized(Tensor positive, DType dtype) {
        return onSphere(positive.to(dtype).mul(2 * config.scale).sub(config.scale)).detach();
    }

    private static Tensor entropy(Tensor shares) {
        return shares.neg().mul(shares.clampMin(LEAST).log()).sum(-1, false);
    }

    /// The codes of ids `(...)`, or `(..., C)` if there are several codebooks, `(..., C bits)`.
    ///
    /// @throws IllegalArgumentException for an id that is no code
    public Tensor lookup(Tensor ids) {
        var codes = codes(Codebook.checked(ids, config.codes()));
        return config.codebooks == 1 ? codes : codes.flatten(-2, -1);
    }

    private Tensor codes(Tensor ids) {
        var bits = ids.unsqueeze(-1).floorDivide(values).remainder(2L).to(DType.F32);
        return onSphere(bits.mul(2 * config.scale).sub(config.scale));
    }
}
