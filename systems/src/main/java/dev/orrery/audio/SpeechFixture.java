package dev.orrery.audio;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Reference;
import dev.orrery.lm.Trace;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// Fixtures of speech encoders: wav2vec 2.0 with its CTC head.
public final class SpeechFixture implements FixtureModel {

    private static final String CTC = "Wav2Vec2ForCTC";

    @Override
    public String name() {
        return "speech encoders (Wav2Vec2ForCTC)";
    }

    @Override
    public boolean runs(Fixture fixture) {
        return fixture.modelClass().equals(CTC);
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var config = PublicConfig.read(fixture.config());
        var reduction = config.text("ctc_loss_reduction", "sum");
        if (!reduction.equals("sum")) {
            throw config.wrong(
                    "ctc_loss_reduction",
                    "is '%s'; the loss is built as a sum".formatted(reduction));
        }
        var model = Wav2Vec2.open(config, fixture.weightsFile());
        var in = fixture.inputs();
        var trace = Trace.recording();
        var waveform = in.get("input_values");
        var mask = in.getOrDefault("attention_mask", Tensor.ones(DType.I64, waveform.shape()));
        var lengths = mask.to(DType.I64).sum(1, false).toLongs();
        var heard = model.forward(waveform, lengths, trace);
        var logits = model.logits(heard.hidden());
        var found = new LinkedHashMap<>(trace.found());
        found.put("conv_features", heard.convolved());
        found.put("extract_features", heard.features());
        found.put("last_hidden_state", heard.hidden());
        found.put("logits", logits);
        if (in.containsKey("labels")) {
            Reference.differentiate(model, model.loss(logits, in.get("labels"), lengths), found);
        }
        return found;
    }
}
