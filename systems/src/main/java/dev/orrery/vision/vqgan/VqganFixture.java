package dev.orrery.vision.vqgan;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.lm.ComparedModel;
import dev.orrery.lm.PublicConfig;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Fixtures of image tokenizers: Janus' and Chameleon's.
public final class VqganFixture implements FixtureModel {

    private static final String JANUS = "JanusVQVAE", CHAMELEON = "ChameleonVQVAE";

    @Override
    public String name() {
        return "image tokenizers (JanusVQVAE, ChameleonVQVAE)";
    }

    @Override
    public boolean runs(Fixture fixture) {
        return List.of(JANUS, CHAMELEON).contains(fixture.modelClass());
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var compared =
                ComparedModel.open(Vqgan.weights(PublicConfig.read(fixture.config())), fixture);
        var model = compared.model();
        var in = fixture.inputs();
        var images = in.get("pixel_values");
        var encoded = model.encode(images);
        var codes = model.quantize(encoded.latents());
        var found = new LinkedHashMap<String, Tensor>();
        found.put("encoder_out", encoded.encoded());
        found.put("pre_quant", encoded.latents());
        found.put("quantized", codes.quantized());
        found.put("indices", codes.indices());
        found.put("embedding_loss", codes.loss());
        compared.differentiate(loss(fixture, model, images, codes, found), found);
        return found;
    }

    private static Tensor loss(
            Fixture fixture,
            Vqgan model,
            Tensor images,
            Vqgan.Codes codes,
            Map<String, Tensor> found) {
        if (!model.config().decodes()) {
            var q = codes.quantized();
            return q.square().mul(q).mean().add(codes.loss());
        }
        var decoded = model.decode(codes.quantized());
        found.put("decoded_straight_through", decoded);
        long rows = codes.quantized().size(2);
        try (var _ = Grad.disabled()) {
            found.put("decoded_from_indices", model.decodeCodes(codes.indices(), rows));
            var tokens = fixture.inputs().get("tokens");
            if (tokens != null) {
                found.put("decoded_from_tokens", model.decodeCodes(tokens, rows));
            }
        }
        return decoded.sub(images).square().mean().add(codes.loss());
    }
}
