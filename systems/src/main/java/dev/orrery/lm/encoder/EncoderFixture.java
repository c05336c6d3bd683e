package dev.orrery.lm.encoder;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.lm.Backbone;
import dev.orrery.lm.ComparedModel;
import dev.orrery.lm.ComparedPass;
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
public final class EncoderFixture implements Backbone {

    private static final String HIDDEN = "last_hidden_state";
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
    public boolean isOf(Fixture fixture) {
        return T5.contains(fixture.modelClass())
                || ROBERTA.contains(fixture.modelClass())
                || ENCODERS.contains(fixture.modelClass());
    }

    @Override
    public ComparedPass open(Fixture fixture) {
        var config = PublicConfig.read(fixture.config());
        var in = fixture.inputs();
        if (T5.contains(fixture.modelClass())) {
            return ComparedModel.open(T5Encoder.weights(config), fixture)
                    .passing(HIDDEN, t5 -> hidden(t5, in));
        }
        return ENCODERS.contains(fixture.modelClass())
                ? ComparedModel.open(Roberta.encoder(config, fixture.weightsFile()), fixture)
                        .passing(HIDDEN, roberta -> hidden(roberta, in))
                : ComparedModel.open(Roberta.weights(config), fixture)
                        .passing("logits", roberta -> logits(roberta, in));
    }

    private static Map<String, Tensor> hidden(T5Encoder t5, Map<String, Tensor> in) {
        var trace = Trace.recording();
        var mask = mask(in);
        var last = t5.forward(in.get("input_ids"), mask, trace);
        var found = new LinkedHashMap<>(trace.found());
        found.put(HIDDEN, last);
        found.put("loss", Reference.ramp(last, mask));
        return found;
    }

    private static Map<String, Tensor> hidden(Roberta encoder, Map<String, Tensor> in) {
        var trace = Trace.recording();
        var mask = mask(in);
        var last = encoder.encode(in.get("input_ids"), mask, trace);
        var found = new LinkedHashMap<>(trace.found());
        found.put(HIDDEN, last);
        if (encoder.pools()) found.put("pooler_output", encoder.pooled(last));
        found.put("loss", Reference.ramp(last, mask));
        return found;
    }

    private static Map<String, Tensor> logits(Roberta roberta, Map<String, Tensor> in) {
        var trace = Trace.recording();
        var last = roberta.encode(in.get("input_ids"), mask(in), trace);
        var logits = roberta.logits(last);
        var found = new LinkedHashMap<>(trace.found());
        found.put(HIDDEN, last);
        found.put("logits", logits);
        if (in.containsKey("labels")) {
            var labels = in.get("labels").flatten(0, 1);
            found.put("loss", Functional.crossEntropy(logits.flatten(0, 1), labels, -100, 0));
        }
        return found;
    }

    private static Tensor mask(Map<String, Tensor> in) {
        return in.getOrDefault(
                "attention_mask", Tensor.ones(DType.I64, in.get("input_ids").shape()));
    }
}
