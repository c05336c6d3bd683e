package dev.orrery.quantize;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Terms that the library's `VectorQuantize` adds to its loss if asked, and its other commitment.
///
/// @param orthogonal weight of what draws codes apart
/// @param active whether only codes that were chosen are drawn apart
/// @param diverse weight of what makes all codes likely
/// @param sharpness factor on nearness before it becomes probability there
/// @param crossEntropy whether vectors are committed by the probability of their code
record LossTerms(
        double orthogonal, boolean active, double diverse, double sharpness, boolean crossEntropy) {

    private static final double LEAST = 1e-5;

    static LossTerms of(LibrarySettings settings) {
        int most = settings.whole("orthogonal_reg_max_codes", Integer.MAX_VALUE);
        double orthogonal = settings.number("orthogonal_reg_weight", 0);
        if (orthogonal > 0 && most < settings.whole("codebook_size"))
            throw settings.unsupported(
                    "orthogonal_reg_max_codes", "codes would be drawn at random; leave it out");
        return new LossTerms(
                orthogonal,
                settings.flag("orthogonal_reg_active_codes_only", false),
                settings.number("codebook_diversity_loss_weight", 0),
                settings.number("codebook_diversity_temperature", 100),
                settings.flag("commitment_use_cross_entropy_loss", false));
    }

    /// Whether the loss depends on how near all codes are.
    boolean usesDistances() {
        return crossEntropy || diverse > 0;
    }

    /// Mean cross entropy of the codes of vectors `(..., D)`.
    static Tensor crossEntropy(VectorQuantizer quantizer, Tensor vectors, Tensor ids) {
        return Functional.crossEntropy(nearness(quantizer, vectors), ids.flatten());
    }

    private static Tensor nearness(VectorQuantizer quantizer, Tensor vectors) {
        var flat = quantizer.prepare(vectors).reshape(-1, vectors.size(-1));
        // averages move in place before gradients are taken
        var codes = leaf(quantizer);
        return quantizer.config().distance().nearness(flat, codes);
    }

    /// A codebook that gathers gradients: itself if it learns by them, else a copy.
    static Tensor leaf(VectorQuantizer quantizer) {
        return quantizer.config().learning().rule() == CodebookLearning.Rule.GRADIENT
                ? quantizer.codes()
                : quantizer.codes().detach().copy();
    }

    /// What follows from how near vectors are to codes, before codes move: for each place of a
    /// sequence, the entropy of what batch and heads choose there.
    ///
    /// @param parts `(B, ..., N, D)` of one codebook, or `(B, ..., D)` each of several
    Tensor ofDistances(List<VectorQuantizer> quantizers, List<Tensor> parts) {
        if (diverse == 0) return Tensor.zeros();
        var sum = Tensor.zeros();
        for (int h = 0; h < parts.size(); h++) {
            var part = parts.size() > 1 ? parts.get(h).unsqueeze(-2) : parts.get(h);
            long batch = part.size(0), heads = part.size(-2);
            long places = part.numel() / (batch * heads * part.size(-1));
            var shares = nearness(quantizers.get(h), part).mul(sharpness).softmax(-1);
            sum = sum.add(shares.reshape(batch, places, heads, -1).mean(2, false).mean(0, false));
        }
        var shares = sum.div(parts.size());
        var entropy = shares.neg().mul(shares.clampMin(LEAST).log()).sum(-1, false).mean();
        return entropy.mul(-diverse);
    }

    /// What follows from the codes as a step leaves them.
    ///
    /// @param codebooks of the quantisers
    /// @param done what each chose
    Tensor ofCodes(List<Tensor> codebooks, List<Quantized> done) {
        if (orthogonal == 0) return Tensor.zeros();
        var sum = Tensor.zeros();
        long many = 0;
        for (int h = 0; h < codebooks.size(); h++) {
            var codes = codebooks.get(h);
            if (active) {
                var chosen =
                        Arrays.stream(done.get(h).ids().toLongs())
                                .filter(id -> id >= 0)
                                .distinct()
                                .sorted()
                                .toArray();
                codes = codes.indexSelect(0, Tensor.of(chosen, chosen.length));
            }
            many = codes.size(0);
            var unit = Functional.normalize(codes, -1);
            sum = sum.add(unit.matmul(unit.t()).square().sum());
        }
        var overlap = sum.div((double) codebooks.size() * many * many).sub(1.0 / many);
        return overlap.mul(orthogonal);
    }
}
