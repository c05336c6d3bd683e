package dev.orrery.vision.vqgan;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.lm.Backbone;
import dev.orrery.lm.ComparedModel;
import dev.orrery.lm.ComparedPass;
import dev.orrery.lm.PublicConfig;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Fixtures of image tokenizers: Janus' and Chameleon's.
public final class VqganFixture implements Backbone {

    private static final String JANUS = "JanusVQVAE", CHAMELEON = "ChameleonVQVAE";

    @Override
    public String name() {
        return "image tokenizers (JanusVQVAE, ChameleonVQVAE)";
    }

    @Override
    public boolean isOf(Fixture fixture) {
        return List.of(JANUS, CHAMELEON).contains(fixture.modelClass());
    }

    @Override
    public ComparedPass open(Fixture fixture) {
        return ComparedModel.open(Vqgan.weights(PublicConfig.read(fixture.config())), fixture)
                .passing("pre_quant", model -> pass(model, fixture.inputs()));
    }

    private static Map<String, Tensor> pass(Vqgan model, Map<String, Tensor> in) {
        var images = in.get("pixel_values");
        var encoded = model.encode(images);
        var codes = model.quantize(encoded.latents());
        var found = new LinkedHashMap<String, Tensor>();
        found.put("encoder_out", encoded.encoded());
        found.put("pre_quant", encoded.latents());
        found.put("quantized", codes.quantized());
        found.put("indices", codes.indices());
        found.put("embedding_loss", codes.loss());
        found.put("loss", loss(model, in, codes, found));
        return found;
    }

    private static Tensor loss(
            Vqgan model, Map<String, Tensor> in, Vqgan.Codes codes, Map<String, Tensor> found) {
        if (!model.config().decodes()) {
            var q = codes.quantized();
            return q.square().mul(q).mean().add(codes.loss());
        }
        var decoded = model.decode(codes.quantized());
        found.put("decoded_straight_through", decoded);
        long rows = codes.quantized().size(2);
        try (var _ = Grad.disabled()) {
            found.put("decoded_from_indices", model.decodeCodes(codes.indices(), rows));
            var tokens = in.get("tokens");
            if (tokens != null) {
                found.put("decoded_from_tokens", model.decodeCodes(tokens, rows));
            }
        }
        return decoded.sub(in.get("pixel_values")).square().mean().add(codes.loss());
    }
}
