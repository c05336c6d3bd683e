package dev.orrery.lm.decoder;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Reference;
import dev.orrery.lm.Trace;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// Fixtures of decoder-only language models: one teacher-forced pass with its loss and gradients,
/// and greedy decoding with a cache.
public final class CausalLmFixture implements FixtureModel {

    @Override
    public String name() {
        return "decoders ("
                + Arrays.stream(DecoderFamily.values())
                        .map(DecoderFamily::architecture)
                        .collect(Collectors.joining(", "))
                + ")";
    }

    @Override
    public boolean runs(Fixture fixture) {
        // a language model may be a part of what the fixture is of, which the configuration tells
        return fixture.kind().equals("model")
                && Arrays.stream(DecoderFamily.values())
                        .anyMatch(f -> f.architecture().equals(fixture.modelClass()))
                && Files.isRegularFile(fixture.config())
                && DecoderFamily.knows(PublicConfig.read(fixture.config()).text("model_type", ""));
    }

    @Override
    public Map<String, Tensor> run(Fixture fixture) {
        var lm = CausalLm.open(PublicConfig.read(fixture.config()), fixture.weightsFile());
        var inputs = fixture.inputs();
        var trace = Trace.recording();
        var ids = inputs.get("input_ids");
        var pass = DecoderPass.whole(ids.size(1)).shown(trace);
        if (inputs.containsKey("position_ids")) pass = pass.at(inputs.get("position_ids"));
        var mask = inputs.getOrDefault("attention_mask", Tensor.ones(DType.I64, ids.shape()));
        var logits = lm.forward(ids, pass.padded(mask));
        var found = new LinkedHashMap<>(trace.found());
        found.put("logits", logits);
        if (inputs.containsKey("labels")) {
            Reference.differentiate(lm, CausalLm.loss(logits, inputs.get("labels")), found);
        }
        var steps = fixture.expected().get("greedy_ids");
        if (steps != null && inputs.containsKey("prompt_ids")) {
            var prompt = inputs.get("prompt_ids");
            var there = inputs.getOrDefault("prompt_mask", Tensor.ones(DType.I64, prompt.shape()));
            var greedy = Greedy.of(lm, prompt, there, (int) steps.size(1));
            found.put("greedy_ids", greedy.ids());
            found.put("greedy_step_logits", greedy.logits());
        }
        return found;
    }
}
