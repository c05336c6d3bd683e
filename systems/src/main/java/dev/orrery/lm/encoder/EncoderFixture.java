package dev.orrery.lm.encoder;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Reference;
import dev.orrery.lm.Trace;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Fixtures of text encoders: T5 and RoBERTa.
public final class EncoderFixture implements FixtureModel {

    private static final String T5 = "T5EncoderModel";
    private static final List<String> ROBERTA =
            List.of("XLMRobertaForMaskedLM", "RobertaForMaskedLM");
    private static final List<String> ENCODERS = List.of("XLMRobertaModel", "RobertaModel");

    @Override
    public String name() {
        return "text encoders (T5EncoderModel, XLMRobertaForMaskedLM, RobertaForMaskedLM, XLMRobertaModel, RobertaModel)";
    }

    @Override
    public boolean runs(Fixture fixture) {
        return fixture.kind().equals("model")
                && (fixture.modelClass().equals(T5)
                        || ROBERTA.contains(fixture.modelClass())
                        || ENCODERS.contains(fixture.modelClass()));
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var config = PublicConfig.read(fixture.config());
        var inputs = fixture.inputs();
        var ids = inputs.get("input_ids");
        var mask = inputs.getOrDefault("attention_mask", Tensor.ones(DType.I64, ids.shape()));
        var trace = Trace.recording();
        var found = new LinkedHashMap<String, Tensor>();
        if (fixture.modelClass().equals(T5)) {
            var t5 = T5Encoder.open(config, fixture.weightsFile());
            var last = t5.forward(ids, mask, trace);
            found.put("last_hidden_state", last);
            Reference.differentiate(t5, ramp(last, mask), found);
        } else if (ENCODERS.contains(fixture.modelClass())) {
            var encoder = Roberta.openEncoder(config, fixture.weightsFile());
            var last = encoder.encode(ids, mask, trace);
            found.put("last_hidden_state", last);
            if (encoder.pools()) found.put("pooler_output", encoder.pooled(last));
        } else {
            var roberta = Roberta.open(config, fixture.weightsFile());
            var last = roberta.encode(ids, mask, trace);
            var logits = roberta.logits(last);
            found.put("last_hidden_state", last);
            found.put("logits", logits);
            if (inputs.containsKey("labels")) {
                var labels = inputs.get("labels").flatten(0, 1);
                var loss = Functional.crossEntropy(logits.flatten(0, 1), labels, -100, 0);
                Reference.differentiate(roberta, loss, found);
            }
        }
        found.putAll(trace.found());
        return found;
    }

    /// The scalar that T5 fixtures differentiate: squares of what is not padding, weighted along
    /// the channels from -1 to 1.
    private static Tensor ramp(Tensor last, Tensor mask) {
        var weights = Tensor.linspace(-1, 1, last.size(2)).to(DType.F32);
        return last.mul(mask.to(DType.F32).unsqueeze(-1)).square().mul(weights).mean();
    }
}
