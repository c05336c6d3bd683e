package dev.orrery.quantize;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.quantize.Frame.Projection;
import dev.orrery.quantize.LookupFreeQuantizer.Objective;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The library's `LFQ` in training, as a [LookupFreeQuantizer].
final class LfqFixture {

    private final int codebooks;
    private final boolean listed, softplus;
    private final Optional<Boolean> channelsFirst;
    private final double softClamp, offset;
    private final LookupFreeQuantizer quantizer;
    private final Frame frame;

    private LfqFixture(LibrarySettings settings) {
        int bits =
                settings.has("codebook_size")
                        ? bits(settings)
                        : settings.whole("dim") / settings.whole("num_codebooks", 1);
        codebooks = settings.whole("num_codebooks", 1);
        listed = settings.flag("keep_num_codebooks_dim", codebooks > 1);
        channelsFirst = settings.flag("channel_first");
        softClamp = settings.number("soft_clamp_input_value", 0);
        softplus = settings.flag("experimental_softplus_entropy_loss", false);
        offset = settings.number("entropy_loss_offset", 5);
        settings.only("frac_per_sample_entropy", 1);
        settings.ignore("force_quantization_f32");
        double scale = settings.number("codebook_scale", 1);
        var objective = objective(settings);
        quantizer =
                new LookupFreeQuantizer(
                        new LookupFreeQuantizer.Config(
                                bits,
                                codebooks,
                                scale,
                                settings.flag("spherical", false),
                                objective));
        frame = frame(settings, bits, scale);
    }

    static Objective objective(LibrarySettings settings) {
        return new Objective(
                settings.number("entropy_loss_weight", 0.1),
                settings.number("diversity_gamma", 1),
                settings.number("commitment_loss_weight", 0),
                settings.number("inv_temperature", 100));
    }

    private Frame frame(LibrarySettings settings, int bits, double scale) {
        boolean biased = settings.flag("projection_has_bias", true);
        int width = settings.whole("dim", bits * codebooks);
        boolean cosine = settings.flag("cosine_sim_project_in", false);
        if (cosine && !biased)
            throw settings.unsupported("projection_has_bias", "not with cosine_sim_project_in");
        var projection =
                cosine ? Projection.COSINE : biased ? Projection.LINEAR : Projection.UNBIASED;
        var config =
                new Frame.Config(
                        width,
                        bits,
                        codebooks,
                        projection,
                        settings.number("cosine_sim_project_in_scale", scale),
                        settings.flag("orthogonal_rotation", false));
        return new Frame(config, settings.flag("has_projections", width != config.inner()));
    }

    private static int bits(LibrarySettings settings) {
        int codes = settings.whole("codebook_size");
        if (Integer.bitCount(codes) != 1)
            throw settings.unsupported("codebook_size", "use a power of 2");
        return Integer.numberOfTrailingZeros(codes);
    }

    static Map<String, Tensor> run(Fixture fixture, LibrarySettings settings) {
        var model = new LfqFixture(settings);
        settings.finish("LFQ");
        QuantizerFixture.load(model.frame, fixture);
        return model.outputs(fixture.inputs());
    }

    private Map<String, Tensor> outputs(Map<String, Tensor> inputs) {
        var x = QuantizerFixture.leaf(inputs, "x", "z");
        boolean moved = channelsFirst.orElse(x.rank() >= 4);
        var projected = clamp(frame.project(moved ? x.movedim(1, -1) : x));
        var vectors = frame.split(projected).flatten(-2, -1);
        var mask = inputs.get("mask");
        var signs =
                mask == null
                        ? quantizer.forward(vectors)
                        : unaveraged(quantizer.forward(vectors, mask.to(DType.BOOL)), objective());
        int bits = quantizer.config().bits();
        var joined = frame.join(signs.embedding().unflatten(-1, codebooks, bits));
        var out = moved ? joined.movedim(-1, 1) : joined;
        boolean one = codebooks == 1;
        var loss = softplus ? softened(signs) : signs.loss();
        var found = new LinkedHashMap<String, Tensor>();
        found.put("quantized", out.detach());
        found.put("indices", one && listed ? signs.ids().unsqueeze(-1) : signs.ids());
        found.put("per_sample_entropy", signs.sampleEntropy());
        found.put("batch_entropy", signs.batchEntropy());
        found.put("commitment", objective().commitment() > 0 ? signs.commitment() : Tensor.zeros());
        found.put("aux_loss", loss);
        QuantizerFixture.differentiate(out, loss, inputs, x, found);
        QuantizerFixture.gradients(frame, found);
        return found;
    }

    /// Where there is a mask, the library takes the batch's entropy without averaging over the
    /// batch, so that it is the vectors' mean entropy.
    static LookupFreeQuantizer.Signs unaveraged(LookupFreeQuantizer.Signs s, Objective weights) {
        var loss =
                s.sampleEntropy()
                        .mul(weights.entropy() * (1 - weights.diversity()))
                        .add(s.commitment(), weights.commitment());
        return new LookupFreeQuantizer.Signs(
                s.ids(), s.embedding(), loss, s.sampleEntropy(), s.sampleEntropy(), s.commitment());
    }

    private Objective objective() {
        return quantizer.config().objective();
    }

    private Tensor clamp(Tensor x) {
        return softClamp == 0 ? x : x.div(softClamp).tanh().mul(softClamp);
    }

    private Tensor softened(LookupFreeQuantizer.Signs signs) {
        var weights = objective();
        var entropies = signs.sampleEntropy().sub(signs.batchEntropy().mul(weights.diversity()));
        return Functional.softplus(entropies.add(offset))
                .mul(weights.entropy())
                .add(signs.commitment(), weights.commitment());
    }
}
