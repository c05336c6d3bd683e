package dev.orrery.audio;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.lm.Backbone;
import dev.orrery.lm.ComparedModel;
import dev.orrery.lm.ComparedPass;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Reference;
import dev.orrery.lm.Trace;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// Fixtures of speech encoders: wav2vec 2.0 with its CTC head or without.
public final class SpeechFixture implements Backbone {

    private static final String CTC = "Wav2Vec2ForCTC", ENCODER = "Wav2Vec2Model";

    @Override
    public String name() {
        return "speech encoders (Wav2Vec2ForCTC, Wav2Vec2Model)";
    }

    @Override
    public boolean isOf(Fixture fixture) {
        return fixture.modelClass().equals(CTC) || fixture.modelClass().equals(ENCODER);
    }

    @Override
    public ComparedPass open(Fixture fixture) {
        var config = PublicConfig.read(fixture.config());
        boolean bare = fixture.modelClass().equals(ENCODER);
        return ComparedModel.open(
                        bare ? Wav2Vec2.encoder(config) : Wav2Vec2.weights(config), fixture)
                .passing(
                        bare ? "last_hidden_state" : "logits",
                        model -> pass(model, fixture.inputs(), bare));
    }

    private static Map<String, Tensor> pass(Wav2Vec2 model, Map<String, Tensor> in, boolean bare) {
        var trace = Trace.recording();
        var waveform = in.get("input_values");
        var mask = in.getOrDefault("attention_mask", Tensor.ones(DType.I64, waveform.shape()));
        var lengths = mask.to(DType.I64).sum(1, false).toLongs();
        var heard = model.forward(waveform, lengths, trace);
        var found = new LinkedHashMap<>(trace.found());
        found.put("conv_features", heard.convolved());
        found.put("extract_features", heard.features());
        found.put("last_hidden_state", heard.hidden());
        if (bare) {
            found.put("loss", Reference.ramp(heard.hidden()));
            return found;
        }
        var logits = model.logits(heard.hidden());
        found.put("logits", logits);
        if (in.containsKey("labels")) {
            found.put("loss", model.loss(logits, in.get("labels"), lengths));
        }
        return found;
    }
}
