package dev.orrery.lm.decoder;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.lm.Backbone;
import dev.orrery.lm.ComparedModel;
import dev.orrery.lm.ComparedPass;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Reference;
import dev.orrery.lm.Trace;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Fixtures of decoder-only language models: one teacher-forced pass with its loss and gradients,
/// and greedy decoding with a cache.
public final class CausalLmFixture implements Backbone {

    @Override
    public String name() {
        return "decoders ("
                + Arrays.stream(DecoderFamily.values())
                        .map(DecoderFamily::architecture)
                        .collect(Collectors.joining(", "))
                + ")";
    }

    @Override
    public boolean isOf(Fixture fixture) {
        // a language model may be a part of what the fixture is of, which the configuration tells
        return (fixture.modelClass().isEmpty()
                        || isOf(fixture, DecoderFamily::architecture)
                        || isBare(fixture))
                && Files.isRegularFile(fixture.config())
                && DecoderFamily.knows(PublicConfig.read(fixture.config()).text("model_type", ""));
    }

    /// Whether it is of a transformer without its output layer.
    private static boolean isBare(Fixture fixture) {
        return isOf(fixture, DecoderFamily::transformer);
    }

    private static boolean isOf(Fixture fixture, Function<DecoderFamily, String> name) {
        return Arrays.stream(DecoderFamily.values())
                .anyMatch(f -> name.apply(f).equals(fixture.modelClass()));
    }

    @Override
    public ComparedPass open(Fixture fixture) {
        var config = PublicConfig.read(fixture.config());
        boolean bare = isBare(fixture);
        return ComparedModel.open(
                        bare ? CausalLm.transformer(config) : CausalLm.weights(config), fixture)
                .passing(bare ? "last_hidden_state" : "logits", lm -> pass(fixture, lm, bare));
    }

    private static Map<String, Tensor> pass(Fixture fixture, CausalLm lm, boolean bare) {
        var inputs = fixture.inputs();
        var trace = Trace.recording();
        var ids = inputs.get("input_ids");
        var pass = DecoderPass.whole(ids.size(1)).shown(trace);
        if (inputs.containsKey("position_ids")) pass = pass.at(inputs.get("position_ids"));
        var mask = inputs.getOrDefault("attention_mask", Tensor.ones(DType.I64, ids.shape()));
        var hidden = lm.model().forward(lm.model().embed(ids), pass.padded(mask));
        var found = new LinkedHashMap<>(trace.found());
        found.put("last_hidden_state", hidden);
        if (bare) {
            found.put("loss", Reference.ramp(hidden, mask));
            return found;
        }
        var logits = lm.logits(hidden);
        found.put("logits", logits);
        if (inputs.containsKey("labels")) {
            found.put("loss", CausalLm.loss(logits, inputs.get("labels")));
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
