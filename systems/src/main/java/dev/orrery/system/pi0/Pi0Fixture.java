package dev.orrery.system.pi0;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Computes what a reference implementation recorded, from the same weights and inputs, so that the
/// two can be compared. Names, times and signs here are the reference's: noise at 1, data at 0.
public final class Pi0Fixture {

    private static final String GRADIENT = "grad.";
    private static final Pattern STEPS = Pattern.compile("\\.(\\d+)_steps$");

    private Pi0Fixture() {}

    /// The tensors called `wanted`, as far as a π0 network can give them.
    ///
    /// @param inputs `images.{i}`, `img_masks.{i}`, `lang_tokens`, `lang_masks`, `actions`,
    ///   `noise`, `time`, `sample_noise` and, for π0, `state`
    public static Map<String, Tensor> outputs(
            Pi0 pi0, Map<String, Tensor> inputs, Set<String> wanted) {
        var found = new LinkedHashMap<String, Tensor>();
        var prompt = prompt(inputs);
        long batch = inputs.get("lang_tokens").size(0);
        var state =
                inputs.getOrDefault("state", Tensor.zeros(batch, pi0.config().io().stateDims()));
        embeddings(pi0, inputs, prompt, state, found);
        loss(pi0, inputs, prompt, state, wanted, found);
        try (var _ = Grad.disabled()) {
            for (var name : wanted) {
                var steps = STEPS.matcher(name);
                if (steps.find()) {
                    sample(pi0, inputs, prompt, state, Integer.parseInt(steps.group(1)), found);
                }
            }
        }
        found.keySet().retainAll(wanted);
        return found;
    }

    private static Pi0.Prompt prompt(Map<String, Tensor> inputs) {
        var images = new ArrayList<Tensor>();
        var seen = new ArrayList<Tensor>();
        for (int i = 0; inputs.containsKey("images." + i); i++) {
            images.add(inputs.get("images." + i));
            seen.add(inputs.get("img_masks." + i).to(DType.BOOL));
        }
        return new Pi0.Prompt(
                images, seen, inputs.get("lang_tokens"), inputs.get("lang_masks").to(DType.BOOL));
    }

    /// House times of the reference's.
    private static Tensor time(Map<String, Tensor> inputs) {
        return inputs.get("time").to(DType.F64).neg().add(1.0).unsqueeze(1);
    }

    private static void embeddings(
            Pi0 pi0,
            Map<String, Tensor> inputs,
            Pi0.Prompt prompt,
            Tensor state,
            Map<String, Tensor> found) {
        var prefix = pi0.embed(prompt);
        var time = time(inputs);
        var noisy =
                Pi0.path(
                        inputs.get("actions").unsqueeze(1), inputs.get("noise").unsqueeze(1), time);
        var timing = pi0.timing(time);
        var suffix = pi0.embed(noisy, timing);
        var tokens = suffix.tokens();
        switch (pi0.config().variant()) {
            case PI0 -> tokens = Tensor.cat(List.of(pi0.embedState(state), tokens), 1);
            case PI05 -> found.put("adarms_cond", timing.squeeze(2).squeeze(1));
        }
        var layout = pi0.layout(prefix.real(), tokens.size(1), Pi0.Visibility.BLOCKWISE);
        found.put("prefix_embs", prefix.embeddings());
        found.put("prefix_pad_masks", prefix.real());
        found.put("suffix_embs", tokens);
        found.put("attention_allowed", layout.allowed());
        found.put("position_ids", layout.positions());
        found.put("x_t", noisy.squeeze(1));
    }

    private static void loss(
            Pi0 pi0,
            Map<String, Tensor> inputs,
            Pi0.Prompt prompt,
            Tensor state,
            Set<String> wanted,
            Map<String, Tensor> found) {
        var seen = pi0.observe(pi0.encode(prompt), state);
        var errors =
                pi0.errors(
                        seen,
                        inputs.get("actions").unsqueeze(1),
                        inputs.get("noise").unsqueeze(1),
                        time(inputs));
        var loss = errors.mean();
        found.put("loss_elements", errors.squeeze(1));
        found.put("loss", loss);
        loss.backward();
        // what the loss does not depend on has no gradient here, and one of zeros there
        var parameters = pi0.namedParameters();
        boolean separate = pi0.config().variant() == Pi0Variant.PI0;
        for (var name : wanted) {
            if (!name.startsWith(GRADIENT)) continue;
            var own = Pi0Weights.rename(name.substring(GRADIENT.length()), separate);
            var value = parameters.get(own);
            if (value == null) continue;
            found.put(name, value.hasGrad() ? value.grad() : Tensor.zerosLike(value.detach()));
        }
    }

    private static void sample(
            Pi0 pi0,
            Map<String, Tensor> inputs,
            Pi0.Prompt prompt,
            Tensor state,
            int steps,
            Map<String, Tensor> found) {
        var suffix = "." + steps + "_steps";
        if (found.containsKey("sampled_actions" + suffix)) {
            return;
        }
        var seen = pi0.observe(pi0.encode(prompt), state);
        var trace = pi0.trace(seen, inputs.get("sample_noise"), pi0.schedule(steps));
        found.put("sample_trace_x" + suffix, Tensor.stack(trace.inputs(), 1));
        found.put("sample_trace_v" + suffix, Tensor.stack(trace.velocities(), 1).neg());
        found.put("sampled_actions" + suffix, trace.result());
    }
}
