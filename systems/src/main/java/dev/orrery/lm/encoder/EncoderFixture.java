package dev.orrery.lm.encoder;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.lm.ComparedModel;
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

    private static final List<String> T5 =
            List.of("T5EncoderModel", "MT5EncoderModel", "UMT5EncoderModel");
    private static final List<String> ROBERTA =
            List.of("XLMRobertaForMaskedLM", "RobertaForMaskedLM");
    private static final List<String> ENCODERS = List.of("XLMRobertaModel", "RobertaModel");

    @Override
    public String name() {
        return "text encoders (T5EncoderModel, MT5EncoderModel, UMT5EncoderModel, XLMRobertaForMaskedLM, RobertaForMaskedLM, XLMRobertaModel, RobertaModel)";
    }

    @Override
    public boolean runs(Fixture fixture) {
        return fixture.kind().equals("model")
                && (T5.contains(fixture.modelClass())
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
        if (T5.contains(fixture.modelClass())) {
            var t5 = ComparedModel.open(T5Encoder.weights(config), fixture);
            var last = t5.model().forward(ids, mask, trace);
            found.put("last_hidden_state", last);
            t5.differentiate(Reference.ramp(last, mask), found);
        } else if (ENCODERS.contains(fixture.modelClass())) {
            var compared =
                    ComparedModel.open(Roberta.encoder(config, fixture.weightsFile()), fixture);
            var encoder = compared.model();
            var last = encoder.encode(ids, mask, trace);
            found.put("last_hidden_state", last);
            if (encoder.pools()) found.put("pooler_output", encoder.pooled(last));
            compared.differentiate(Reference.ramp(last, mask), found);
        } else {
            var compared = ComparedModel.open(Roberta.weights(config), fixture);
            var roberta = compared.model();
            var last = roberta.encode(ids, mask, trace);
            var logits = roberta.logits(last);
            found.put("last_hidden_state", last);
            found.put("logits", logits);
            if (inputs.containsKey("labels")) {
                var labels = inputs.get("labels").flatten(0, 1);
                var loss = Functional.crossEntropy(logits.flatten(0, 1), labels, -100, 0);
                compared.differentiate(loss, found);
            }
        }
        found.putAll(trace.found());
        return found;
    }
}
